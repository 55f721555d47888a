"""Thanks, goodbyes and the like: messages that want a word back, and no menu."""

from collections.abc import Collection, Sequence
from typing import Protocol

from flow_engine.phrases import Phrases, is_made_of
from flow_engine.words import as_keyword
from texts.required import SMALL_TALK

#: Groups that are said in one breath, as in "great, see you there": the first one is answered.
MIXED = ("goodbye", "thanks", "praise", "laughter", "agreement")
#: What may stand beside them.
BESIDE = ("courtesy", "filler", "greeting")
#: Most words of such a message.
MAX_WORDS = 10


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
    words = as_keyword(text).split()
    wanted, beside = vocabulary.phrases(*MIXED), vocabulary.phrases(*BESIDE)
    if len(words) > MAX_WORDS or not is_made_of(words, wanted, beside):
        return None
    return next((group for group in MIXED if vocabulary.has_any(group, words)), None)
