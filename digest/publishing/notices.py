"""What is said once, at the top of a digest, in the reader's language."""

from __future__ import annotations

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
    "unreachable": {"zh": "{source} 暂时无法连接，本期不含它的论文。", "en": "{source} could not be reached; its papers are missing here."},
    "fallback": {
        "zh": "{source} 暂时无法连接，本期改用：{fallback}。",
        "en": "{source} could not be reached; this edition uses {fallback} instead.",
    },
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


def language_name(code: str, language: str) -> str:
    """What *language* calls the language *code*; the code itself where it has no word for it."""
    return _LANGUAGES[language].get(code, code)
