"""Reads the templates from Meta: at the start, every hour, and when a webhook tells of a new one.

One lane for each business account. No trouble of Meta fails a job: it is told, and tried again.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from loguru import logger
from pydantic import BaseModel, ConfigDict

from domain.domain_event import DomainEvent
from features.templates import tables
from features.templates.model import DELETED, PAUSED, Template
from features.templates.reading import merge, read_listed
from features.templates.registry import TemplateRegistry
from features.templates.troubles import trouble
from jobs.maintenance import forget_done, state_of
from jobs.model import Job, LaneState, NewJob, Outcome
from jobs.retry import ENDLESS
from jobs.spec import EmptyBody, HandledJob, JobSpec, Pool, TimerSpec, WorkerProfile
from services.clients.cloud_api.client import ReadTemplates
from services.clients.cloud_api.errors import WhatsAppError
from services.conversations.decisions import NOTHING, Decisions, enqueueing
from services.conversations.extensions import Extensions
from utils.metrics import Metrics

TEMPLATES_POOL = Pool(
    "templates", WorkerProfile("templates", max_lanes=4, stop_order=2), keeps_state=True
)
#: Pause after trouble.
TROUBLE_PAUSE = timedelta(minutes=5)
#: Names in the state of the lane: when Meta was asked last, and why it did not answer.
READ_AT, TROUBLE = "read_at", "trouble"


class SyncJob(BaseModel):
    """Asks for the templates as they are at this time or later, in seconds since 1970."""

    model_config = ConfigDict(frozen=True)

    at: float


SYNC = JobSpec("sync_templates", SyncJob, pool=TEMPLATES_POOL, retry=ENDLESS)
SYNC_TIMER = TimerSpec(EmptyBody, pool=TEMPLATES_POOL, retry=ENDLESS)


def sync_job(account_id: str, at: datetime, *, key: str | None = None) -> NewJob:
    """Return the job that reads all templates of an account."""
    return SYNC.new(TEMPLATES_POOL.lane(account_id), SyncJob(at=at.timestamp()), key=key)


async def lane_state(registry: TemplateRegistry) -> LaneState:
    """Return what the lane of an account knows: `READ_AT`, and `TROUBLE` if there is some."""
    lane = TEMPLATES_POOL.lane(registry.account_id)
    return await registry.ask(lambda connection: state_of(connection, lane))


@dataclass(frozen=True, slots=True)
class TemplateSync:
    """Handles those jobs."""

    registry: TemplateRegistry
    read: ReadTemplates
    extensions: Extensions
    metrics: Metrics
    every: timedelta
    clock: Callable[[], datetime]

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs with their handlers."""
        return (SYNC.handled_by(self.sync), SYNC_TIMER.handled_by(self.sync_again))

    async def sync(self, job: Job, body: SyncJob, state: LaneState) -> Outcome:
        """Read the templates, unless they were read since the job was made."""
        if state.get(READ_AT, 0) > body.at:
            return Outcome(writes=[forget_done(job.id)])
        return await self._sync(job)

    async def sync_again(self, job: Job, body: EmptyBody, state: LaneState) -> Outcome:
        """Read the templates because it is time."""
        return await self._sync(job)

    async def _sync(self, job: Job) -> Outcome:
        now = self.clock()
        state: dict[str, object] = {READ_AT: now.timestamp()}
        try:
            listed = read_listed(self.registry.account_id, await self.read(), now)
        except WhatsAppError as error:
            logger.warning("WhatsApp templates cannot be read: {}", error)
            timer = SYNC_TIMER.timer(TROUBLE_PAUSE, EmptyBody())
            done = [forget_done(job.id)]
            return Outcome({TROUBLE: str(error)}, timers={"again": timer}, writes=done)
        known = {one.key: one for one in await self.registry.all()}
        changed = list(differences(known, listed, now))
        told = NOTHING
        for before, after in changed if known else ():
            told += tell(self.extensions, self.metrics, before, after, f"{job.id}:{after.key}")
        pause = self._until_next({**known, **{after.key: after for _, after in changed}}, now)
        return Outcome(
            state,
            told.jobs,
            {"again": SYNC_TIMER.timer(pause, EmptyBody())},
            [*(tables.put(after) for _, after in changed), *told.writes, forget_done(job.id)],
        )

    def _until_next(self, known: Mapping[str, Template], now: datetime) -> timedelta:
        """Return the time until the next look: a pause may end before the hour does."""
        ends = [
            one.paused_until - now
            for one in known.values()
            if one.status == PAUSED and one.paused_until is not None and one.paused_until > now
        ]
        return min([self.every, *ends])


def differences(
    known: Mapping[str, Template], listed: Mapping[str, Template], at: datetime
) -> Iterator[tuple[Template | None, Template]]:
    """Yield (before, after) of what is new, other, or gone since the last list."""
    for key, one in listed.items():
        before = known.get(key)
        after = merge(before, one)
        if before is None or replace(after, updated_at=before.updated_at) != before:
            yield before, after
    for key in known.keys() - listed.keys():
        if known[key].status != DELETED:
            yield known[key], replace(known[key], status=DELETED, updated_at=at)


def tell(
    extensions: Extensions, metrics: Metrics, before: Template | None, after: Template, key: str
) -> Decisions:
    """Tell listeners of a change, and log, metrics and operators' chat what is wrong since."""
    heard = extensions.happened(status_event(before, after, key))
    text = trouble(before, after)
    if text is None:
        return heard
    logger.warning("WhatsApp {}", text)
    metrics.template_problems.inc()
    return heard + enqueueing(extensions.alert(text, key))


def status_event(before: Template | None, after: Template, key: str) -> DomainEvent | None:
    """Return the event of a template that Meta treats in another way; None for its words."""
    if before is not None and _treated(before) == _treated(after):
        return None
    data = {
        "template": after.name,
        "language": after.language,
        "account_id": after.account_id,
        "status": after.status,
        "previous_status": before.status if before else None,
        "quality": after.quality,
        "category": after.category,
        "previous_category": before.category if before else None,
        "reason": after.reason or None,
        "paused_until": after.paused_until.isoformat() if after.paused_until else None,
    }
    at = after.updated_at or datetime.now(UTC)
    return DomainEvent("template.status", key, at, subject=after.key, data=data)


def _treated(one: Template) -> tuple[str, str, str]:
    return one.status, one.quality, one.category
