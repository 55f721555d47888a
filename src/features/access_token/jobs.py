"""Asks Meta every hour about the access token. Source: …/docs/graph-api/reference/debug_token"""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from loguru import logger
from pydantic import BaseModel, ConfigDict

from jobs.maintenance import forget_done
from jobs.model import Job, LaneState, NewJob, Outcome
from jobs.retry import ENDLESS
from jobs.spec import EmptyBody, HandledJob, JobSpec, Pool, TimerSpec, WorkerProfile
from services.clients.cloud_api.errors import Rejected, WhatsAppError
from services.clients.cloud_api.token_facts import TokenFacts
from services.conversations.extensions import Extensions
from utils.metrics import Metrics

TOKEN_POOL = Pool(
    "token", WorkerProfile("access_token", max_lanes=2, stop_order=3), keeps_state=True
)
#: Time between two looks.
EVERY = timedelta(hours=1)
#: Time before the end of a token at which operators are told, once a day.
SOON = timedelta(days=7)
#: Names in the state of the lane: when Meta was asked, when the token ends, and what is wrong.
READ_AT, ENDS_AT, PROBLEM = "read_at", "ends_at", "problem"
REMEDY = "business.facebook.com > Settings > Users > System users > Generate token"


class LookJob(BaseModel):
    """Asks about the token as it is at this time or later, in seconds since 1970."""

    model_config = ConfigDict(frozen=True)

    at: float


LOOK = JobSpec("look_at_token", LookJob, pool=TOKEN_POOL, retry=ENDLESS)
LOOK_TIMER = TimerSpec(EmptyBody, pool=TOKEN_POOL, retry=ENDLESS)


def lane_of(phone_number_id: str) -> str:
    """Return the lane of a number's token."""
    return TOKEN_POOL.lane(phone_number_id)


def look_job(phone_number_id: str, at: datetime) -> NewJob:
    """Return the job that asks about the token."""
    return LOOK.new(lane_of(phone_number_id), LookJob(at=at.timestamp()))


def health_line(state: LaneState, now: datetime) -> str:
    """Return what is known of the token, for health checks."""
    if READ_AT not in state:
        return "not looked at yet"
    if problem := state.get(PROBLEM):
        return str(problem)
    ends_at = state.get(ENDS_AT)
    if not isinstance(ends_at, int | float):
        return "valid, does not end"
    ends = datetime.fromtimestamp(ends_at, UTC)
    if ends <= now:
        return f"ended on {ends:%Y-%m-%d}"
    return f"valid until {ends:%Y-%m-%d} ({(ends - now).days} days)"


@dataclass(frozen=True, slots=True)
class TokenWatch:
    """Handles those jobs. Trouble of Meta fails none: what was known stays."""

    describe: Callable[[], Awaitable[TokenFacts]]
    extensions: Extensions
    metrics: Metrics
    clock: Callable[[], datetime]

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs, with their handlers."""
        return (LOOK.handled_by(self.look), LOOK_TIMER.handled_by(self.look_again))

    async def look(self, job: Job, body: LookJob, state: LaneState) -> Outcome:
        """Ask Meta, unless it was asked since the job was made."""
        read_at = state.get(READ_AT)
        if isinstance(read_at, int | float) and read_at > body.at:
            return Outcome(writes=[forget_done(job.id)])
        return await self._look(job, state)

    async def look_again(self, job: Job, body: EmptyBody, state: LaneState) -> Outcome:
        """Ask Meta because it is time."""
        return await self._look(job, state)

    async def _look(self, job: Job, state: LaneState) -> Outcome:
        now = self.clock()
        known: dict[str, object] = dict(state)
        try:
            known = _known(await self.describe(), now)
        except Rejected as error:
            known = {READ_AT: now.timestamp(), PROBLEM: f"not taken by Meta: {error}"}
        except WhatsAppError as error:
            logger.warning("WhatsApp access token could not be looked at: {}", error)
        self.metrics.token_seconds.set(_left(known, now))
        return Outcome(
            known,
            self._alerts(known, now),
            {"again": LOOK_TIMER.timer(EVERY, EmptyBody())},
            [forget_done(job.id)],
        )

    def _alerts(self, known: LaneState, now: datetime) -> list[NewJob]:
        """Tell operators what is wrong, or will be soon; once a day."""
        if READ_AT not in known or _left(known, now) > SOON.total_seconds():
            return []
        text = f"WhatsApp access token: {health_line(known, now)}. A new one: {REMEDY}"
        logger.warning("{}", text)
        return self.extensions.alert(text, f"access_token:{now:%Y-%m-%d}")


def _known(token: TokenFacts, now: datetime) -> dict[str, object]:
    known: dict[str, object] = {READ_AT: now.timestamp()}
    if token.expires_at is not None:
        known[ENDS_AT] = token.expires_at.timestamp()
    if not token.is_valid:
        known[PROBLEM] = f"no longer valid: {token.problem or 'Meta does not say why'}"
    return known


def _left(known: LaneState, now: datetime) -> float:
    """Return the seconds until the token ends; endless if it does not, 0 if it has."""
    if known.get(PROBLEM):
        return 0.0
    ends_at = known.get(ENDS_AT)
    if not isinstance(ends_at, int | float):
        return math.inf
    return max(0.0, ends_at - now.timestamp())
