"""Where Tesseract's language data lie, by which the PDF library recognises the text of scanned pages.

Only the data are needed: the recogniser itself is part of MuPDF.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from digest.errors import ExtraMissing

_FOLDERS = ("/usr/share/tesseract-ocr", "/usr/share/tessdata", "/usr/local/share/tessdata", "/opt/homebrew/share/tessdata")
_LANGUAGES = ("eng", "chi_sim")  # those of the readers, as far as they are there
_HINT = "apt-get install tesseract-ocr tesseract-ocr-chi-sim, or set TESSDATA_PREFIX to the folder of eng.traineddata"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recogniser:
    """What the PDF library is told in order to recognise text."""

    folder: str
    languages: str  # "eng+chi_sim"


def find_recogniser() -> Recogniser:
    """Tesseract's data of this machine.

    Raises:
        ExtraMissing: there are none.
    """
    named = os.environ.get("TESSDATA_PREFIX")
    folders = [Path(named)] if named else [found for folder in map(Path, _FOLDERS) for found in (folder, *folder.glob("*/tessdata"))]
    for folder in folders:
        there = [language for language in _LANGUAGES if (folder / f"{language}.traineddata").is_file()]
        if there:
            return Recogniser(folder=str(folder), languages="+".join(there))
    raise ExtraMissing("the language data of Tesseract", _HINT)
