"""Releases notifications into the outbox: a page at a time, beside the replies to people."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from features.bulk.labels import Labels
from features.bulk.pace import PAGE, Turn, pause_after
from features.bulk.reach import Recipient
from features.bulk.senders import BulkSending
from features.notifications.checks import marketing_too_soon
from features.notifications.due import DuePage, next_page
from features.notifications.failures import pause_failing, told
from features.notifications.job_specs import PAGE_TIMER, RELEASE, mark
from features.notifications.lookup import TemplatesNamed
from features.notifications.release import held, verdicts
from features.notifications.stage import Stage
from features.notifications.verdict import Verdict
from features.templates.model import AUTHENTICATION, MARKETING
from jobs.model import Job, LaneState, NewJob, NewTimer, Outcome, Priority
from jobs.spec import EmptyBody, HandledJob
from schemas.cloud_api_schema import OutgoingMessage
from services.sending.outbox import Draft, QueueObserver, enqueue_messages
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write

#: Stages in which a notification ends without being sent.
ENDS = (Stage.EXPIRED, Stage.REFUSED)
#: Name in the state of a lane: from when on it may release more, in seconds since 1970.
NEXT_AT = "next_at"


class Releaser:
    """Handles the jobs of notifications."""

    def __init__(
        self,
        database: GroupCommit,
        *,
        sending: BulkSending,
        templates_named: TemplatesNamed,
        clock: Callable[[], datetime],
        observers: Sequence[QueueObserver] = (),
        ended: Callable[[Sequence[tuple[str, Stage]]], Sequence[NewJob]] = lambda _: (),
    ) -> None:
        self._database = database
        self._sending = sending
        self._templates_named = templates_named
        self._clock = clock
        self._observers = observers
        #: Returns the jobs that follow when notifications end without being sent.
        self._ended = ended

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs, with their handlers."""
        return (RELEASE.handled_by(self.release), PAGE_TIMER.handled_by(self.release))

    async def release(self, job: Job, body: EmptyBody, state: LaneState) -> Outcome:
        """Put the next page of what is due into the outbox.

        After a page it is quiet for as long as the page may take; only login codes go at once.
        """
        now = self._clock()
        tenant = job.lane.partition(":")[2]
        turn = await self._sending.pace.turn(job.lane, now)
        free_at = _free_at(state, turn, now)
        alerts = await self._pause_failing(now)
        page = await self._page(tenant, now, only_codes=free_at > now)
        found, warnings = await self._within_limit(list(verdicts(page, now)), now)
        jobs: list[NewJob] = []
        writes = [one.write(now) for one in found]
        for one in found:
            if one.message is not None:
                new, queued = self._queued(one, one.message, now)
                jobs += new
                writes += queued
        free_at += turn.pause_after(len(jobs))
        jobs += self._ended([(one.row.id, one.stage) for one in found if one.stage in ENDS])
        due = [one.held_until for one in found if one.held_until is not None]
        due += [page.next_due] if page.next_due is not None else []
        alarm = _alarm(max(free_at, min(due)), now) if due else None
        writes.append(turn.busy_until(free_at))
        jobs += [*alerts, *warnings]
        return Outcome({NEXT_AT: free_at.timestamp()}, jobs, {"page": alarm}, writes)

    async def _pause_failing(self, now: datetime) -> Sequence[NewJob]:
        """Pause what fails too often; return the jobs that tell operators."""
        new = await self._database.submit(Transaction(lambda c, _: pause_failing(c, now)))
        return [
            job
            for one in new
            for job in self._sending.tell(told(one), f"{one.key}:{now.timestamp()}")
        ]

    async def _page(self, tenant: str, now: datetime, *, only_codes: bool) -> DuePage:
        def read(connection: Connection, _: float) -> DuePage:
            return next_page(
                connection,
                tenant,
                now,
                most=PAGE,
                only_codes=only_codes,
                templates_named=self._templates_named,
            )

        return await self._database.submit(Transaction(read))

    async def _within_limit(
        self, found: Sequence[Verdict], now: datetime
    ) -> tuple[Sequence[Verdict], Sequence[NewJob]]:
        """Return what may be sent within Meta's limit of people; the rest waits."""
        people = [_recipient(one) for one in found if _needs_place(one)]
        if not people:
            return found, ()
        claimed = await self._sending.claim(people, now)
        decided = []
        for one in found:
            if _needs_place(one) and one.person.key in claimed.waiting:
                until = claimed.wait_until + self._offset(one)
                one = held(one.row, one.person, until, now)
            elif one.row.category == MARKETING and one.person.key in claimed.marketed:
                problems = [marketing_too_soon()]
                one = replace(one, stage=Stage.REFUSED, message=None, problems=problems)
            decided.append(one)
        return decided, self._sending.warn(claimed.reach, now)

    def _offset(self, one: Verdict) -> timedelta:
        """Return the turn of its page, so that batches that waited take turns."""
        return pause_after(PAGE, self._sending.pace.per_second) * (one.row.position // PAGE)

    def _queued(
        self, verdict: Verdict, message: OutgoingMessage, now: datetime
    ) -> tuple[list[NewJob], list[Write]]:
        row, number = verdict.row, self._sending.pace.number
        names = (row.template, row.language, row.category)
        labels = Labels(row.tenant, number, row.source, *names)
        draft = Draft(
            message.payload(),
            extra=mark(row.category),
            id=row.id,
            label=labels.at(row.created_at),
            text=verdict.text,
        )
        jobs, writes = enqueue_messages(
            [draft],
            verdict.person,
            number,
            at=now,
            observers=self._observers,
            # people wait for a code, and for nothing else
            priority=Priority.HIGH if row.category == AUTHENTICATION else Priority.LOW,
        )
        return jobs, [labels.write(), *writes]


def _needs_place(one: Verdict) -> bool:
    """Whether a message counts for Meta's limit of people; texts answer somebody."""
    return one.message is not None and one.row.template is not None


def _recipient(one: Verdict) -> Recipient:
    return Recipient(one.person, one.row.id if one.row.category == MARKETING else None)


def _free_at(state: LaneState, turn: Turn, now: datetime) -> datetime:
    """Return when the last page is done; soon, also if the clock was set back since."""
    known = datetime.fromtimestamp(float(str(state.get(NEXT_AT) or 0)), UTC)
    return max(now, min(known, now + turn.pause_after(PAGE)))


def _alarm(at: datetime, now: datetime) -> NewTimer:
    return PAGE_TIMER.timer(at - now, EmptyBody())
