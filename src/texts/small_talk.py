"""Thanks, goodbyes and the like: messages that want a word back, and no menu."""

import re
from collections.abc import Collection, Sequence
from typing import Protocol

from flow_engine.phrases import Phrases, is_made_of
from flow_engine.words import as_keyword
from texts.required import SMALL_TALK

#: Groups that are said in one breath, as in "great, see you there": the first one is answered.
MIXED = ("goodbye", "thanks", "praise", "laughter", "agreement")
#: What may stand beside them.
BESIDE = ("courtesy", "filler", "greeting", "thanks_around")
#: Most words of such a message.
MAX_WORDS = 20
#: What stands between the parts of one: "Thank you kindly. Goodbye."
#: Who signs: "Kind regards, Denise".
_SIGNED = re.compile(r"[,\n]\s*(?:[^\W\d_a-zß-ÿ][\w'-]+\s*){1,3}\.?$")
_MARKS = re.compile(r"[\s.,;:!…-]+")


class Words(Protocol):
    """What is asked of a vocabulary."""

    def words(self, *groups: str) -> frozenset[str]: ...

    def phrases(self, *groups: str) -> Phrases: ...

    def loose_readings(self, text: str) -> Sequence[str]: ...

    def is_word(self, group: str, text: str) -> bool: ...

    def has_any(self, group: str, words: Sequence[str]) -> bool: ...


def small_talk_in(vocabulary: Words, text: str) -> str | None:
    """Return the group of a message that only thanks, says goodbye or the like."""
    if "?" in text and vocabulary.is_word("agreement", text):
        return None  # "ya?" asks whether it is done
    reading: Collection[str] = vocabulary.loose_readings(text)[:1]
    for group in SMALL_TALK:
        if not vocabulary.words(group).isdisjoint(reading):
            return group
    found = next((group for group in SMALL_TALK if vocabulary.is_word(group, text)), None)
    return found or _mixed(vocabulary, text)


def _mixed(vocabulary: Words, text: str) -> str | None:
    if "?" in text:
        return None  # "see you on saturday?" asks
    unsigned = _SIGNED.sub("", text)
    return _made_of(vocabulary, text, MIXED) or _made_of(vocabulary, unsigned, MIXED[:2])


def _made_of(vocabulary: Words, text: str, groups: Sequence[str]) -> str | None:
    words = [one for one in _MARKS.split(as_keyword(text)) if one]
    wanted, beside = vocabulary.phrases(*groups), vocabulary.phrases(*BESIDE)
    if len(words) > MAX_WORDS or not is_made_of(words, wanted, beside):
        return None
    return next((group for group in groups if vocabulary.has_any(group, words)), None)
