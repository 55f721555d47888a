"""Reads the history of a run, and finds what the bot promised and did not keep.

Everything here is a pure function of a `History`. docs/proof.md says what each finding means.
"""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.prove.history import History, Kind, LaneEvent, Message, Rollback, What

from jobs.model import JobState

_TEXTS = tomllib.loads((Path(__file__).parents[2] / "src/texts/en.toml").read_text())
APOLOGY = _TEXTS["common"]["broken"]
QUESTION = _TEXTS["registration"]["full_name"]["ask"]
REMINDER = _TEXTS["common"]["reminder"]
TIMED_OUT = _TEXTS["common"]["timed_out"]
#: One letter for each text of a form.
LETTERS = {QUESTION: "q", REMINDER: "r", TIMED_OUT: "t"}
#: A form that nobody answers: the question, perhaps a reminder and the question again, the end.
ROUND = "q(rq)?t"

ANSWER = re.compile(r"(\d+) after (\d+)")
MESSAGE_ID = re.compile(r"wamid\.(\d+)\.(\d+)")


class Promise(StrEnum):
    """What a violation breaks."""

    LOST = "lost"
    DOUBLED = "doubled"
    REORDERED = "reordered"
    FENCE = "stored without the lane"
    TIMER = "timer lost"
    ASLEEP = "left undone"
    REUSED = "id used twice"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise."""

    promise: Promise
    #: The person, or the lane.
    about: str
    what: str


def check(history: History) -> list[Violation]:
    """Return every violation in a history."""
    return [
        *_people(history),
        *_deliveries(history),
        *_table(history),
        *(found for events in history.segments for found in _lanes(events)),
    ]


def repeats(history: History) -> int:
    """Return how often Meta got a message once more."""
    return len(history.arrivals) - sum(map(len, _firsts(history).values()))


def unanswered(history: History) -> list[Message]:
    """Return the acknowledged messages whose answers have not all arrived."""
    firsts = _firsts(history)
    return [
        each
        for person, messages in _by_person(history).items()
        for each in _missing(messages, firsts.get(person, []))
    ]


def gaps(history: History) -> list[tuple[float, Message]]:
    """Return (seconds, message) from the first 200 to the answer, the longest first."""
    answered: dict[tuple[str, int], float] = {}
    for arrival in history.arrivals:
        if found := ANSWER.fullmatch(arrival.text):
            answered.setdefault((arrival.person, int(found[1])), arrival.at)
    waited = [
        (max(0.0, at - each.acknowledged_at), each)
        for each in history.messages
        if each.acknowledged_at is not None
        and (at := answered.get((each.person, each.number))) is not None
    ]
    return sorted(waited, key=lambda pair: -pair[0])


def _people(history: History) -> Iterator[Violation]:
    firsts = _firsts(history)
    for person, messages in _by_person(history).items():
        rollback = _rollback_of(messages, history.rollbacks)
        texts = firsts.get(person, [])
        if rollback is not None:
            kept = [m for m in messages if (m.acknowledged_at or 0) < rollback.copied_at]
            yield from _lost(person, kept, texts)
        elif messages[0].kind is Kind.FORM:
            yield from _form(person, len(messages), texts)
        else:
            yield from _lost(person, messages, texts)
            yield from _doubled(person, messages, texts)
            yield from _order(person, messages, texts)


def _lost(person: str, messages: Sequence[Message], texts: Sequence[str]) -> Iterator[Violation]:
    for each in _missing(messages, texts):
        yield Violation(Promise.LOST, person, f"no answer to {each.kind} {each.number}")


def _missing(messages: Sequence[Message], texts: Sequence[str]) -> list[Message]:
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


def _doubled(person: str, messages: Sequence[Message], texts: Sequence[str]) -> Iterator[Violation]:
    """Answers that were decided twice; a repeated delivery of one decision is not meant here."""
    times = Counter(number for number, _ in _answers(texts))
    for number, count in times.items():
        if count > 1:
            yield Violation(Promise.DOUBLED, person, f"{count} answers to message {number}")
    poison = sum(each.kind is Kind.POISON for each in messages)
    if texts.count(APOLOGY) > poison:
        yield Violation(Promise.DOUBLED, person, f"{texts.count(APOLOGY)} apologies for {poison}")


def _order(person: str, messages: Sequence[Message], texts: Sequence[str]) -> Iterator[Violation]:
    """Answers in another order than their messages, or decided from another state."""
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


def _form(person: str, rounds: int, texts: Sequence[str]) -> Iterator[Violation]:
    """A form that is left unanswered, `rounds` times."""
    heard = "".join(LETTERS.get(text, "") for text in texts)
    if re.fullmatch(f"({ROUND}){{{rounds}}}", heard):
        return
    begun, ended = len(re.findall("(?<!r)q", heard)), heard.count("t")
    if max(begun, ended) > rounds:
        promise = Promise.DOUBLED
    elif begun < rounds:
        promise = Promise.LOST
    else:
        promise = Promise.TIMER if ended < rounds else Promise.REORDERED
    yield Violation(promise, person, f"heard {heard} in {rounds} forms, each {ROUND}")


def _deliveries(history: History) -> Iterator[Violation]:
    """Messages at Meta: again without a reason, under the id of another one, or not at all."""
    excuses = _excuses(history)
    times: Counter[tuple[str, str, str]] = Counter()
    for each in history.arrivals:
        times[each.person, each.delivery, each.text] += 1
    for (person, delivery, said), count in times.items():
        if count > 1 + excuses[delivery]:
            what = f"{said!r} came {count} times, and {excuses[delivery]} repeats are explained"
            yield Violation(Promise.DOUBLED, person, what)
    meanings: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for each in history.arrivals:
        meanings[each.delivery].add((each.person, each.text))
    for delivery, meant in meanings.items():
        if len(meant) > 1:
            what = f"{sorted(meant)} have the id {delivery}"
            yield Violation(Promise.REUSED, min(meant)[0], what)
    for delivery in sorted(history.accepted - meanings.keys()):
        what = f"the database knows {delivery} as accepted, and Meta never got it"
        yield Violation(Promise.LOST, delivery, what)


def _table(history: History) -> Iterator[Violation]:
    """Rows of the table of jobs: one for each message, and none that still waits."""
    rows = Counter(
        (found[1], int(found[2]))
        for each in history.jobs
        if each.kind == "message" and (found := MESSAGE_ID.search(each.body))
    )
    for person, messages in _by_person(history).items():
        if _rollback_of(messages, history.rollbacks) is not None:
            continue
        for each in messages:
            count = rows[person, each.number]
            if count != 1:
                promise = Promise.DOUBLED if count else Promise.LOST
                yield Violation(promise, person, f"message {each.number} is stored {count} times")
    for job in history.jobs:
        if job.state == JobState.TODO:
            yield Violation(Promise.ASLEEP, job.lane, f"job {job.id} ({job.kind}) still waits")


def _lanes(events: Sequence[LaneEvent]) -> Iterator[Violation]:
    """Ends of jobs by processes that did not hold the lane, or in the wrong order."""
    claimed_by = {each.token: each.process for each in events if each.what is What.CLAIMED}
    last: dict[str, int] = {}
    for each in events:
        if each.what is not What.ENDED or each.job is None:
            continue
        holder = claimed_by.get(each.token, "nobody")
        if holder != each.process:
            what = f"job {each.job} was ended by {each.process}, and the lane was held by {holder}"
            yield Violation(Promise.FENCE, each.lane, what)
        if each.state != JobState.TODO:
            if each.job <= last.get(each.lane, 0):
                what = f"job {each.job} ended after job {last[each.lane]}"
                yield Violation(Promise.REORDERED, each.lane, what)
            last[each.lane] = each.job


def _excuses(history: History) -> Counter[str]:
    """Return how often each message may have been sent again, by its delivery.

    What Meta accepted is sent again if the process that sent it was gone, or had lost its lane,
    before it could store that; or if the attempt failed. See "What is not covered" in
    docs/reliability.md. A restored backup forgets what was sent since.
    """
    excuses: Counter[str] = Counter()
    for events in history.segments:
        lost: Counter[str] = Counter()
        claims: dict[str, LaneEvent] = {}
        for each in events:
            if each.what is What.ENDED:
                if each.state == JobState.TODO:
                    lost[each.lane] += 1
                else:
                    excuses[str(each.key)] += lost.pop(each.lane, 0)
                continue
            claim = claims.pop(each.lane, None)
            if claim and (each.what is What.CLAIMED or each.process != claim.process):
                lost[each.lane] += 1
            if each.what is What.CLAIMED:
                claims[each.lane] = each
    for rollback in history.rollbacks:
        before = {each.delivery for each in history.arrivals if each.at < rollback.restored_at}
        excuses.update(before)
    return excuses


def _by_person(history: History) -> dict[str, list[Message]]:
    """Return the acknowledged messages of each person who has any, in order."""
    people: dict[str, list[Message]] = defaultdict(list)
    for each in history.messages:
        if each.acknowledged_at is not None:
            people[each.person].append(each)
    return people


def _firsts(history: History) -> dict[str, list[str]]:
    """Return the texts that each person got, in order, without repeated deliveries."""
    texts: dict[str, list[str]] = defaultdict(list)
    seen: set[tuple[str, str, str]] = set()
    for each in history.arrivals:
        key = (each.person, each.delivery, each.text)
        if key not in seen:
            seen.add(key)
            texts[each.person].append(each.text)
    return texts


def _answers(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Return (number, number before) of each answer."""
    found = map(ANSWER.fullmatch, texts)
    return [(int(each[1]), int(each[2])) for each in found if each]


def _rollback_of(messages: Sequence[Message], rollbacks: Sequence[Rollback]) -> Rollback | None:
    """Return the first rollback after a person began to write: they wrote nothing after it."""
    later = [each for each in rollbacks if messages[0].posted_at < each.restored_at]
    return min(later, key=lambda each: each.restored_at, default=None)
