"""Reads the history of a run, and finds what the bot promised and did not keep.

Everything here is a pure function of a `History`. docs/proof.md says what each finding means.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from tests.prove.answers import (
    ANSWER,
    check_doubled,
    check_form,
    check_lost,
    check_order,
    missing,
)
from tests.prove.history import History, Kind, Message, Rollback
from tests.prove.lane_events import allowed_repeats, check_lane_events
from tests.prove.violations import Promise, Violation

from jobs.model import JobState

MESSAGE_ID = re.compile(r"wamid\.(\d+)\.(\d+)")


def check(history: History) -> list[Violation]:
    """Return every violation in a history."""
    return [
        *_people(history),
        *_deliveries(history),
        *_table(history),
        *(found for events in history.segments for found in check_lane_events(events)),
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
        for each in missing(messages, firsts.get(person, []))
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
            yield from check_lost(person, kept, texts)
        elif messages[0].kind is Kind.FORM:
            yield from check_form(person, len(messages), texts)
        else:
            yield from check_lost(person, messages, texts)
            yield from check_doubled(person, messages, texts)
            yield from check_order(person, messages, texts)


def _deliveries(history: History) -> Iterator[Violation]:
    """Messages at Meta: again without a reason, under the id of another one, or not at all."""
    excuses = allowed_repeats(history)
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
        if each.kind == "message" and (found := MESSAGE_ID.search(each.key or ""))
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


def _rollback_of(messages: Sequence[Message], rollbacks: Sequence[Rollback]) -> Rollback | None:
    """Return the first rollback after a person began to write: they wrote nothing after it."""
    later = [each for each in rollbacks if messages[0].posted_at < each.restored_at]
    return min(later, key=lambda each: each.restored_at, default=None)
