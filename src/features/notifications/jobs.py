"""Releases notifications into the outbox: a page at a time, beside the replies to people."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from features.notifications.acceptance import PAGE
from features.notifications.job_specs import PAGE_TIMER, RELEASE, mark
from features.notifications.lookup import TemplatesNamed
from features.notifications.release import DuePage, Verdict, next_page, verdicts
from features.templates.model import AUTHENTICATION
from jobs.model import Job, LaneState, NewJob, NewTimer, Outcome, Priority
from jobs.spec import EmptyBody, HandledJob
from schemas.cloud_api_schema import OutgoingMessage
from services.sending.outbox import Draft, QueueObserver, enqueue_messages
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write

#: Part of what the number may send: replies go beside it.
SHARE = 0.5
#: Name in the state of a lane: from when on it may release more, in seconds since 1970.
NEXT_AT = "next_at"


def pause_after(count: int, per_second: float) -> timedelta:
    """Return the time that a number of messages takes at the share of notifications."""
    return timedelta(seconds=count / (per_second * SHARE))


class Releaser:
    """Handles the jobs of notifications."""

    def __init__(
        self,
        database: GroupCommit,
        *,
        phone_number_id: str,
        templates_named: TemplatesNamed,
        per_second: float,
        clock: Callable[[], datetime],
        observers: Sequence[QueueObserver] = (),
    ) -> None:
        self._database = database
        self._phone_number_id = phone_number_id
        self._templates_named = templates_named
        self._per_second = per_second
        self._clock = clock
        self._observers = observers

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs, with their handlers."""
        return (RELEASE.handled_by(self.release), PAGE_TIMER.handled_by(self.release))

    async def release(self, job: Job, body: EmptyBody, state: LaneState) -> Outcome:
        """Put the next page of what is due into the outbox.

        After a page it is quiet for as long as the page may take; only login codes go at once.
        """
        now = self._clock()
        free_at = self._free_at(state, now)
        page = await self._page(job.lane.partition(":")[2], now, only_codes=free_at > now)
        found = list(verdicts(page, now))
        jobs: list[NewJob] = []
        writes = [one.write(now) for one in found]
        for one in found:
            if one.message is not None:
                new, queued = self._queued(one, one.message, now)
                jobs += new
                writes += queued
        free_at += pause_after(len(jobs), self._per_second)
        due = [one.held_until for one in found if one.held_until is not None]
        due += [page.next_due] if page.next_due is not None else []
        alarm = _alarm(max(free_at, min(due)), now) if due else None
        return Outcome({NEXT_AT: free_at.timestamp()}, jobs, {"page": alarm}, writes)

    def _free_at(self, state: LaneState, now: datetime) -> datetime:
        """Return when the last page is done; soon, also if the clock was set back since."""
        known = datetime.fromtimestamp(float(str(state.get(NEXT_AT) or 0)), UTC)
        return max(now, min(known, now + pause_after(PAGE, self._per_second)))

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

    def _queued(
        self, verdict: Verdict, message: OutgoingMessage, now: datetime
    ) -> tuple[list[NewJob], list[Write]]:
        category = verdict.row.category
        return enqueue_messages(
            [Draft(message.payload(), extra=mark(category), id=verdict.row.id)],
            verdict.person,
            self._phone_number_id,
            at=now,
            observers=self._observers,
            # people wait for a code, and for nothing else
            priority=Priority.HIGH if category == AUTHENTICATION else Priority.LOW,
        )


def _alarm(at: datetime, now: datetime) -> NewTimer:
    return PAGE_TIMER.timer(at - now, EmptyBody())
