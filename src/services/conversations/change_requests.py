"""Requests such as "change my name", which lead back to a question of the open form."""

from collections.abc import Iterator, Set
from typing import Any

from flow_engine import LANGUAGES, Corrected, Flow, FlowState, Replied
from flow_engine.words import as_keyword, normalise
from services.conversations.named_values import named_value
from texts.catalogue import Texts

#: Most words of such a request.
MAX_WORDS = 7
#: Shortest word that may name a question, in characters.
MIN_WORD_CHARS = 3
#: Words that name nothing: the "the" of "number of the document".
_COMMON = frozenset(
    normalise(word) for one in LANGUAGES.values() for word in one.search.common.split()
)


def requested_step(texts: Texts, state: FlowState, text: str) -> str | None:
    """Return the answered step that a person wants to change; None if they name none.

    A step is named by its text `name`, in any language, and by its name in the code.
    """
    return named_step(texts, state, _what_to_change(texts, text))


def requested_value(texts: Texts, flow: Flow[Any], state: FlowState, text: str) -> Corrected | None:
    """Return the new answer in "change my name to Ana"; None for other messages."""
    named = named_value(texts, text)
    if named is None or texts.vocabulary.words("change").isdisjoint(named.naming):
        return None
    step = named_step(texts, state, named.naming)
    takes = step is not None and not flow.options(step) and flow.takes(step, named.value)
    return Corrected(step, Replied(named.value)) if step is not None and takes else None


def named_step(texts: Texts, state: FlowState, wanted: Set[str]) -> str | None:
    """Return the answered step that some words name best; None if they name none."""
    scored = [
        (len(wanted & names), -len(names - wanted), place, step)
        for place, step in enumerate(state.answers)
        if (names := set(_names(texts, state.flow, step)))
    ]
    score, _, _, step = max(scored, default=(0, 0, 0, ""))
    return step if score else None


def _what_to_change(texts: Texts, text: str) -> set[str]:
    """Return the words beside "change" or "wrong"; none if the message is anything else."""
    if "?" in text:
        return set()
    for reading in texts.vocabulary.readings(text):
        words = reading.split()
        asks = texts.vocabulary.is_in("change", words[0])
        is_wrong = not texts.vocabulary.words("wrong").isdisjoint(words)
        if len(words) <= MAX_WORDS and (asks or is_wrong):
            return {word for word in words if len(word) >= MIN_WORD_CHARS}
    return set()


def _names(texts: Texts, flow: str, step: str) -> Iterator[str]:
    named = (texts.find(language, f"{flow}.{step}.name") for language in texts.languages)
    for name in (step.replace("_", " "), *filter(None, named)):
        words = as_keyword(normalise(name)).split()
        yield from (one for one in words if len(one) >= MIN_WORD_CHARS and one not in _COMMON)
