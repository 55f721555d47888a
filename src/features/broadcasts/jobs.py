"""Carries broadcasts out: one lane each, a page of people at a time."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from loguru import logger

from features.airtable.contact_adoption import WrongNumber, known_key, wa_id_of
from features.airtable.tables import contact_reader
from features.airtable.tables.contacts import Contact
from features.broadcasts import tables as broadcasts
from features.broadcasts.job_specs import COMMAND, PAGE_TIMER, BroadcastReference, CommandJob
from features.broadcasts.recipient_pages import Page, Reader
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
from features.broadcasts.template_parameters import (
    WrongVariables,
    components,
    preview,
    read_values,
)
from jobs.model import Job, LaneState, NewJob, NewTimer, Outcome
from jobs.spec import EmptyBody, HandledJob
from schemas.cloud_api_schema import TemplateMessage
from services.clients.cloud_api.client import ReadTemplates
from services.clients.cloud_api.errors import WhatsAppError
from services.sending.outbox import Draft, QueueObserver, enqueue_messages
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write

#: People who are looked at in one transaction.
PAGE = 100
#: Part of what the number may send: replies go beside it.
SHARE = 0.5
#: Most people whom a dry run shows as its recipients.
MAX_SHOWN_RECIPIENTS = 100
NO_TESTER = "Test to: nobody with this number writes with the bot. Say hello to it first."
#: From so many failures on, a broadcast pauses if they are more than this part.
MIN_FAILURES, MAX_FAILING_SHARE = 20, 0.3


class Refused(Exception):
    """A broadcast is impossible as it is; the words are for operators."""


class BroadcastRunner:
    """Handles the jobs of broadcasts. What goes wrong is told in their state."""

    def __init__(
        self,
        database: GroupCommit,
        *,
        read: ReadTemplates | None,
        per_second: float,
        clock: Callable[[], datetime],
        observers: Sequence[QueueObserver] = (),
    ) -> None:
        self._database = database
        self._read = read
        self._pause = timedelta(seconds=PAGE / (per_second * SHARE))
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
                known = await self._prepare(_id_of(job), body.plan, starts=command == Command.START)
            case Command.TEST, stage if stage in UNSENT:
                return await self._test(body.plan, _id_of(job))
            case Command.START, Stage.PAUSED:
                known = known.changed(stage=self._first_stage(known.plan), trouble="")
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
        if so_far.pending > PAGE:
            return self._outcome(known)
        if _fails(so_far):
            known = known.changed(stage=Stage.PAUSED, trouble="Paused: too many failed.")
            return self._outcome(known)
        reader = Reader(broadcast_id, known.plan, _category(known.template))
        page = await self._database.submit(reader.claim(known.cursor, most=PAGE, now=now))
        return self._write_to(broadcast_id, known, page, now)

    async def _prepare(
        self, broadcast_id: str, plan: BroadcastPlan, *, starts: bool
    ) -> BroadcastState:
        known = BroadcastState(plan=plan)
        try:
            template = await self._template(plan.template)
            values = read_values(template, plan.variables)
            if starts and not plan.approved:
                raise Refused("Approved is not ticked.")
        except (Refused, WrongVariables) as error:
            return known.changed(stage=Stage.REFUSED, trouble=str(error))
        reader = Reader(broadcast_id, plan, _category(template))
        audience, skipped, recipients = await self._count(reader)
        shown = preview(template, values)
        known = known.changed(template=template, values=values, audience=audience, preview=shown)
        known = known.changed(recipients=recipients)
        if not starts:
            return known.changed(stage=Stage.CHECKED, skipped=skipped)
        return known.changed(stage=self._first_stage(plan))

    async def _test(self, plan: BroadcastPlan, broadcast_id: str) -> Outcome:
        """Send the message to one person, and count as a dry run does."""
        known = await self._prepare(broadcast_id, plan, starts=False)
        if known.stage is not Stage.CHECKED:
            return self._outcome(known)
        try:
            row = await self._contact(plan.test_to)
        except WrongNumber as error:
            return self._outcome(known.changed(stage=Stage.REFUSED, trouble=f"Test to: {error}"))
        if row is None or row.user.opted_out_at is not None:
            return self._outcome(known.changed(stage=Stage.REFUSED, trouble=NO_TESTER))
        jobs, writes = enqueue_messages(
            [Draft(_message_to(row, known))],
            row.user,
            row.phone_number_id,
            at=self._clock(),
            observers=self._observers,
        )
        return self._outcome(known.changed(trouble="A test is on its way."), jobs, writes)

    async def _contact(self, phone: str) -> Contact | None:
        """Return whose number this is; None for nobody, WrongNumber if it cannot be read."""
        key = await self._database.submit(Transaction(lambda c, _: known_key(c, phone)))
        if key is None:
            wa_id_of(phone)
            return None
        found = await self._database.submit(
            Transaction(lambda c, _: contact_reader.by_keys(c, [key]))
        )
        return found[0] if found else None

    def _first_stage(self, plan: BroadcastPlan) -> Stage:
        is_later = plan.send_at is not None and plan.send_at > self._clock()
        return Stage.WAITING if is_later else Stage.RUNNING

    async def _template(self, key: str) -> Mapping[str, Any]:
        if self._read is None:
            raise Refused("The bot does not know the business account: set WP_BID.")
        if not key:
            raise Refused("Choose one template.")
        try:
            templates = await self._read()
        except WhatsAppError as error:
            logger.warning("the templates cannot be read: {}", error)
            raise Refused("Meta cannot be asked for the template now: try again.") from error
        for one in templates:
            if f"{one['name']}:{one['language']}" == key:
                if one.get("status") != "APPROVED":
                    raise Refused(f"Meta has not approved the template: {one.get('status')}.")
                return dict(one)
        raise Refused(f"There is no template {key}.")

    async def _waits(self, job: Job) -> bool:
        """Whether some of it is still to be sent."""
        return (await self._reached(_id_of(job))).pending > 0

    async def _reached(self, broadcast_id: str) -> DeliveryCounts:
        return await self._database.submit(
            Transaction(lambda c, _: delivery_counts(c, broadcast_id))
        )

    async def _count(self, reader: Reader) -> tuple[int, Counter[str], tuple[str, ...]]:
        """Return how many people are meant, who of them gets nothing, and records of the others."""
        chosen, skipped = 0, Counter[str]()
        recipients: list[str] = []
        now = self._clock()
        after: str | None = ""
        while after is not None:
            page = await self._database.submit(reader.look_at(after, most=PAGE * 10, now=now))
            chosen += len(page.chosen)
            skipped += page.skipped
            recipients += [row.record_id for row in page.chosen if row.record_id]
            del recipients[MAX_SHOWN_RECIPIENTS:]
            after = page.last
        return chosen + skipped.total(), skipped, tuple(recipients)

    def _write_to(
        self, broadcast_id: str, known: BroadcastState, page: Page, now: datetime
    ) -> Outcome:
        jobs: list[NewJob] = []
        writes: list[Write] = []
        reference = BroadcastReference(id=broadcast_id, category=_category(known.template))
        for row in page.chosen:
            draft = Draft(_message_to(row, known), extra=reference.as_extra())
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
        known = known.changed(skipped=skipped, queued=known.queued + len(jobs))
        if page.last is None:
            known = self._ended(known, Stage.DONE)
        else:
            known = known.changed(cursor=page.last)
        return self._outcome(known, jobs, writes)

    def _ended(self, known: BroadcastState, stage: Stage) -> BroadcastState:
        # The cursor names a person, who may want to be forgotten.
        return known.changed(stage=stage, ended_at=self._clock().timestamp(), cursor="")

    def _outcome(
        self, known: BroadcastState, jobs: Sequence[NewJob] = (), writes: Sequence[Write] = ()
    ) -> Outcome:
        timers = {"page": next(self._timers(known), None)}
        return Outcome(known.model_dump(mode="json"), jobs, timers, writes)

    def _timers(self, known: BroadcastState) -> Iterator[NewTimer]:
        if known.stage is Stage.WAITING and known.plan.send_at is not None:
            yield PAGE_TIMER.timer(known.plan.send_at - self._clock(), EmptyBody())
        elif known.stage is Stage.RUNNING:
            yield PAGE_TIMER.timer(self._pause, EmptyBody())


def _id_of(job: Job) -> str:
    return job.lane.partition(":")[2]


def _category(template: Mapping[str, Any]) -> str:
    return str(template.get("category"))


def _message_to(row: Contact, known: BroadcastState) -> dict[str, Any]:
    template = known.template
    filled = components(template, known.values, row.user)
    message = TemplateMessage(
        name=template["name"], language=template["language"], components=filled
    )
    return message.payload()


def _fails(so_far: DeliveryCounts) -> bool:
    return so_far.failed >= MIN_FAILURES and so_far.failed > MAX_FAILING_SHARE * (
        so_far.failed + so_far.sent
    )
