"""Main results told from small tables that a reader can check by eye."""

from digest.comparison import comparisons
from digest.reading.results import results
from digest.records import Table


def table(*rows: tuple[str, ...], caption: str = "Results on two sets.") -> Table:
    return Table(label="Table 1", caption=caption, page=5, rows=rows)


def told(*rows: tuple[str, ...]) -> list[str]:
    return [fact.value for fact in results([table(*rows)], "Sharp: Fast", "")]


def test_a_result_stands_beside_the_strongest_other_method_and_what_is_led_comes_first():
    assert told(
        ("Method", "PSNR ↑", "LPIPS ↓", "SSIM ↑"),
        ("SwinIR [3]", "30.10", "0.21", "0.91"),
        ("LIIF [4]", "29.90", "0.22", "0.90"),
        ("Sharp (ours)", "30.60", "0.20", "0.89"),
    ) == ["PSNR 30.60 > SwinIR 30.10", "LPIPS 0.20 < SwinIR 0.21", "SSIM 0.89 < SwinIR 0.91"]


def test_headings_set_over_the_middle_of_their_columns_reach_as_far_as_the_lower_ones_repeat():
    found = comparisons(
        [
            table(
                ("", "", "KITTI", "", "", "DIV2K", ""),
                ("Method", "PSNR", "SSIM", "LPIPS", "PSNR", "SSIM", "LPIPS"),
                ("SwinIR", "30.1", "0.91", "0.21", "28.1", "0.81", "0.31"),
                ("Sharp", "30.6", "0.92", "0.20", "28.6", "0.82", "0.30"),
            )
        ],
        ("Sharp",),
    )
    assert [column.name for column in found] == [f"{name} {metric}" for name in ("KITTI", "DIV2K") for metric in ("PSNR", "SSIM", "LPIPS")]


def test_a_heading_of_which_nobody_can_tell_how_far_it_reaches_is_left_out():
    rows = (("", "", "KITTI", "", "DIV2K"), ("Method", "PSNR", "SSIM", "LPIPS", "FID"), ("SwinIR", "30.1", "0.91", "0.21", "9.1"))
    assert [column.name for column in comparisons([table(*rows, ("Sharp", "30.6", "0.92", "0.20", "9.0"))], ("Sharp",))] == [
        "PSNR",
        "SSIM",
        "LPIPS",
        "FID",
    ]


def test_what_no_method_is_meant_to_beat_is_no_rival():
    assert told(("Method", "Accuracy"), ("Human", "94.8"), ("SwinIR", "88.0"), ("Sharp", "90.3")) == ["Accuracy 90.3 > SwinIR 88.0"]


def test_a_table_that_was_misread_gives_no_result():
    heads = ("Method", "Accuracy 54.2 70.0")
    assert told(heads, ("SwinIR", "88.0"), ("Sharp", "90.3")) == []
    assert told(("Method", "FID"), ("SwinIR", "3.5"), ("Sharp", "56.7")) == []


def test_a_result_points_to_its_table():
    (fact,) = results([table(("Method", "PSNR"), ("SwinIR", "30.1"), ("Sharp", "30.6"))], "Sharp: Fast", "")
    assert (fact.page, fact.quote, fact.own) == (5, "Table 1. Results on two sets.", True)
