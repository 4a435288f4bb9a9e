"""A profile in words that the embedding model knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.glossary import has_chinese

if TYPE_CHECKING:
    from collections.abc import Collection

    from digest.config import Profile
    from digest.glossary import Glossary


def spoken(profile: Profile, languages: Collection[str], glossary: Glossary) -> Profile:
    """*profile* with its Chinese texts in English terms, where the embedding model does not speak Chinese.

    Names stay, for the reader. A text of which the glossary knows nothing stays too: `digest profile check` tells of it.
    """
    if "zh" in languages:
        return profile

    def english(text: str) -> str:
        return glossary.translate(text).text or text if has_chinese(text) else text

    interests = [
        interest.model_copy(update={"text": english(interest.text), "keywords": [english(word) for word in interest.keywords]})
        for interest in profile.interest
    ]
    avoid = [item.model_copy(update={"name": item.name or item.text, "text": english(item.text)}) for item in profile.avoid]
    return profile.model_copy(update={"interest": interests, "avoid": avoid})
