"""Which sentences of a paper are worth quoting by themselves, and which answer which kind of question.

Papers announce themselves in few turns of phrase: "we propose" tells a contribution, a measure beside "outperforms" a result,
"limitation" or "future work" a weakness. The query of a section says which of them it is after.
"""

from __future__ import annotations

import re

SHORTEST, LONGEST = 50, 400  # characters of a sentence worth quoting by itself
_COMFORTABLE = 280  # characters: a longer one is hard to take in as one line


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})", re.IGNORECASE)


_PROPOSES = _any(
    r"(?:we|this paper|this work|this article)(?: \w+){0,2} (?:propos|introduc|present|develop|design|formulat|put forward|show that)\w*",
    r"this (?:paper|work|article|study) (?:describ|report|investigat|stud|address)\w*",
    r"(?:aim|goal|objective|purpose) of this (?:paper|work|article|study)",
    r"our (?:key |main |core )?(?:idea|innovation|insight|contribution)s? (?:is|are|lies?)",
    "本文提出",
    "我们提出",
)
_MEASURED = re.compile(r"\d(?:\.\d+)?\s?(?:%|dB\b|×|x\b|times\b|points?\b|ms\b|fps\b|mAP\b)|\b\d+\.\d+\b", re.IGNORECASE)
_RESULT = _any(
    "outperform", "achiev", "improv", "surpass", "reduc", "reach", "exceed", "superior", "gains?", "faster", "on par", "优于", "提升"
)
_WEAK = _any(
    r"limitations? (?:of (?:our|this|the proposed|the present)|and future|is that|include)",
    r"our (?:\w+ ){0,3}(?:limitations?|shortcomings?|drawbacks?)",
    "future work",
    r"(?:our|the proposed) (?:\w+ ){0,3}(?:fails?|cannot|struggles?|suffers?|is limited|is unable|still (?:relies|requires|depends))",
    "failure cases?",
    r"we (?:leave|do not consider|did not|have not|only (?:evaluate|test|consider|study))",
    r"remains? (?:an )?(?:open|unexplored|to be|challenging for (?:our|us))",
    r"seems? to hold only",
    "局限",
)
_ANSWERS = re.compile(
    r"\b(?:address|overcome|tackl|alleviat|mitigat|solv|resolv|avoid)\w*\b.{0,40}\b(?:limitation|shortcoming|drawback|challenge)",
    re.IGNORECASE,
)  # a weakness of others, which the paper mends
_PAIN = _any("however", "suffer", "challeng", "limited", "fail", "neglect", "overlook", "difficult", "costly", "expensive", "inaccura")
_SETS_UP = _any(r"we (?:\w+ )?(?:use|select|train|benchmark|choose|employ|take|generate|build|find|justify|present)\b")
_BESIDE = re.compile(
    r"^however|\b(?:baselines?|(?:hard|difficult) to|is hard|do(?:es)? not|did not|cannot|to better understand"
    r"|(?:user|ablation) stud\w+|state[- ]of[- ]the[- ]art|overview|compar\w+|benchmarks?|outperform\w*|experiments?)\b",
    re.IGNORECASE,
)  # what a method is held against, or is not
_OF_OTHERS = re.compile(
    r"^(?:most |many |several |some |the )?(?:existing|previous|prior|recent|earlier|other|traditional|current)\b", re.IGNORECASE
)
_WORKS = _any(
    *"compos consist stack layer encod decod modul block network objective loss minimi[sz] maximi[sz] optimi[sz] train".split(),
    *"predict output input fe(?:e)?d project embed concatenat attend retriev sampl comput obtain appl(?:y|ied) given".split(),
)
_STEPS, _STEP = 3, 0.5  # so many words of what is done to what, and how much more each makes a sentence worth
_FORMULA, _MOSTLY = re.compile(r"\$[^$]*\$?"), 0.25  # share of a sentence
_AFTER_WEAKNESS, _AFTER_CONTRIBUTION = _any("limitation"), _any("propose", "contribution")
_AFTER_WORKINGS = _any("consists of", "pipeline")
# What a query is after, what tells it, and how much more a sentence that does is worth.
_TURNS = (
    (_any("propose", "contribution", "present"), _PROPOSES, 2.5),
    (_any("results?", "outperforms?", "improvement"), _RESULT, 1.3),
    (_any("results?", "outperforms?", "improvement", "ablation"), _MEASURED, 1.8),
    (_any("outperforms?"), _SETS_UP, 0.5),
    (_any("suffer", "challenge", "motivated"), _PAIN, 1.6),
    (_AFTER_WORKINGS, _BESIDE, 0.5),
)
_NOT_DONE = _any("future (?:work|research|directions?)", "we (?:plan|intend|hope|continue|do not|did not)")
_ANNOUNCES = re.compile(
    r":(?: ?\(?\d[.)]?)?$|\$\$|^\(|\bas follows\b|\bsummari[sz]ed? (?:in|as|below|our)\b|\bdetailed in\b"
    r"|\bdefined as\b|\bin this (?:sub)?section\b"
    r"|\bsubsections?\b|\bSecs?(?:tions?)?\.? ?\d|\bApp(?:endix|\.)|\bsupplement|\b(?:two|three|four|main|major|key) contributions\b"
    r"|^(?:quantitative |qualitative )?(?:Tab|Fig)(?:le|ure|s|\.)"
    r"|\bwe (?:next|now|first|then) (?:describe|introduce|present|discuss|explain)\b"
    r"|\bwe (?:first |also |further |mainly )?(?:compare|evaluate|adopt|follow|conduct|run)\b"
    r"|\b(?:is|are|was|were) (?:conducted|evaluated|compared|presented|shown|reported|listed) (?:to|in|on|against|with)\b"
    r"|\b(?:illustrated|depicted|shown|given|presented|listed) in (?:the )?(?:Fig|Tab)\w*\.? ?\d+\w?\.?$"
    r"|\bsupported (?:in part )?by\b|^acknowledge?ments?",
    re.IGNORECASE,
)  # what follows, or stands elsewhere, or was done: nothing to quote by itself
_BROKEN = re.compile(
    r"\b[a-z]{2,}- [A-Z]|\(\d{1,2}\) [Ww]here\b|[\u2190-\u2193\u21e0-\u21ff\u2700-\u27bf]"
)  # a word that a footnote parts, the rest of a formula, letters of a formula's font that are read as dingbats
_HEADING = re.compile(r"(?:[A-Z]\S*|of|the|on|in|and|for|a|an|with|to)(?: (?:[A-Z]\S*|of|the|on|in|and|for|a|an|with|to))*\.?")
_LEANS = re.compile(
    r"^(?:this|these|those|it|they|such|he|she|its|their|specifically|moreover|furthermore|additionally|in addition|similarly|then|thus"
    r"|hence|therefore|in contrast|by contrast|conversely|next|after that|we (?:first|then|further)|second(?:ly)?|third(?:ly)?"
    r"|finally|also|instead|meanwhile|here|in fact|for (?:instance|example)|in this (?:way|case|manner|module|step)"
    r"|(?-i:[a-z])\w*|[^\w\"'“‘•]|\d+\)|•)(?![\w-])(?! (?:paper|work)\b)",
    re.IGNORECASE,
)  # on the sentence before


