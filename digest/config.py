"""``digest.toml`` and ``profile.toml``: what may stand in them, and errors that name file, key and allowed values.

Settings are read once, at the edge, and handed down as these frozen models.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from digest.errors import UsageError

Positive = Annotated[int, Field(gt=0)]
Text = Annotated[str, Field(min_length=1)]
Weight = Annotated[float, Field(gt=0, le=10)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class SourceSettings(_Strict):
    """Where papers come from."""

    default: list[str] = ["arxiv"]  # arxiv, hf, samples, or a folder
    categories: list[str] = ["cs.CV"]
    queries: list[str] = []  # searches of arXiv; papers of any category or search are taken
    days: Positive = 3  # how far back "new" reaches; a weekend has no new papers
    max_papers: Positive = 300  # unknown ones taken of arXiv in one run; the rest waits for the next
    hf_top: Positive = 30
    delay_seconds: Annotated[float, Field(ge=0)] = 3.0  # between two requests to one host; arXiv asks for 3
    arxiv_url: str = "https://export.arxiv.org/api/query"
    arxiv_rss_url: str = "https://rss.arxiv.org/rss"  # "": announcements are not asked for
    arxiv_oai_url: str = "https://oaipmh.arxiv.org/oai"
    hf_url: str = "https://huggingface.co"


class ReadingSettings(_Strict):
    """How PDFs are read, and what one may cost."""

    workers: Annotated[int, Field(ge=0)] = 0  # processes that read at once; 0: one for each processor
    seconds: Annotated[float, Field(gt=0)] = 60.0  # of processor time for one file
    memory_mb: Annotated[int, Field(ge=512)] = 2048  # of one process
    ocr: bool = False  # recognise the text of scanned pages, where Tesseract's language data are installed


class RankingSettings(_Strict):
    """Which papers a digest holds."""

    top_k: Positive = 3
    threshold: Annotated[int, Field(ge=0, le=100)] = 0  # papers scoring below it are left out
    max_alike: Positive = 2  # of papers that say nearly the same, so many may stand in one digest
    explore: Annotated[int, Field(ge=0, le=1)] = 0  # places of top_k kept for a paper unlike the usual ones
    embedder: str = "auto"  # an embedding model of the registry, or auto: the best one installed


class AnalysisSettings(_Strict):
    """Which model writes, and how."""

    engine: Literal["auto", "llama", "server", "extractive"] = "auto"
    model: str = "auto"  # a chat model of the registry, or auto: the best one installed
    context_tokens: Annotated[int, Field(ge=1024)] = 8192  # never more than the model was trained for
    threads: Annotated[int, Field(ge=0)] = 0  # 0: all processors this process may use
    papers: Annotated[int, Field(ge=0, le=16)] = (
        0  # analysed side by side by llama.cpp; 0: what was tuned, else one, on a GPU four; fewer where memory is short
    )
    gpu_layers: int = -1  # layers on the GPU where the build has one; -1: what was tuned, else all
    seed: int = 7
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.6
    server_urls: list[str] = []  # OpenAI-compatible servers of one model, with their /v1; auto asks them before anything else
    server_model: str = ""  # as the server calls it; empty: the first one it lists
    server_languages: list[str] = ["zh", "en"]  # that model writes
    server_parallel: Positive = 8  # requests in flight


class FeedSettings(_Strict):
    """``digests/feed.xml``, for feed readers."""

    entries: Positive = 30  # newest digests in it
    url: str = ""  # address under which digests/ is served, where it is: https://example.org/digests/


class MailSettings(_Strict):
    """The server that ``digest send`` hands mail to; the password stands in the environment alone."""

    host: str = ""
    port: Annotated[int, Field(gt=0, lt=65536)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""  # empty: no login
    sender: str = ""  # empty: the user
    to: list[str] = []  # recipients when none is named


class Settings(_Strict):
    """The whole of ``digest.toml``."""

    language: Literal["zh", "en"] = "zh"  # of the reader
    style: str = "daily"
    sources: SourceSettings = SourceSettings()
    reading: ReadingSettings = ReadingSettings()
    ranking: RankingSettings = RankingSettings()
    analysis: AnalysisSettings = AnalysisSettings()
    feed: FeedSettings = FeedSettings()
    mail: MailSettings = MailSettings()


class Interest(_Strict):
    """Something the reader wants papers about."""

    name: Text
    text: Text  # a sentence or two, as an abstract would say it, in Chinese or English
    weight: Weight = 1.0
    keywords: list[Text] = []
    papers: list[Text] = []  # ids of papers that are examples of it


class Avoid(_Strict):
    """Something the reader does not want to see."""

    name: str = ""  # the text stands for it where there is none
    text: Text
    weight: Weight = 1.0


class Favour(_Strict):
    """What lifts a paper whatever it is about; a weight of 1 is worth about ten points of a score, 0 nothing."""

    authors: list[Text] = []
    groups: list[Text] = []  # names that stand among the authors or in the comment, such as a laboratory
    categories: list[Text] = []
    weight: Weight = 1.0  # of an author, group or category met
    recency: Annotated[float, Field(ge=0, le=10)] = 0.0  # of a paper of today; half of it after a week
    upvotes: Annotated[float, Field(ge=0, le=10)] = 0.0  # of 100 upvotes; half of it at 10


class Profile(_Strict):
    """The whole of ``profile.toml``: what the reader cares about."""

    interest: list[Interest] = Field(min_length=1)
    avoid: list[Avoid] = []
    liked: list[str] = []  # paper ids; `digest like` keeps others in the library
    disliked: list[str] = []
    feedback: Annotated[float, Field(ge=0, le=2)] = 1.0  # what liked and disliked papers count beside the written interests
    favour: Favour = Favour()


Model = TypeVar("Model", bound=BaseModel)


def load_settings(path: Path) -> Settings:
    """Read ``digest.toml``; a file that is not there means every default.

    Raises:
        UsageError: names the file, the key and what it may be.
    """
    return _load(path, Settings) if path.is_file() else Settings()


def load_profile(path: Path) -> Profile:
    """Read ``profile.toml``.

    Raises:
        UsageError: names the file, the key and what it may be.
    """
    if not path.is_file():
        raise UsageError(f"no profile at {path}", hint="digest init")
    return _load(path, Profile)


def _load(path: Path, model: type[Model]) -> Model:
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from None
    try:
        return model.model_validate(values)
    except ValidationError as error:
        faults = "; ".join(_describe(fault, model) for fault in error.errors())
        raise UsageError(
            f"{path}: {faults}", hint=f"compare it with the commented starter that `digest init` writes: {path.name}"
        ) from None


def _describe(fault: Any, model: type[BaseModel]) -> str:
    """One fault as ``key: what is wrong``, with the allowed keys where one is unknown."""
    place = fault["loc"]
    key = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in place)
    if fault["type"] == "extra_forbidden":
        misplaced = f"; {place[-1]} belongs above the first [table]" if len(place) > 1 and place[-1] in model.model_fields else ""
        return f"unknown key {key} (allowed here: {', '.join(_allowed(model, place[:-1]))}{misplaced})"
    if fault["type"] == "missing":
        return f"{key} is missing"
    return f"{key} = {fault['input']!r}: {fault['msg'].removeprefix('Input ')}"


def _allowed(model: type[BaseModel], place: tuple[str | int, ...]) -> list[str]:
    for part in place:
        if isinstance(part, str):
            annotation: Any = model.model_fields[part].annotation
            model = getattr(annotation, "__args__", (annotation,))[0]
    return list(model.model_fields)
