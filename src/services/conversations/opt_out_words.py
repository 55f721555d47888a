"""Whether a message means opt-out or opt-in: for sure, perhaps, or not at all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from flow_engine import Question
from flow_engine.phrases import Phrases, is_made_of
from flow_engine.short_forms import spelled_out
from flow_engine.typos import Typos, unstretched
from flow_engine.words import as_keyword
from services.conversations.context import ConversationContext
from services.conversations.triggers import Triggers
from services.conversations.turn import ConversationTurn
from texts.choices import Choices
from texts.vocabulary import Vocabulary

#: Fewest letters of a word in which any letter may be wrong: "unsuscribe". In shorter ones, two may
#: be swapped ("stpo"): "shop" is no "stop".
LONG_WORD_CHARS = 8
#: Fewest words of a phrase that is searched for in sentences, at their end and anywhere.
AT_END_WORDS, ANYWHERE_WORDS = 2, 3
#: Most words of a sentence in which a yes answers the question whether to send messages again.
MAX_AGREEING_WORDS = 6
#: Groups whose words a message is made of that refuses offers.
OF_OFFERS = ("offers", "refusing", "offers_around", "negation", "no", "courtesy", "filler")
#: A "no" to what was said before: "no, I want the offer".
_LEADING_NO = re.compile(r"^(?:no|não|nah|nope),\s+", re.IGNORECASE)
_WORD = re.compile(r"[\w']+")
_DOUBLED = re.compile(r"(\w)\1+")


class Meaning(Enum):
    """How sure it is that a message means something."""

    SURE = "sure"
    UNCLEAR = "unclear"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class OptOutWords:
    """Reads messages with the groups opt_out, opt_out_unclear, opt_in and opt_in_unclear."""

    vocabulary: Vocabulary

    def opt_out(self, text: str) -> Meaning:
        """Return whether a message means that somebody wants no more messages."""
        return self._meaning("opt_out", text)

    def opt_in(self, text: str) -> Meaning:
        """Return whether a message means that somebody wants messages again."""
        return self._meaning("opt_in", text, anywhere=("opt_in", "opt_in_unclear"))

    def refuses_offers(self, text: str) -> bool:
        """Return whether a message says that somebody wants no offers, and nothing else."""
        vocabulary, said = self.vocabulary, as_keyword(_LEADING_NO.sub("", text))
        if vocabulary.is_word("no_offers", text):
            return True
        if "?" in text or " " not in said:
            return False
        words = _WORD.findall(spelled_out(said))
        if not vocabulary.has_any("offers", words):
            return False
        refusals = vocabulary.words("refusing", "no", "negation")
        is_refused = not refusals.isdisjoint(words)
        return is_refused and vocabulary.words(*OF_OFFERS).issuperset(words)

    def is_yes(self, text: str) -> bool:
        """Return whether a message is a yes, and not only an "ok"."""
        is_agreement = self.vocabulary.is_word("agreement", text)
        return not is_agreement and Choices(self.vocabulary).yes_or_no(text) == "yes"

    def is_clear_return(self, text: str) -> bool:
        """Return whether a message after the hint needs no question: yes, no, or a keyword."""
        is_said = self.agrees(text) and not self.vocabulary.is_word("agreement", text)
        is_no = Choices(self.vocabulary).yes_or_no(text) == "no"
        return is_no or is_said or self.is_yes(text) or self.opt_in(text) is Meaning.SURE

    def agrees(self, text: str) -> bool:
        """Return whether the answer to "messages again?" has a yes in it: "ok send", "sí po"."""
        vocabulary, words = self.vocabulary, as_keyword(text).split()
        against = ("negation", "no", "doubt", "asking")
        if "?" in text or len(words) > MAX_AGREEING_WORDS or vocabulary.denies(words):
            return False
        is_against = any(vocabulary.has_any(group, words) for group in against)
        return not is_against and any(vocabulary.has_any(one, words) for one in ("yes", "opt_in"))

    def _meaning(self, group: str, text: str, anywhere: Sequence[str] = ()) -> Meaning:
        words = self.vocabulary.words
        sure, unclear = words(group), words(f"{group}_unclear")
        either = words(group, f"{group}_unclear")
        for reading in self.vocabulary.readings(text):  # the longest one decides
            if reading in unclear:
                return Meaning.UNCLEAR
            if reading in sure:
                return Meaning.SURE
        if self._is_nearly(either, text) or self._is_in(words(*anywhere or (group,)), either, text):
            return Meaning.UNCLEAR
        return Meaning.NEITHER

    def _is_nearly(self, words: frozenset[str], text: str) -> bool:
        """Return whether a message is one of the words with stretched letters, or with a typo."""
        keyword = as_keyword(text)
        if unstretched(keyword) in words or _DOUBLED.sub(r"\1", keyword) in words:
            return True
        found = self.vocabulary.without_typo(text, _typos_of(words))
        is_swapped = found is not None and any(
            sorted(found) == sorted(one) for one in self.vocabulary.readings(text)
        )
        return found is not None and (is_swapped or len(found) >= LONG_WORD_CHARS)

    def _is_in(self, plain: frozenset[str], either: frozenset[str], text: str) -> bool:
        """Return whether a sentence says so at its end, or plainly anywhere."""
        words = as_keyword(text).split()
        vocabulary = self.vocabulary
        at_end = _phrases(either, AT_END_WORDS)
        if any(is_made_of(words[start:], at_end, vocabulary.around) for start in range(len(words))):
            return vocabulary.asks_for(at_end, text)
        return vocabulary.asks_for(_phrases(plain, ANYWHERE_WORDS), text)


def typed_option(
    context: ConversationContext, turn: ConversationTurn, question: Question, is_stop: bool
) -> str | None:
    """Return the option of a question about messages that was typed.

    Asked once, the same unclear words are clear. The first option does what is asked.
    """
    texts, text = context.texts, turn.text
    if Triggers(context).requested_by(text) is not None:
        return None  # "registrarme" is no "regístrame", which would be a yes
    own = texts.decides(question.name, question.options, text)
    word = texts.choices.yes_or_no(text) if own is None else own
    if word is not None:
        return question.options[("yes", "no").index(word)] if word else None
    words = OptOutWords(texts.vocabulary)
    meant = words.opt_out(text) if is_stop else words.opt_in(text)
    is_meant = texts.is_word("cancel_outside", text) if is_stop else words.agrees(text)
    if meant is not Meaning.NEITHER or is_meant:
        return question.options[0]
    return texts.match_option(turn.language, question.name, question.options, text)


@lru_cache
def _phrases(words: frozenset[str], fewest: int) -> Phrases:
    """Return the phrases of at least so many words."""
    return Phrases(frozenset(phrase for phrase in words if phrase.count(" ") + 1 >= fewest))


@lru_cache
def _typos_of(words: frozenset[str]) -> Typos:
    return Typos(words)
