"""Whether a question gets an answer: questions that the library answers, and questions that it does not, put to the engine that quotes.

Usage: python -m bench asking
The library is that of `python -m bench search`, and so are the questions with an answer; the others stand in `bench/unanswerable.toml`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from bench.search import PLACE, questions
from digest.asking import ask
from digest.library.store import NAME
from digest.wiring import Tools
from digest.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOP = 10


def cited(tools: Tools, text: str) -> list[str]:
    """The papers that the answer to *text* cites; empty where there is none."""
    hits = tools.searcher.evidence(text, tools.searcher.search(text, top_k=_TOP))
    answer = ask(text, hits, tools.engine(name="extractive"), language="zh", seed=0, prompts=tools.workspace.resource("prompts", "ask"))
    return [said.hit.paper.id for said in answer.said]


def main(_arguments: Sequence[str] = ()) -> None:
    """Print how many of both kinds are answered."""
    if not (PLACE / "index" / NAME).is_file():
        print("no library yet: python -m bench search")
        return
    tools = Tools(Workspace(PLACE))
    unanswerable = tomllib.loads(Path(__file__).with_name("unanswerable.toml").read_text(encoding="utf-8"))["question"]
    for later in (False, True):
        asked = [question for question in questions() if (question.round > 1) == later and not question.shown]
        answers = [(f"pdf:{question.file}", cited(tools, question.text)) for question in asked]
        none = [row["text"] for row in unanswerable if (row.get("round", 1) > 1) == later]
        silent = sum(not cited(tools, text) for text in none)
        answered, right = sum(bool(papers) for _, papers in answers), sum(paper in papers for paper, papers in answers)
        print(f"{'later' if later else 'earlier':8} with an answer {len(asked)}: answered {answered}, from the right paper {right}")
        print(f"{'':8} without one {len(none)}: not answered {silent}")


if __name__ == "__main__":
    main()
