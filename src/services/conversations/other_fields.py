"""Texts that free text does not swallow: the answer to another question, or no answer at all.

"My passport number is AB12", "en español, por favor", an address or a "?" say nothing of somebody
who is asked to write a few sentences.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from flow_engine import Flow, FlowState
from flow_engine.fitting import asks_for_sentences
from flow_engine.reachability import is_phone_number, mail_in
from flow_engine.words import as_keyword
from services.conversations.change_requests import answer_to, named_step, names_of
from texts.catalogue import Texts

_NUMBER = re.compile(r"\+?\d[\d\s().\-/]{8,24}\d")
#: What is said to them.
SOMETHING_ELSE = "common.something_else"
#: Most words of a message with the answer to another question, and around an address.
MAX_WORDS, MAX_WORDS_BESIDE_ADDRESS = 12, 6
#: Small words around the name of a question, in characters: "my", "o", "mi".
MAX_SMALL_CHARS = 4


def is_other(texts: Texts, flow: Flow[Any], state: FlowState, text: str) -> bool:
    """Return whether a text is no description, where one is asked for."""
    if state.aside or not asks_for_sentences(flow, state.step):
        return False
    vocabulary = texts.vocabulary
    is_short = len(text.split()) <= MAX_WORDS_BESIDE_ADDRESS
    is_address = is_short and (mail_in(text) is not None or _has_phone_number(text))
    return (
        not any(map(str.isalnum, text))
        or is_address
        or vocabulary.means_something(text)
        or vocabulary.language_named(text) is not None
        or vocabulary.small_talk(text) is not None
        or any(
            any(map(str.isdigit, value)) or answer_to(texts, flow, state, step, value)
            for step, value in _named(texts, state, text)
        )
    )


def other_answer(
    texts: Texts, flow: Flow[Any], state: FlowState, text: str
) -> tuple[str, str] | None:
    """Return an answered step and its answer, if a message says nothing but that.

    "My passport number is AB12" and "date of birth 3 May 1990" name the step.
    """
    taken = (answer_to(texts, flow, state, *named) for named in _named(texts, state, text))
    return next(filter(None, taken), None)


def _named(texts: Texts, state: FlowState, text: str) -> Iterator[tuple[str, str]]:
    """Yield the answered steps that a message may name, and what it says of them."""
    written = text.split()
    words = [as_keyword(word) for word in written]
    if "?" in text or not 1 < len(written) <= MAX_WORDS or not state.answers:
        return
    linking = texts.vocabulary.words("linking")
    for end in range(1, len(written)):
        step = named_step(texts, state, {*words[:end]})
        if step is None or not _only_names(texts, state, step, words[:end]):
            continue
        links = [one for one in (2, 1, 0) if not one or " ".join(words[end : end + one]) in linking]
        start = next((end + one for one in links if end + one < len(written)), end)
        named = {*words[:end]} & {*names_of(texts, state.flow, step)}
        if words[start] in names_of(texts, state.flow, step) and words[start] not in named:
            continue  # "number" of "passport number"
        yield step, " ".join(written[start:])


def _has_phone_number(text: str) -> bool:
    return any(map(is_phone_number, _NUMBER.findall(text)))


def _only_names(texts: Texts, state: FlowState, step: str, words: Sequence[str]) -> bool:
    """Return whether words only name a step: "my", "the" and the like may stand beside it."""
    names = {*names_of(texts, state.flow, step)}
    around = texts.vocabulary.words("apology", "correction", "courtesy", "filler")
    return all(word in names or word in around or len(word) <= MAX_SMALL_CHARS for word in words)
