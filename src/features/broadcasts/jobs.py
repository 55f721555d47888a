"""Carries broadcasts out: one lane each, a page of people at a time."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from features.airtable.tables.contacts import Contact
from features.broadcasts import tables as broadcasts
from features.broadcasts.job_specs import COMMAND, PAGE_TIMER, BroadcastReference, CommandJob
from features.broadcasts.preparation import BroadcastRefused, Preparation, reader_of
from features.broadcasts.recipient_pages import Page
from features.broadcasts.state import (
    ENDED,
    UNDER_WAY,
    UNSENT,
    BroadcastPlan,
    BroadcastState,
    Command,
    Stage,
)
from features.broadcasts.tables import DeliveryCounts, delivery_counts
from features.broadcasts.variables import values_for
from features.bulk.labels import Labels
from features.bulk.pace import PAGE, Turn
from features.bulk.pauses import are_too_many
from features.bulk.senders import BulkSending
from features.templates.model import Template
from features.templates.payload import message_of
from features.templates.registry import TemplateRegistry
from features.templates.rendering import render
from features.templates.send_guard import is_on_hold
from jobs.model import Job, LaneState, NewJob, NewTimer, Outcome
from jobs.spec import EmptyBody, HandledJob
from services.sending.outbox import Draft, QueueObserver, enqueue_messages
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write

#: Who sends broadcasts, as statistics name it, and whose tenant.
SOURCE, TENANT = "broadcast", "default"


#: Time until a broadcast looks again whether Meta lets its template be sent.
HOLD = timedelta(minutes=10)
#: What operators read while Meta's limit of people is used up.
LIMIT_USED = "Waits: Meta's limit of people within 24 hours is used up."


class BroadcastRunner:
    """Handles the jobs of broadcasts. What goes wrong is told in their state."""

    def __init__(
        self,
        database: GroupCommit,
        *,
        registry: TemplateRegistry | None,
        sending: BulkSending,
        clock: Callable[[], datetime],
        observers: Sequence[QueueObserver] = (),
    ) -> None:
        self._database = database
        self._preparation = Preparation(database, registry, clock)
        self._registry = registry
        self._sending = sending
        self._clock = clock
        self._observers = observers

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs of broadcasts, with their handlers."""
        return (COMMAND.handled_by(self.handle_command), PAGE_TIMER.handled_by(self.send_next_page))

    async def handle_command(self, job: Job, body: CommandJob, state: LaneState) -> Outcome:
        """Do what operators ordered. A command that does not fit the stage changes nothing."""
        known = BroadcastState.read(state)
        match body.command, known.stage:
            case (Command.DRY_RUN | Command.START) as command, stage if stage in UNSENT:
                starts = command is Command.START
                known = await self._preparation.prepare(_id_of(job), body.plan, starts=starts)
            case Command.TEST, stage if stage in UNSENT:
                return await self._test(body.plan, _id_of(job))
            case Command.START, Stage.PAUSED:
                known = known.changed(stage=self._preparation.first_stage(known.plan), trouble="")
            case Command.PAUSE, stage if stage in UNDER_WAY:
                known = known.changed(stage=Stage.PAUSED)
            case Command.CANCEL, Stage() as stage if stage not in ENDED or await self._waits(job):
                known = self._ended(known, Stage.CANCELLED)
        return self._outcome(known)

    async def send_next_page(self, job: Job, body: EmptyBody, state: LaneState) -> Outcome:
        """Write to the next page of people, unless Meta is behind, or refuses too much."""
        known = BroadcastState.read(state)
        if known.stage not in UNDER_WAY:
            return Outcome()
        known = known.changed(stage=Stage.RUNNING)
        broadcast_id, now = _id_of(job), self._clock()
        so_far = await self._reached(broadcast_id)
        turn = await self._sending.pace.turn(job.lane, now)
        if so_far.pending > PAGE:
            return self._outcome(known, pause=turn.pause_after(PAGE))
        if trouble := await self._trouble(known, so_far, now):
            text = f"The broadcast {known.versions.all[0].name} is paused. {trouble}"
            alerts = self._sending.tell(text, f"{job.lane}:{now.timestamp()}")
            return self._outcome(known.changed(stage=Stage.PAUSED, trouble=trouble), alerts)
        if (until := await self._held_until(known, now)) is not None:
            waits = known.changed(trouble="Waits until Meta lets the template be sent again.")
            return self._outcome(waits, pause=until - now)
        portfolio = self._sending.portfolio
        reader = reader_of(broadcast_id, known.plan, known.versions, known.values, portfolio)
        page = await self._database.submit(reader.claim(known.cursor, most=PAGE, now=now))
        return self._write_to(broadcast_id, known, page, turn, now)

    async def _trouble(
        self, known: BroadcastState, so_far: DeliveryCounts, now: datetime
    ) -> str | None:
        """Return why a broadcast pauses until operators start it again; None if it does not."""
        if are_too_many(so_far.failed, so_far.failed + so_far.sent):
            return "Paused: too many failed."
        for one in known.versions.all:
            if await self._sending.is_failing(one.name, one.language):
                return "Paused: too many messages with this template failed."
        return None

    async def _held_until(self, known: BroadcastState, now: datetime) -> datetime | None:
        """Return when to look again while Meta has paused the template; None if it has not."""
        if self._registry is None:
            return None
        for one in known.versions.all:
            found = await self._registry.find(one.name, one.language)
            if found is not None and is_on_hold(found, now):
                return max(now + HOLD, found.paused_until or now)
        return None

    async def _test(self, plan: BroadcastPlan, broadcast_id: str) -> Outcome:
        """Send the message to one person, and count as a dry run does."""
        known = await self._preparation.prepare(broadcast_id, plan, starts=False)
        if known.stage is not Stage.CHECKED:
            return self._outcome(known)
        try:
            row = await self._preparation.tester(plan.test_to)
        except BroadcastRefused as error:
            return self._outcome(known.changed(stage=Stage.REFUSED, trouble=str(error)))
        jobs, writes = enqueue_messages(
            [Draft(_message_to(row, known.versions.of(row.user), known.values))],
            row.user,
            row.phone_number_id,
            at=self._clock(),
            observers=self._observers,
        )
        return self._outcome(known.changed(trouble="A test is on its way."), jobs, writes)

    async def _waits(self, job: Job) -> bool:
        """Whether some of it is still to be sent."""
        return (await self._reached(_id_of(job))).pending > 0

    async def _reached(self, broadcast_id: str) -> DeliveryCounts:
        return await self._database.submit(
            Transaction(lambda c, _: delivery_counts(c, broadcast_id))
        )

    def _write_to(
        self, broadcast_id: str, known: BroadcastState, page: Page, turn: Turn, now: datetime
    ) -> Outcome:
        jobs: list[NewJob] = []
        writes: list[Write] = []
        versions = known.versions
        for row in page.chosen:
            template = versions.of(row.user)
            names = (template.name, template.language, template.category)
            labels = Labels(TENANT, row.phone_number_id, SOURCE, *names)
            reference = BroadcastReference(id=broadcast_id, category=template.category)
            draft = Draft(
                _message_to(row, template, known.values),
                extra=reference.as_extra(),
                label=labels.at(now),
                text=render(template, values_for(template, known.values, row.user)),
            )
            writes.append(labels.write())
            new, sent = enqueue_messages(
                [draft],
                row.user,
                row.phone_number_id,
                at=now,
                observers=self._observers,
            )
            jobs += new
            writes += sent
            writes += [broadcasts.add(str(one.key), broadcast=broadcast_id) for one in new]
        skipped = Counter(known.skipped) + page.skipped
        known = known.changed(skipped=skipped, queued=known.queued + len(jobs), trouble="")
        pause = turn.pause_after(len(jobs))
        writes.append(turn.busy_until(now + pause))
        if page.last is None:
            known = self._ended(known, Stage.DONE)
        else:
            known = known.changed(cursor=page.last)
        if page.wait_until is not None:
            known = known.changed(trouble=LIMIT_USED)
            pause = max(pause, page.wait_until - now)
        if page.used is not None:
            jobs += self._sending.warn(page.used, now)
        return self._outcome(known, jobs, writes, pause=pause)

    def _ended(self, known: BroadcastState, stage: Stage) -> BroadcastState:
        # The cursor names a person, who may want to be forgotten.
        return known.changed(stage=stage, ended_at=self._clock().timestamp(), cursor="")

    def _outcome(
        self,
        known: BroadcastState,
        jobs: Sequence[NewJob] = (),
        writes: Sequence[Write] = (),
        *,
        pause: timedelta = timedelta(0),
    ) -> Outcome:
        timers = {"page": next(self._timers(known, pause), None)}
        return Outcome(known.model_dump(mode="json"), jobs, timers, writes)

    def _timers(self, known: BroadcastState, pause: timedelta) -> Iterator[NewTimer]:
        if known.stage is Stage.WAITING and known.plan.send_at is not None:
            yield PAGE_TIMER.timer(known.plan.send_at - self._clock(), EmptyBody())
        elif known.stage is Stage.RUNNING:
            yield PAGE_TIMER.timer(pause, EmptyBody())


def _id_of(job: Job) -> str:
    return job.lane.partition(":")[2]


def _message_to(row: Contact, template: Template, values: Mapping[str, str]) -> dict[str, Any]:
    return message_of(template, values_for(template, values, row.user)).payload()
