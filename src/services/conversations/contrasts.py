"""Corrections that name both answers: "es Ana Ruiz no Ana Rios", "its 15 not 16".

What is denied has to be an answer of the form, or a part of one, so that nothing else is changed.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flow_engine import Flow, FlowState, NextDays
from flow_engine.dates import month_named
from flow_engine.days import day_among
from flow_engine.field_types import is_date
from flow_engine.fitting import asks_for_sentences
from flow_engine.words import as_keyword, normalise
from services.conversations.bare_values import bare_value
from services.conversations.change_requests import names_of
from services.conversations.option_loading import days_from
from texts.catalogue import Texts

#: Most words of such a message; of a longer one, its first clauses are read.
MAX_WORDS = 14
#: Fewest characters of the end of a number that is denied: "it ends in 98, not 99".
MIN_END_CHARS = 2


def contrast(
    texts: Texts, flow: Flow[Any], state: FlowState, text: str, today: date
) -> tuple[str, str] | None:
    """Return an answered step and its other answer, where a message denies the first one."""
    if "?" in text or not state.answers:
        return None
    clauses = text.split(",")  # "it is 24, not 25, and then I wanted to say …"
    while len(clauses) > 1 and len(" ".join(clauses).split()) > MAX_WORDS:
        clauses.pop()
    text = ",".join(clauses)
    if len(text.split()) > MAX_WORDS:
        return None
    for new, old in _contrasted(texts, text):
        for step, answer in reversed(state.answers.items()):
            found = _other_answer(texts, flow, step, str(answer), new, old)
            found = found or _other_option(flow, step, str(answer), new, old, today)
            if found is not None and found != answer:
                return step, found
    return None


def _contrasted(texts: Texts, text: str) -> Iterator[tuple[str, str]]:
    """Yield (what is right, what is denied): "A, not B" and "not B but A"."""
    written = text.replace(",", " , ").split()
    words = [as_keyword(word) for word in written]
    negation, linking = texts.vocabulary.words("negation"), texts.vocabulary.words("linking")
    ends = linking | texts.vocabulary.words("but_rather")
    for at, word in enumerate(words):
        if word not in negation:
            continue
        before = _plain(texts, written[:at])
        behind = _plain(texts, written[at + 1 :])
        link = max((end for end in range(at) if words[end] in linking), default=-1)
        told = _plain(texts, written[link + 1 : at]) if 0 <= link < at - 1 else before
        if before and behind:
            yield told, behind
            yield before, behind
        first = at + 1 + (words[at + 1 : at + 2] != [] and words[at + 1] in linking)
        for end in range(first + 1, len(words)):
            if words[end] in ends or written[end] == ",":
                yield _plain(texts, written[end:]), _plain(texts, written[at + 1 : end])


def _plain(texts: Texts, written: Sequence[str]) -> str:
    return " ".join(bare_value(texts, written, "but_rather"))


def _other_answer(
    texts: Texts, flow: Flow[Any], step: str, answer: str, new: str, old: str
) -> str | None:
    """Return the answer to a step with the right words in place of the denied ones."""
    if not new or not old:
        return None
    if options := flow.options(step):
        key = f"{flow.name}.{step}"
        named = [texts.option_in_sentence(key, options, one) for one in (new, old)]
        return named[0] if named[1] == answer and None not in named else None
    if is_date(flow.annotation(step)):
        found = _other_day(flow, step, answer, new, old)
    elif flow.takes(step, old) and str(flow.parse(step, old)) == answer:
        found = new
    elif asks_for_sentences(flow, step) and not _is_part(texts, flow.name, step, new):
        return None
    else:
        found = _replaced(answer, new, old)
    return str(flow.parse(step, found)) if found and flow.takes(step, found) else None


def _other_option(
    flow: Flow[Any], step: str, answer: str, new: str, old: str, today: date
) -> str | None:
    """Return another of the next days, of which one was chosen."""
    source = flow.step(step).options_from
    if not isinstance(source, NextDays) or day_among([answer], old, today) is None:
        return None
    return day_among(days_from(today, source), new, today)


def _other_day(flow: Flow[Any], step: str, answer: str, new: str, old: str) -> str | None:
    """Return another day, of which the whole, the day, the month or the year is denied."""
    if flow.takes(step, old):
        is_denied = flow.parse(step, old) == answer
        return new if is_denied else None
    day = date.fromisoformat(answer)
    here, other = _number(old), _number(new)
    parts = {"day": day.day, "year": day.year}
    if here is None or other is None:
        months = [month_named(normalise(one)) for one in (old, new)]
        is_month = months[0] == day.month and months[1] is not None
        return f"{day.year:04}-{months[1]:02}-{day.day:02}" if is_month else None
    part = next((name for name, value in parts.items() if value in (here, here + 1900)), None)
    if part is None:
        return None
    parts[part] = other if other >= 100 or part == "day" else day.year // 100 * 100 + other
    return f"{parts['year']:04}-{day.month:02}-{parts['day']:02}"


def _number(text: str) -> int | None:
    digits = normalise(text).rstrip("stndrh")
    return int(digits) if digits.isdecimal() else None


def _replaced(answer: str, new: str, old: str) -> str | None:
    """Return an answer with other words in place of some; also where they are its last digits."""
    words, denied = normalise(answer).split(), normalise(old).split()
    written = answer.split()
    if len(written) == len(words):
        for start in range(len(words) - len(denied) + 1):
            if words[start : start + len(denied)] == denied:
                return " ".join((*written[:start], new, *written[start + len(denied) :]))
    is_number = len(words) == 1 and len(old) >= MIN_END_CHARS and any(map(str.isdigit, old))
    end = new.split()[-1]
    if not is_number or not answer.upper().endswith(old.upper()):
        return None
    if len(end) == len(answer):  # "it's A09238821, not 12"
        return end
    return answer[: -len(old)] + end if len(end) == len(old) else None


def _is_part(texts: Texts, flow: str, step: str, new: str) -> bool:
    """Return whether words may stand in a text about something: no sentence about that text."""
    words = {*as_keyword(new).split()}
    linking = texts.vocabulary.words("linking", "naming", "change")
    return words.isdisjoint((*names_of(texts, flow, step), *linking))
