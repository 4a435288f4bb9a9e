"""Words of a model that are about itself, its reader or its task, not about the paper."""

from __future__ import annotations

import re


def _beginning(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


# Every pattern stands at the beginning of a sentence and is as narrow as it can be: "As a result", "好的初始化" and a
# paper about rate limits or exceptions are honest.
_CHATTER = _beginning(
    r"好的[，,！!。]|当然[，,！!。可]|没问题|以下是|下面是|以上(?:是|就是|分析)|根据(?:您|你)的|我将(?:以|为|按)",
    r"希望(?:以上|这些|对您|能帮)|如果?(?:您|你)?(?:还)?(?:有|需要)(?:任何|其他|进一步)",
    r"作为(?:一位|一名|一个)?[^，,。]{0,12}(?:专家|助手|研究者|研究员)[，,]",
    r"(?:sure|certainly|of course|okay|ok|absolutely|great)[,.!:]|(?:here|below) (?:is|are)\b",
    r"as an? (?:[\w-]+ ){0,3}(?:expert|assistant|reviewer)\b",
    r"i (?:hope|will|would|am|have|can)\b|i'(?:m|ll|d|ve)\b|let me\b|feel free\b",
    r"in this (?:answer|response)\b|to answer (?:your|the|this) question",
    r"the reader'?s'? interests?\b|the (?:writer|user|reader) (?:wants?|asks?|is (?:asked|looking|interested))\b",
    r"(?:the|this|my) (?:answer|response|question) (?:is|was|asks|provides?|can be)\b|the following (?:is|are)\b",
    r"(?:the )?(?:passage numbers?|numbers? of the passages?)\b",
)
_REFUSAL = _beginning(
    r"很?抱歉|对不起|我(?:无法|不能|没有办法)|作为(?:一个|一名)?(?:AI|人工智能|大?语言模型)",
    r"请(?:您|你)?(?:提供|上传|粘贴)|由于(?:您|你)?(?:未|没有|尚未)(?:提供|给出)|(?:您|你)(?:没有|尚未|未)(?:提供|上传)",
    r"无法(?:访问|打开|查看|获取)(?:该|此|这|论文|链接|文件|全文)",
    r"(?:unfortunately,? )?i(?:'m| am)? (?:cannot|can't|could not|unable|not able|do not have|don't have|apologi[sz]e|sorry)",
    r"(?:i'm )?sorry\b|as an? (?:ai|(?:large )?language model)\b|please (?:provide|upload|paste|share)",
    r"you (?:have )?(?:exceeded|not provided|did not provide)",
    r"(?:[\w']+ ){0,3}(?:quota|rate limit) (?:was |is |has been )?(?:exceeded|reached)\W*$",
    r"traceback \(most recent|[A-Za-z.]*(?:Error|Exception):",
    r"(?:http |error |error code:? |status )*[45]\d\d\b.{0,30}\b(?:error|too many requests|quota|unavailable|forbidden|resource_exhausted)",
)
_NOT_STATED = re.compile(
    r"文中(?:并?未|没有)(?:明确)?(?:说明|提及|给出|提到|说)"
    r"|(?:not|nothing is) (?:explicitly )?(?:stated|specified|mentioned|discussed|given|said) in the (?:paper|text)"
    r"|does not (?:state|say|mention|specify)\b.{0,20}$",
    re.IGNORECASE,
)


def is_chatter(sentence: str) -> bool:
    """Whether *sentence* greets, announces, closes, asks back or speaks of the task."""
    return not is_refusal(sentence) and (bool(_CHATTER.match(_bare(sentence))) or sentence.rstrip(" *").endswith(("?", "？")))


def is_lead_in(sentence: str) -> bool:
    """Whether *sentence* only announces a list that follows."""
    return sentence.rstrip(" *").endswith((":", "："))


def is_refusal(sentence: str) -> bool:
    """Whether *sentence* is a refusal of the assistant or the message of an error."""
    return bool(_REFUSAL.match(_bare(sentence)))


def is_not_stated(sentence: str) -> bool:
    """Whether *sentence* says that the paper does not say."""
    return bool(_NOT_STATED.search(sentence))


def _bare(sentence: str) -> str:
    return sentence.lstrip(" *_\"'“‘>")