def quotable(sentence: str) -> bool:
    """Whether *sentence* says something by itself: neither a heading nor a run-on, nor one that only announces, nor one misread."""
    if _ANNOUNCES.search(sentence) or _BROKEN.search(sentence) or _HEADING.fullmatch(sentence):
        return False
    return SHORTEST <= len(sentence) <= LONGEST


def asks_for_weakness(query: str) -> bool:
    """Whether *query* is after what a paper lacks."""
    return bool(_AFTER_WEAKNESS.search(query))


def answers(sentence: str, query: str, *, in_limitations: bool) -> bool:
    """Whether *sentence* can be an answer to *query*: a weakness is one only where it is called one, or stands among the limitations."""
    if not asks_for_weakness(query):
        return True
    return in_limitations or (bool(_WEAK.search(sentence)) and not _ANSWERS.search(sentence))


def asks_for_contribution(query: str) -> bool:
    """Whether *query* is after what a paper proposes."""
    return bool(_AFTER_CONTRIBUTION.search(query))


def proposes(sentence: str) -> bool:
    """Whether *sentence* says what the paper does, which is what its title tells."""
    return bool(_PROPOSES.search(sentence))


def asks_for_workings(query: str) -> bool:
    """Whether *query* is after how a method works."""
    return bool(_AFTER_WORKINGS.search(query))


def workings(sentence: str) -> float:
    """How much more *sentence* counts for saying what is done to what, in words; 1 where it says nothing of the kind."""
    steps = len({step.lower() for step in _WORKS.findall(sentence)})
    in_formulas = sum(map(len, _FORMULA.findall(sentence)))
    return (1 + _STEP * min(_STEPS, steps)) * (0.5 if in_formulas > _MOSTLY * len(sentence) else 1.0)


def worth(sentence: str, query: str) -> float:
    """How much more than its words *sentence* counts for *query*; 1 where nothing speaks for or against it."""
    found = 0.6 if _LEANS.match(sentence) else 1.0
    found *= 0.7 if len(sentence) > _COMFORTABLE else 1.0
    found *= 0.5 if _OF_OTHERS.match(sentence) else 1.0
    found *= 0.5 if _NOT_DONE.search(sentence) and not asks_for_weakness(query) else 1.0
    for asked, told, more in _TURNS:
        if asked.search(query) and told.search(sentence):
            found *= more
    return found
