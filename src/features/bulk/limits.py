"""Meta's limit of people: what its API says at the start and every few hours, and its webhooks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from loguru import logger

from features.bulk.reach import limit_is
from jobs.maintenance import forget_done
from jobs.model import Job, LaneState, Outcome
from jobs.retry import ENDLESS
from jobs.spec import EmptyBody, HandledJob, JobSpec, Pool, TimerSpec, WorkerProfile
from services.clients.cloud_api.client import CloudApi
from services.clients.cloud_api.errors import Rejected, WhatsAppError
from services.conversations.webhook_events import EventDecisions, EventHandler, WebhookEvent

BULK_POOL = Pool("bulk", WorkerProfile("bulk", max_lanes=2, stop_order=2), keeps_state=True)
READ_LIMIT = JobSpec("read_messaging_limit", EmptyBody, pool=BULK_POOL, retry=ENDLESS)
READ_AGAIN = TimerSpec(EmptyBody, pool=BULK_POOL, retry=ENDLESS)
#: Time between two looks; webhooks tell changes at once.
READ_EVERY, AFTER_TROUBLE = timedelta(hours=6), timedelta(minutes=15)

#: Names of the limit in Meta's API: since version 24 of it, and before.
FIELDS = ("whatsapp_business_manager_messaging_limit", "messaging_limit_tier")
#: Webhook fields that tell it, and names of it there.
EVENTS = ("business_capability_update", "phone_number_quality_update")
_NAMES = ("max_daily_conversations_per_business", "max_daily_conversation_per_phone")
_OLD_NAME = "current_limit"
_UNITS = {"K": 1_000, "M": 1_000_000}


class UnknownLimit(ValueError):
    """Meta says something that is no limit."""


def people_of(given: object) -> int | None:
    """Return a limit as a number of people: of 2000, "TIER_2K"; None for no limit.

    Raises UnknownLimit.
    """
    written = str(given).removeprefix("TIER_")
    if written in ("UNLIMITED", "-1"):
        return None
    unit = _UNITS.get(written[-1:], 1)
    digits = written[:-1] if unit > 1 else written
    if not digits.isdecimal() or int(digits) == 0:
        raise UnknownLimit(written)
    return int(digits) * unit


@dataclass(frozen=True, slots=True)
class LimitReader:
    """Reads the limit of the portfolio to which a number belongs."""

    api: CloudApi
    #: Any number of the portfolio, by Meta's id.
    number: str
    portfolio: str
    account_id: str | None
    clock: Callable[[], datetime]
    #: The limit of the settings, in place of Meta's; 0: no limit.
    chosen: int | None = None

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs with their handlers."""
        return (READ_LIMIT.handled_by(self.read), READ_AGAIN.handled_by(self.read))

    def handlers(self) -> Mapping[str, EventHandler]:
        """Return the handlers of webhooks, by their fields."""
        return dict.fromkeys(EVENTS, self.told)

    async def read(self, job: Job, body: EmptyBody, state: LaneState) -> Outcome:
        """Ask Meta, and note what it says."""
        done = forget_done(job.id)
        if self.chosen is not None:
            noted = limit_is(self.portfolio, self.chosen or None, self.clock())
            return Outcome(writes=[noted, done])
        try:
            most = people_of(await self._asked())
        except (WhatsAppError, UnknownLimit) as error:
            logger.info("WhatsApp: Meta does not say how many people may be written to: {}", error)
            timer = READ_AGAIN.timer(AFTER_TROUBLE, EmptyBody())
            return Outcome(timers={"again": timer}, writes=[done])
        timer = READ_AGAIN.timer(READ_EVERY, EmptyBody())
        noted = limit_is(self.portfolio, most, self.clock())
        return Outcome(timers={"again": timer}, writes=[noted, done])

    async def told(self, event: WebhookEvent) -> EventDecisions:
        """Note what a webhook says, if it is about this account."""
        value = event.value if isinstance(event.value, dict) else {}
        if event.account_id not in (None, self.account_id):
            return EventDecisions()
        for name in (*_NAMES, _OLD_NAME):
            try:
                most = people_of(value[name])
            except (LookupError, UnknownLimit):
                continue
            return EventDecisions(writes=[limit_is(self.portfolio, most, self.clock())])
        return EventDecisions()

    async def _asked(self) -> Any:
        """Return what Meta says; an unknown name is an error of Meta."""
        new, old = FIELDS
        try:
            answer = await self.api.describe_number(self.number, new)
        except Rejected:
            answer = {}
        if not answer.get(new):
            return (await self.api.describe_number(self.number, old)).get(old)
        return answer[new]
