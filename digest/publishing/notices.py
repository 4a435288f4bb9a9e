"""What is said once, at the top of a digest, in the reader's language."""

from __future__ import annotations

from digest.errors import Incomplete, SourceError, SourcePaused
from digest.publishing.labels import labels_for

_NOTICES = {
    "language": {
        "zh": "{model} 只会{written}：标题、事实卡片与框架是中文，模型写的段落是{written}。",
        "en": "{model} writes {written} only: headings and fact cards are in English, the model's text is in {written}.",
    },
    "demo": {
        "zh": "{model} 是随程序附带的演示模型，行文流畅但常把事实弄错：请只相信已核对并附原文的陈述。"
        "装上更好的模型（digest models list）后会自动改用。",
        "en": "{model} is the demo model that ships with the program: fluent, but often wrong. Trust checked statements with their quotes "
        "only. A better model is used as soon as one is installed (digest models list).",
    },
    "extractive": {
        "zh": "没有可用的语言模型：本期各节是论文原文的句子，由程序按问题挑出，没有改写。装上模型（digest models list）后会自动改用。",
        "en": "No language model is available: the sections are sentences of the papers themselves, picked by the question, not rewritten. "
        "A model is used as soon as one is installed (digest models list).",
    },
    "unreachable": {"zh": "{source} 暂时无法连接，本期不含它的论文。", "en": "{source} could not be reached; its papers are missing here."},
    "known": {
        "zh": "{source} 暂时无法连接，本期只含此前已取得的论文。",
        "en": "{source} could not be reached; only papers fetched earlier are here.",
    },
    "paused": {
        "zh": "{source} 要求暂停访问，{time} 之后再取；本期只含此前已取得的论文。",
        "en": "{source} asked to be left alone until {time}; only papers fetched earlier are here.",
    },
    "incomplete": {
        "zh": "{source} 本次未能取全，其余的下次运行补取（原因见运行报告）。",
        "en": "{source} did not give all it has; the rest comes with the next run (the run report says why).",
    },
    "left": {
        "zh": "{source} 另有 {n} 篇新论文超出每次上限，下次运行接着取。",
        "en": "{source} has {n} new papers beyond the limit of one run; the next run goes on with them.",
    },
    "fallback": {
        "zh": "{source} 暂时无法连接，本期改用：{fallback}。",
        "en": "{source} could not be reached; this edition uses {fallback} instead.",
    },
    "updated": {"zh": "有新版本，重新收录：{papers}。", "en": "Here again in a newer version: {papers}."},
    "budget": {
        "zh": "时间预算用完，{n} 篇入选论文留待下次分析。",
        "en": "The time budget ran out; {n} chosen papers wait for the next run.",
    },
}
_LANGUAGES = {"zh": {"zh": "中文", "en": "英文"}, "en": {"zh": "Chinese", "en": "English"}}


def source_name(source: str, language: str) -> str:
    """What a reader calls the source *source*; its own name where there is no word for it."""
    return labels_for(language).sources.get(source, source)


def notice(name: str, language: str, **values: object) -> str:
    """The notice *name* in the reader's *language*, its braces filled."""
    return _NOTICES[name][language].format(**values)


def source_notice(error: SourceError, language: str, *, known: bool) -> str:
    """What the reader is told of a source that failed; *known*: whether papers it gave earlier stand in."""
    source = source_name(error.source, language)
    if isinstance(error, SourcePaused):
        return notice("paused", language, source=source, time=f"{error.until.astimezone():%H:%M}")
    if isinstance(error, Incomplete):
        return notice("left" if error.left else "incomplete", language, source=source, n=error.left)
    return notice("known" if known else "unreachable", language, source=source)


def language_name(code: str, language: str) -> str:
    """What *language* calls the language *code*; the code itself where it has no word for it."""
    return _LANGUAGES[language].get(code, code)
