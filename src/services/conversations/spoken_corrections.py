"""Other answers to earlier questions, in words: "sorry, my name is Ana", "actually it's Ana"."""

from collections.abc import Iterator
from typing import Any

from flow_engine import Flow, FlowState
from flow_engine.words import as_keyword
from services.conversations.change_requests import named_step
from services.conversations.named_values import MAX_LINK_WORDS
from texts.catalogue import Texts

#: Most words of such a message.
MAX_WORDS = 14
#: Most words that name a question: "the number of my document".
MAX_NAMING_WORDS = 6
#: Most words of a phrase that opens a correction.
MAX_OPENING_WORDS = 4


def spoken_correction(
    texts: Texts, flow: Flow[Any], state: FlowState, text: str, *, is_refused: bool
) -> tuple[str, str] | None:
    """Return an answered step and its other answer; None if a message corrects none.

    A message that answers the question itself has to open like a correction and to name the step;
    one that is refused may also mean the answer before.
    """
    written = text.split()
    if "?" in text or len(written) > MAX_WORDS or not state.answers:
        return None
    words = [as_keyword(word) for word in written]
    start, opened_with = _after_opening(texts, words)
    links = list(_links(texts, words, start))
    at, after = next((one for one in links if one[0] - start <= MAX_NAMING_WORDS), (start, start))
    value = " ".join(written[after:])
    step = named_step(texts, state, {*words[start:at]})
    if step is not None and (is_refused or opened_with):
        return _answer(texts, flow, step, value)
    is_meant = "correction" in opened_with or (bool(opened_with) and at == start and bool(links))
    if not (is_refused and is_meant and at == start) or texts.vocabulary.denies(words[start:]):
        return None
    return _answer(texts, flow, next(reversed(state.answers)), value)


def _links(texts: Texts, words: list[str], start: int) -> Iterator[tuple[int, int]]:
    """Yield the places (start, end) of what links a name and a value: "is", "should be"."""
    linking = texts.vocabulary.words("linking")
    for at in range(start, len(words)):
        for end in range(at + MAX_LINK_WORDS, at, -1):
            if " ".join(words[at:end]) in linking:
                yield at, end
                break


def _after_opening(texts: Texts, words: list[str]) -> tuple[int, set[str]]:
    """Return where the correction itself starts, and the groups of words that opened it."""
    groups = {one: texts.vocabulary.words(one) for one in ("correction", "apology")}
    known = texts.vocabulary.words("correction", "apology", "courtesy")
    known -= texts.vocabulary.words("linking")  # "é", which is "e" without its accent
    start, opened_with = 0, set[str]()
    while start < len(words):
        ends = range(min(start + MAX_OPENING_WORDS, len(words)), start, -1)
        phrases = {end: " ".join(filter(None, words[start:end])) for end in ends}
        end = next((end for end in ends if phrases[end] in known), None)
        if end is None:
            break
        opened_with |= {one for one, group in groups.items() if phrases[end] in group}
        start = end
    return start, opened_with


def _answer(texts: Texts, flow: Flow[Any], step: str, value: str) -> tuple[str, str] | None:
    """Return the step with an answer that it takes."""
    options = flow.options(step)
    if options:
        option = texts.option_in_sentence(f"{flow.name}.{step}", options, value)
        return None if option is None else (step, option)
    return (step, value) if value and flow.takes(step, value) else None
