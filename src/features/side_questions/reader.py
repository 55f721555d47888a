"""Finds the intents of a message: of each of its sentences that is a question of the kind."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from loguru import logger

from features.side_questions.intents import NONE, Examples
from features.side_questions.model import Model, read_model
from features.side_questions.training import train
from flow_engine.typos import is_among, things_in, words_in
from flow_engine.words import as_keyword, normalise
from texts.vocabulary import Vocabulary

#: How sure the model has to be of a message, of one that a form would take as an answer, of one
#: that looks like a question, and of one that nothing else could make sense of.
SURE, SURE_OF_ANSWER, SURE_OF_QUESTION, LIKELY = 0.55, 0.8, 0.5, 0.45
#: How sure it has to be where nothing is open, and people tell things as well: "I bought it".
SURE_WITHOUT_FORM = 0.6
#: How sure it has to be that no entry of the FAQ is meant that has the same words.
CERTAIN = 0.9
#: Groups of words that name no thing.
AROUND = (
    "courtesy",
    "filler",
    "question",
    "greeting",
    "laughter",
    "thanks",
    "date_asked",
    "date_around",
)
#: Longest part of a message that is read, and longest message, in words: others tell something.
MAX_WORDS, MAX_MESSAGE_WORDS = 24, 80
#: Most intents of one message that are answered.
MAX_INTENTS = 3
#: Words between two questions of one sentence, in the languages of the texts.
_JOINTS = re.compile(r"\s+(?:and|y|e)\s+", re.IGNORECASE)
_PARTS = re.compile(r"(?<=[.!?;])\s+|\n+|,\s+")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a message, and the intent that it has; None if it has none."""

    text: str
    intent: str | None
    share: float


class Reader:
    """Reads messages with a model of all examples of the texts."""

    def __init__(
        self,
        examples: Sequence[Examples],
        vocabulary: Vocabulary,
        of_things: Collection[str] = (),
    ) -> None:
        """Read with these examples; intents `of_things` ask of nothing but what these name.

        "How much is the locker" asks for no price of anything that is known.
        """
        self.model = model_of(examples)
        self._vocabulary = vocabulary
        self._known = {one.intent for one in examples} - {NONE}
        self._named = {
            intent: _words_of(one for one in examples if one.intent == intent)
            for intent in of_things
        }

    def read(self, text: str, least: float = SURE) -> Sequence[Part]:
        """Return the parts of a message with their intents; the whole as one part if that is clear.

        A part that looks like a question is read if the model is sure of a question.
        """
        if len(text.split()) > MAX_MESSAGE_WORDS:
            return [Part(text, None, 0.0)]
        parts = [one for one in map(str.strip, _PARTS.split(text)) if any(map(str.isalnum, one))]
        read = [one for part in parts for one in self._read_part(part, least, of=len(parts))]
        is_long = len(text.split()) > MAX_WORDS
        if len(parts) < 2 or is_long or any(one.intent for one in read):
            return read or [Part(text, None, 0.0)]
        whole = self._part(text, least)
        return [whole] if whole.intent is not None else read

    def _read_part(self, text: str, least: float, *, of: int) -> Sequence[Part]:
        """Read one of so many parts: "wait" before a question asks nothing itself."""
        is_pause = of > 1 and self._vocabulary.is_word("pause", text)
        if is_pause or len(text.split()) > MAX_WORDS:
            return [Part(text, None, 0.0)]
        return self._joined(text, least)

    def _joined(self, text: str, least: float) -> Sequence[Part]:
        """Return both halves of "what is it and who are you", and of "Ana Ruiz and is it free"."""
        halves = [self._part(one, least) for one in _JOINTS.split(text)]
        are_two = len(halves) == 2 and any(one.intent for one in halves)
        asks = are_two and (halves[1].intent or asks_something(self._vocabulary, halves[1].text))
        if asks and halves[0].intent != halves[1].intent:
            return halves
        return [self._part(text, least)]

    def _part(self, text: str, least: float) -> Part:
        intent, share = next(iter(self.model.shares(text).items()))
        if self._vocabulary.asks(text):
            least = min(least, SURE_OF_QUESTION)
        is_meant = intent in self._known and share >= least and not self._is_of_other(text, intent)
        return Part(text, intent if is_meant else None, share)

    def _is_of_other(self, text: str, intent: str) -> bool:
        """Return whether a question names a thing that is in no example of its intent."""
        known = self._named.get(intent)
        if known is None:
            return False
        around = self._vocabulary.words(*AROUND)
        return any(not is_among(one, known) for one in things_in(text, around))


def asks_something(vocabulary: Vocabulary, text: str) -> bool:
    """Return whether a text is a question, also an indirect one: "and whether there is parking"."""
    words = as_keyword(text).split()
    return vocabulary.asks(text) or vocabulary.has_any("whether", words)


def indirect_question(vocabulary: Vocabulary, text: str) -> str:
    """Return the question in "I also want to know if there is parking"; empty if there is none."""
    words = as_keyword(text).split()
    starts = [start for start, _ in vocabulary.places("whether", words)]
    return f"{' '.join(words[starts[-1] :])}?" if starts else ""


def _words_of(examples: Iterable[Examples]) -> frozenset[str]:
    patterns = (normalise(pattern) for one in examples for pattern in one.patterns)
    return frozenset(word for pattern in patterns for word in words_in(pattern))


def intents_of(parts: Iterable[Part]) -> Mapping[str, str]:
    """Return the intents of a message, each once, with the part that has it first."""
    found: dict[str, str] = {}
    for one in parts:
        if one.intent is not None and len(found) < MAX_INTENTS:
            found.setdefault(one.intent, one.text)
    return found


def model_of(examples: Sequence[Examples]) -> Model:
    """Return the model of the file; one that is learnt now if the examples are other ones."""
    model = read_model()
    if model.knows(examples):
        return model
    return _learnt(tuple(examples))


@cache
def _learnt(examples: tuple[Examples, ...]) -> Model:
    logger.warning(
        "the examples of intents have changed: they are learnt now, which takes a few seconds. "
        "`python3 watch.py intents --train` keeps the result for the next start"
    )
    return train(examples)
