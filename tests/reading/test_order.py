"""What the benchmark calls order, by hand."""

from bench.reading import in_order


def split(text: str, *, reference: bool = False) -> list[str]:
    return text.split()


def test_paragraphs_in_another_order_are_counted_and_those_not_found_are_not() -> None:
    a, b, c = (" ".join(f"{word}{i}" for i in range(12)) for word in ("first", "second", "third"))
    missing = " ".join(f"missing{i}" for i in range(12))
    reference = "\n\n".join([a, missing, b, c])
    assert in_order(f"{a} {b} {c}", reference, split)[0] == [True, True]
    assert in_order(f"{b} {a} {c}", reference, split)[0] == [False, True]
    assert in_order(f"{a} {c}", reference, split)[0] == [True]
