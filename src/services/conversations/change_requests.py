"""Other answers to earlier questions, and requests to change them, in words.

"Change my name" leads back to a question; "sorry, my name is Ana" answers it anew at once.
"""

import re
from collections.abc import Collection, Iterator, Sequence, Set
from typing import Any

from flow_engine import LANGUAGES, Corrected, Flow, FlowState, Replied
from flow_engine.field_types import is_date
from flow_engine.fitting import Fit, asks_for_sentences, fit, takes_names
from flow_engine.partial_dates import completed, partial_date
from flow_engine.reachability import is_phone_number
from flow_engine.state import CHANGE, WRONG
from flow_engine.words import as_keyword, normalise
from services.conversations.doubtful_names import Doubt, name_doubt
from services.conversations.named_values import (
    MAX_LINK_WORDS,
    MAX_NAMING_WORDS,
    named_value,
    named_values,
)
from texts.catalogue import Texts

#: Most words of a request, and of a correction.
MAX_REQUEST_WORDS, MAX_CORRECTION_WORDS = 7, 14
#: Shortest word that may name a question, in characters.
MIN_WORD_CHARS = 3
#: Most words that open a correction.
MAX_OPENING_WORDS = 4
#: Most words that begin a request: "go back to".
MAX_CHANGE_WORDS = 3
#: Words that name nothing: the "the" of "number of the document".
_COMMON = frozenset(
    normalise(word) for one in LANGUAGES.values() for word in one.search.common.split()
)
_CLAUSES = re.compile(r"[,;.\n]+")


def requested_step(texts: Texts, state: FlowState, text: str) -> str | None:
    """Return the answered step that a person wants to change; None if they name none.

    A step is named by its text `name`, in any language, and by its name in the code.
    """
    return named_step(texts, state, _what_to_change(texts, text))


def requested_value(texts: Texts, flow: Flow[Any], state: FlowState, text: str) -> Corrected | None:
    """Return the new answer in "change my name to Ana"; None for other messages."""
    for named in named_values(texts, text):
        step = named_step(texts, state, named.naming)
        if step is None or texts.vocabulary.words("change").isdisjoint(named.naming):
            continue
        value = _in_the_same_year(flow, state, step, named.value)
        if not flow.options(step) and flow.takes(step, value):
            return Corrected(step, Replied(value))
    return None


def _in_the_same_year(flow: Flow[Any], state: FlowState, step: str, value: str) -> str:
    """Return a day with the year of the answer before, where it has none: "14 July"."""
    part = partial_date(value) if is_date(flow.annotation(step)) else None
    year = str(state.answers[step])[:4]
    return completed(part.known, year) if part is not None and part.missing == "year" else value


def requested_option(
    texts: Texts, flow: Flow[Any], state: FlowState, text: str
) -> Corrected | None:
    """Return the other option in "the document is wrong, it's a passport"; None for others."""
    if not _what_to_change(texts, text, MAX_CORRECTION_WORDS):
        return None
    found = other_option(texts, flow, state, text)
    return Corrected(found[0], Replied(found[1])) if found else None


def named_steps(texts: Texts, state: FlowState, text: str) -> str | None:
    """Return the first answered step that is named where people choose what to change.

    "My name and the description" names two; a value names none, and has digits or a link.
    """
    words = as_keyword(text).split()
    is_value = any(map(str.isdecimal, text)) or named_value(texts, text) is not None
    is_listed = state.aside in (CHANGE, WRONG) or _is_nothing_else(texts, state, words)
    if not is_listed or is_value or len(words) > MAX_REQUEST_WORDS:
        return None
    found = (one for one in state.answers if set(words) & names_of(texts, state.flow, one))
    return next(found, None)


def _is_nothing_else(texts: Texts, state: FlowState, words: Sequence[str]) -> bool:
    """Return whether somebody who changes an answer only names another: "no, the date"."""
    around = texts.vocabulary.words("no", "apology", "filler", "courtesy", "correction")
    said = set(words) - around - _COMMON
    asked = names_of(texts, state.flow, state.step)
    named = {name for one in state.answers for name in names_of(texts, state.flow, one)}
    is_opened = bool(words) and words[0] in around
    return state.is_changing and is_opened and bool(said) and said <= named - asked


def other_option(
    texts: Texts, flow: Flow[Any], state: FlowState, text: str
) -> tuple[str, str] | None:
    """Return an answered step with another of its options, which a sentence names."""
    parts = (text, *_CLAUSES.split(text))  # "it's not a passport, it's an ID": each may name one
    for step, answer in reversed(state.answers.items()):
        options, name = flow.options(step), f"{flow.name}.{step}"
        found = (texts.option_in_sentence(name, options, one) for one in parts if options)
        chosen = next((one for one in found if one not in (None, "yes", "no", answer)), None)
        if chosen is not None:
            return step, chosen
    return None


