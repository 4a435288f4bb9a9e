"""A workspace with three small papers, a one-question style and a small context, so that a whole run takes seconds."""

from pathlib import Path

import pymupdf
import pytest
from click.testing import CliRunner, Result

from digest.cli import main

SETTINGS = """
style = "tiny"
[ranking]
top_k = 2
[analysis]
context_tokens = 1024
"""
PROFILE = """
[[interest]]
name = "超分辨率"
text = "Image super-resolution with diffusion models."
[[avoid]]
text = "Music generation."
"""
STYLE = """
title = { zh = "小样", en = "Tiny" }
[[section]]
id = "contribution"
title = { zh = "核心创新点", en = "Key contribution" }
question = { zh = "核心创新点是什么？", en = "What is the key contribution?" }
evidence = "we propose"
parts = ["abstract"]
kind = "prose"
max_tokens = 48
"""
PAPERS = {
    "sharp": (
        "Sharp Steps: Diffusion Models for Image Super-Resolution",
        (
            "We propose Sharp Steps, a diffusion model for image super-resolution. It samples high-resolution images in 12 steps and "
            "reaches 30.88 dB on DIV2K. The model keeps every frequency of the low-resolution image."
        ),
    ),
    "blur": (
        "Learning to Deblur Photographs with a Flow Network",
        (
            "We propose a flow network that removes blur from photographs. It is trained on 2,103 pairs of blurred and sharp images. "
            "The network restores fine texture and runs in 40 ms."
        ),
    ),
    "song": (
        "Writing Songs with a Language Model",
        (
            "We propose a language model that writes songs. Listeners preferred its melodies in 61 of 100 comparisons. "
            "The model generates music and lyrics together."
        ),
    ),
}


def make_pdf(path: Path, title: str, body: str) -> None:
    """A one-page paper: title, authors, abstract, introduction, conclusion."""
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((72, 90), title, fontsize=17)
    page.insert_text((72, 115), "Ada Example, Bo Sample", fontsize=11)
    for top, heading, text in (
        (150, "Abstract", body),
        (300, "1 Introduction", f"Much was written about this before. {body} Earlier methods were slow."),
        (500, "2 Conclusion", f"We presented a method. {body} Future work will look at larger data."),
    ):
        page.insert_text((72, top), heading, fontsize=13, fontname="hebo")
        page.insert_textbox((72, top + 10, 523, top + 140), text, fontsize=10)
    document.save(path)


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """A folder of three PDFs."""
    folder = tmp_path / "pdfs"
    folder.mkdir()
    for name, (title, body) in PAPERS.items():
        make_pdf(folder / f"{name}.pdf", title, body)
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with settings, profile and a style of its own."""
    folder = tmp_path / "workspace"
    (folder / "prompts" / "tiny").mkdir(parents=True)
    (folder / "digest.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "profile.toml").write_text(PROFILE, encoding="utf-8")
    (folder / "prompts" / "tiny" / "style.toml").write_text(STYLE, encoding="utf-8")
    return folder


@pytest.fixture
def digest(workspace: Path):
    """Call the command line in this process: ``digest("run", "--source", folder)``."""

    def call(*arguments: object) -> Result:
        result = CliRunner().invoke(main, ["--workspace", str(workspace), *map(str, arguments)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call
