import dataclasses

from digest.publishing import render_run_report
from digest.records import Counts
from tests.publishing.examples import REASON, morning


def rows(report: str, heading: str) -> list[tuple[str, ...]]:
    table = report.split(f"## {heading}\n")[1].split("##", maxsplit=1)[0]
    return [tuple(cell.strip("* ") for cell in line.strip("|").split("|")) for line in table.splitlines() if line.startswith("|")][2:]


def test_the_run_report_looks_as_reviewed(golden):
    golden("publishing/run-report.md", render_run_report(morning()))


def test_the_counts_add_up():
    *steps, total = rows(render_run_report(morning()), "数目")
    assert sum(int(n) for _, n in steps) == int(total[1]) == 37


def test_papers_that_the_counts_lose_get_a_line_of_their_own():
    digest = dataclasses.replace(morning(), counts=Counts(scanned=10, chosen=2, below=5))
    *steps, total = rows(render_run_report(digest), "数目")
    assert ("未归类", "3") in steps
    assert sum(int(n) for _, n in steps) == int(total[1]) == 10


def test_sources_add_up_although_one_paper_came_twice():
    digest = dataclasses.replace(morning(), counts=Counts(scanned=10, below=10, by_source={"arxiv": 8, "hf": 4}))
    *sources, total = rows(render_run_report(digest), "来源")
    assert sources == [("arXiv", "8"), ("HF Daily", "4"), ("来源之间重复", "-2")]
    assert sum(int(n) for _, n in sources) == int(total[1]) == 10


def test_technical_reasons_stand_here_by_what_happens_next():
    again, final = render_run_report(morning()).split("## 没有完成，下次再试")[1].split("## 跳过，不再重试")
    assert REASON in again
    assert "HTTP 503 after 3 tries" in again
    assert "the PDF needs a password" in final