def named_step(texts: Texts, state: FlowState, wanted: Set[str]) -> str | None:
    """Return the answered step that some words name best; None if they name none."""
    scored = [
        (len(wanted & names), -len(names - wanted), place, step)
        for place, step in enumerate(state.answers)
        if (names := names_of(texts, state.flow, step))
    ]
    score, _, _, step = max(scored, default=(0, 0, 0, ""))
    return step if score else None


def _what_to_change(texts: Texts, text: str, most: int = MAX_REQUEST_WORDS) -> set[str]:
    """Return the words beside "change" or "wrong"; none if the message is anything else."""
    vocabulary, is_open = texts.vocabulary, "?" in text
    wholes = [one.split() for one in vocabulary.readings(text)]
    readings = (one for part in _CLAUSES.split(text) for one in vocabulary.readings(part))
    clauses = [_opened(texts, one.split()) for one in readings]
    wrong = (one for one in wholes if not (is_open or vocabulary.words("wrong").isdisjoint(one)))
    asked = (one for one in (*wholes, *clauses) if _asks_for_change(texts, one))
    words = next((one for one in (*wrong, *asked) if one and len(one) <= most), ())
    return {word for word in words if len(word) >= MIN_WORD_CHARS}


def _opened(texts: Texts, words: Sequence[str]) -> Sequence[str]:
    """Return the words behind a beginning such as "no, wait"."""
    opening = texts.vocabulary.words("no", "apology", "filler", "courtesy")
    start = next((at for at, word in enumerate(words) if word not in opening), 0)
    return words[start:]


def _asks_for_change(texts: Texts, words: Sequence[str]) -> bool:
    starts = (" ".join(words[:end]) for end in range(1, MAX_CHANGE_WORDS + 1))
    return not texts.vocabulary.words("change").isdisjoint(starts)


def names_of(texts: Texts, flow: str, step: str, languages: Collection[str] = ()) -> Set[str]:
    """Return the words that name a step, in any language; in some, without that of the code."""
    named = (texts.words_under(one, f"{flow}.{step}.name") for one in languages or texts.languages)
    code = () if languages else normalise(step.replace("_", " ")).split()
    words = frozenset(code).union(*named) - _COMMON
    return {one for one in words if len(one) >= MIN_WORD_CHARS}


def spoken_correction(
    texts: Texts, flow: Flow[Any], state: FlowState, text: str, *, is_refused: bool
) -> tuple[str, str] | None:
    """Return an answered step and its other answer; None if a message corrects none.

    A message that answers the question itself has to open like a correction and to name the step;
    one that is refused may also mean the answer before.
    """
    written = text.split()
    is_changing = state.aside in (CHANGE, WRONG)  # "my name is Ana", where the answers are listed
    is_refused = is_refused or is_changing
    if "?" in text or len(written) > MAX_CORRECTION_WORDS or not state.answers:
        return None
    if state.aside and not is_changing:
        return None
    words = [as_keyword(word) for word in written]
    start, opened_with = _after_opening(texts, words)
    links = list(_links(texts, words, start))
    at, after = next((one for one in links if one[0] - start <= MAX_NAMING_WORDS), (start, start))
    value = " ".join(written[after:])
    step = named_step(texts, state, {*words[start:at]})
    if step is not None and (is_refused or opened_with):
        named = answer_to(texts, flow, state, step, value)
        return named or (_unnamed(texts, flow, state, text) if is_refused else None)
    if is_refused and (other := _unnamed(texts, flow, state, text)):
        return other
    is_meant = "correction" in opened_with or (bool(opened_with) and at == start and bool(links))
    if not (is_refused and is_meant and at == start) or texts.vocabulary.denies(words[start:]):
        return None
    last = next(reversed(state.answers))
    # What takes any text has to be named: "actually my name is Ana" is no description.
    return None if asks_for_sentences(flow, last) else answer_to(texts, flow, state, last, value)


def _unnamed(texts: Texts, flow: Flow[Any], state: FlowState, text: str) -> tuple[str, str] | None:
    """Return an answered step whose other answer a message holds: an option, or a day."""
    if found := other_option(texts, flow, state, text):
        return found
    written = text.split()
    dates = [one for one in state.answers if is_date(flow.annotation(one))]
    ends = (" ".join(written[start:]) for start in range(len(written)))
    takes = ((step, end) for end in ends for step in dates if flow.takes(step, end))
    return next(takes, None) if len(dates) == 1 else None


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


def answer_to(
    texts: Texts, flow: Flow[Any], state: FlowState, step: str, value: str
) -> tuple[str, str] | None:
    """Return the step with an answer that it takes."""
    options = flow.options(step)
    if options:
        option = texts.option_in_sentence(f"{flow.name}.{step}", options, value)
        return None if option is None else (step, option)
    if not value or not flow.takes(step, value):
        return None
    is_phone = is_phone_number(value) and not is_phone_number(str(state.answers.get(step, "")))
    if is_phone and fit(flow, step, value) is Fit.KIND:  # "my number is …" of a document?
        return None
    is_doubtful = takes_names(flow, step) and name_doubt(texts, value) is Doubt.NO_NAME
    return None if is_doubtful else (step, value)
