"""Numbers of the inbox: how long people waited, who answered, what the bot did alone."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from statistics import median
from typing import Any

from sqlalchemy import Connection, func, select

from features.inbox.tables.cases import inbox_case
from features.inbox.tables.messages import IN, OUT, inbox_message
from features.inbox.tables.threads import inbox_thread


@dataclass(slots=True)
class Answers:
    """Cases of a day, or those that an operator answered first."""

    cases: int = 0
    #: Seconds from the request to the first answer, and to the end.
    first: list[float] = field(default_factory=list)
    resolution: list[float] = field(default_factory=list)
    #: Messages that operators sent.
    replies: int = 0
    #: Cases that were answered after the target, or not at all.
    missed: int = 0

    @property
    def median_first(self) -> float | None:
        """Return the median time to the first answer, in seconds."""
        return median(self.first) if self.first else None

    @property
    def median_resolution(self) -> float | None:
        """Return the median time to the end of a case, in seconds."""
        return median(self.resolution) if self.resolution else None


@dataclass(frozen=True, slots=True)
class Target:
    """Minutes in which people should be answered (0: no target), and the time now."""

    minutes: int
    now: datetime

    def is_missed(self, case: Any) -> bool:
        """Return whether a case was answered too late, or waits for too long."""
        if not self.minutes:
            return False
        # what ended without an answer of an operator counts until it ended
        end = case.answered_at or case.closed_at or self.now
        return bool(end - case.opened_at > timedelta(minutes=self.minutes))


@dataclass(frozen=True, slots=True)
class Day:
    """One day, in the bot's time zone."""

    answers: Answers
    #: People who wrote.
    people: int
    #: Those of them who neither asked for a person nor were answered by one.
    by_bot_alone: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers of some days."""

    whole: Answers
    days: Mapping[date, Day]
    operators: Mapping[str, Answers]
    #: People who wait at this moment, and since when the first of them.
    waiting: int
    waiting_since: datetime | None


def read_numbers(
    connection: Connection, since: date, until: date, zone: tzinfo, target: Target
) -> Numbers:
    """Return the numbers of these days, the last included."""
    of = inbox_case.c
    query = select(of.opened_at, of.answered_at, of.answered_by, of.closed_at)
    begin, end = _moment(since, zone), _moment(until + timedelta(days=1), zone)
    whole = Answers()
    by_day: dict[date, Answers] = defaultdict(Answers)
    by_operator: dict[str, Answers] = defaultdict(Answers)
    for case in connection.execute(query.where(of.opened_at >= begin, of.opened_at < end)):
        groups = [whole, by_day[case.opened_at.astimezone(zone).date()]]
        if case.answered_by is not None:
            groups.append(by_operator[case.answered_by])
        for one in groups:
            _add(one, case, target)
    for author, number in _replies(connection, begin, end).items():
        by_operator[author].replies = number
        whole.replies += number
    dates = [since + timedelta(days=place) for place in range((until - since).days + 1)]
    days = {day: _day(connection, day, by_day[day], zone) for day in dates}
    waits = inbox_thread.c.waiting_since
    count, first = connection.execute(select(func.count(waits), func.min(waits))).one()
    return Numbers(whole, days, dict(sorted(by_operator.items())), count, first)


def _add(answers: Answers, case: Any, target: Target) -> None:
    answers.cases += 1
    answers.missed += target.is_missed(case)
    # Operators of Airtable act at the time of a sync that began before.
    if case.answered_at is not None:
        answers.first.append(max(0.0, (case.answered_at - case.opened_at).total_seconds()))
    if case.closed_at is not None:
        answers.resolution.append(max(0.0, (case.closed_at - case.opened_at).total_seconds()))


def _replies(connection: Connection, begin: datetime, end: datetime) -> Counter[str]:
    of = inbox_message.c
    is_it = (of.at >= begin, of.at < end, of.direction == OUT, of.author.is_not(None))
    query = select(of.author, func.count()).where(*is_it, of.kind != "reaction")
    query = query.group_by(of.author)
    return Counter(dict(connection.execute(query).all()))


def _day(connection: Connection, day: date, answers: Answers, zone: tzinfo) -> Day:
    of, case = inbox_message.c, inbox_case.c
    begin, end = _moment(day, zone), _moment(day + timedelta(days=1), zone)
    is_then = (of.at >= begin, of.at < end)
    wrote = select(of.user_key).where(*is_then, of.direction == IN).distinct()
    helped = select(of.user_key).where(*is_then, of.direction == OUT, of.author.is_not(None))
    asked = select(case.user_key).where(case.opened_at >= begin, case.opened_at < end)
    alone = wrote.where(of.user_key.not_in(helped), of.user_key.not_in(asked))
    return Day(answers, _count(connection, wrote), _count(connection, alone))


def _count(connection: Connection, query: Any) -> int:
    return int(connection.execute(select(func.count()).select_from(query.subquery())).scalar_one())


def _moment(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)


def rows_of(numbers: Numbers) -> Sequence[Sequence[object]]:
    """Return a table of the days, with its head, for CSV; times are in seconds."""
    head = (
        "day",
        "people",
        "bot_alone",
        "cases",
        "first_answer_median",
        "resolution_median",
        "missed",
    )
    return [
        head,
        *(
            (
                day.isoformat(),
                one.people,
                one.by_bot_alone,
                one.answers.cases,
                one.answers.median_first,
                one.answers.median_resolution,
                one.answers.missed,
            )
            for day, one in numbers.days.items()
        ),
    ]
