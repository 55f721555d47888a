"""Checks what one person wrote and got: each message answered, once, in order."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence

from tests.prove.history import Kind, Message
from tests.prove.violations import Promise, Violation
from tests.sample.copying import sample_source

_TEXTS = tomllib.loads((sample_source() / "texts/en.toml").read_text())
INTRODUCTION = _TEXTS["first_contact"]["bot"]
APOLOGY = _TEXTS["common"]["broken"]
QUESTION = _TEXTS["registration"]["full_name"]["ask"]
#: It asks the question again, in the same message.
REMINDER = f"{_TEXTS['common']['reminder']}\n\n{QUESTION}"
TIMED_OUT = _TEXTS["common"]["timed_out"]
#: One letter for each text of a form.
LETTERS = {QUESTION: "q", REMINDER: "r", TIMED_OUT: "t"}
#: A form that nobody answers: the question, perhaps a reminder, the end.
ROUND = "qr?t"

#: Number, and the number before it.
ANSWER = re.compile(r"(\d+) after (\d+)")

Found = Iterator[Violation]


def check_lost(person: str, messages: Sequence[Message], texts: Sequence[str]) -> Found:
    """Yield acknowledged messages without an answer."""
    for each in missing(messages, texts):
        yield Violation(Promise.LOST, person, f"no answer to {each.kind} {each.number}")


def missing(messages: Sequence[Message], texts: Sequence[str]) -> list[Message]:
    """Return the messages of one person that were not answered."""
    numbers = {number for number, _ in _answers(texts)}
    poison = [each for each in messages if each.kind is Kind.POISON]
    forms = [each for each in messages if each.kind is Kind.FORM]
    others = [each for each in messages if each.kind not in (Kind.POISON, Kind.FORM)]
    return [
        *poison[texts.count(APOLOGY) :],
        *forms[texts.count(TIMED_OUT) :],
        *(each for each in others if each.number not in numbers),
    ]


def check_doubled(person: str, messages: Sequence[Message], texts: Sequence[str]) -> Found:
    """Yield answers that were decided twice, not one decision that was sent twice."""
    times = Counter(number for number, _ in _answers(texts))
    for number, count in times.items():
        if count > 1:
            yield Violation(Promise.DOUBLED, person, f"{count} answers to message {number}")
    poison = sum(each.kind is Kind.POISON for each in messages)
    if texts.count(APOLOGY) > poison:
        yield Violation(Promise.DOUBLED, person, f"{texts.count(APOLOGY)} apologies for {poison}")


def check_order(person: str, messages: Sequence[Message], texts: Sequence[str]) -> Found:
    """Yield answers in another order than their messages, or decided from another state."""
    answers = _answers(texts)
    numbers = [number for number, _ in answers]
    if numbers != sorted(numbers):
        yield Violation(Promise.REORDERED, person, f"answers arrived in the order {numbers}")
    counted = [each.number for each in messages if each.kind is not Kind.POISON]
    before = dict(zip(counted, [0, *counted], strict=False))
    for number, previous in answers:
        if number in before and previous != before[number]:
            what = f"{number} was decided after {previous}, not after {before[number]}"
            yield Violation(Promise.REORDERED, person, what)


def check_form(person: str, rounds: int, texts: Sequence[str]) -> Found:
    """Yield what is wrong with forms that were left unanswered, `rounds` times."""
    heard = "".join(LETTERS.get(text, "") for text in texts)
    if re.fullmatch(f"({ROUND}){{{rounds}}}", heard):
        return
    begun, ended = heard.count("q"), heard.count("t")
    if max(begun, ended) > rounds:
        promise = Promise.DOUBLED
    elif begun < rounds:
        promise = Promise.LOST
    else:
        promise = Promise.TIMER if ended < rounds else Promise.REORDERED
    yield Violation(promise, person, f"heard {heard} in {rounds} forms, each {ROUND}")


def _answers(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Return (number, number before) of each answer."""
    found = map(ANSWER.fullmatch, texts)
    return [(int(each[1]), int(each[2])) for each in found if each]
