"""Sends what conversations decided: in order per recipient, and within Meta's limits."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from loguru import logger

from jobs.forgetting import forget_job
from jobs.model import Discard, Job, LaneState, Outcome, RetryLater, Snooze
from jobs.spec import HandledJob, person_lane
from services.clients.cloud_api.errors import (
    PAIR_LIMIT,
    Blocked,
    Throttled,
    Unavailable,
    WhatsAppError,
)
from services.sending.outbox import REDELIVERY_GRACE, SEND, SendGuard, SendJob, TakenBack, Upload
from services.sending.rate_limits import NumberRateLimiter, PairLimit
from services.sending.refusals import Refusals
from services.sending.stuck_messages import StuckMessages
from services.whatsapp_service import WhatsAppService
from storage.tables import deliveries
from storage.tables.deliveries import Deliveries
from storage.tables.media import Media
from utils.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Line:
    """What is known of the sends of one phone number."""

    pace: NumberRateLimiter
    stuck: StuckMessages


class OutboxSender:
    """Handles the jobs of the outbox: one lane per recipient, one message after the other."""

    def __init__(
        self,
        whatsapp: WhatsAppService,
        *,
        sent: Deliveries,
        guards: Sequence[SendGuard],
        media: Media,
        line_of: Callable[[str], Line],
        files: Path,
        refusals: Refusals,
        clock: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        self._metrics = metrics
        self._whatsapp = whatsapp
        self._sent = sent
        self._guards = guards
        self._media = media
        self._line_of = line_of
        #: The folder of the files that messages name.
        self._files = files
        self._clock = clock
        self._refusals = refusals

    def handled(self) -> HandledJob:
        """Return the job that sends, with its handler."""
        return SEND.handled_by(self.send, on_discard=self.give_up)

    async def send(self, job: Job, body: SendJob, state: LaneState) -> Outcome:
        """Send one message, and mark as read the one that it answers."""
        try:
            return _without_traces(job, body, await self._send(job, body, state))
        except TakenBack as taken:
            logger.info("message {} is taken out of the outbox for now", job.key)
            forgotten = [*forget_job(job), deliveries.forget(str(job.key))]
            return Outcome(jobs=taken.jobs, writes=[*forgotten, *taken.writes])
        except Discard as error:
            error.outcome = _without_traces(job, body, error.outcome)
            raise

    async def _send(self, job: Job, body: SendJob, state: LaneState) -> Outcome:
        if body.message is None:
            await self._mark_read(body.read)
            return Outcome()
        if await self._sent.was_accepted(str(job.key)):
            return Outcome()  # at an attempt whose end nobody saw: its answer was lost, or we were
        if reason := await self._skip_reason(job, body):
            logger.info("message {} is not sent: {}", job.key, reason)
            return self._refusals.failed(job, f"not sent: {reason}")
        if (refused := await self._refusals.before(job, body, state)) is not None:
            return refused
        pair = PairLimit.load(state)
        if (wait := pair.wait(self._clock())) > timedelta(0):
            raise Snooze("too many messages to one person", wait)
        await self._line(job).pace.acquire(job.priority)
        read = body.read if job.tries == 0 else None
        with self._metrics.send_seconds.time():
            sent, _ = await asyncio.gather(
                self._deliver(job, body, body.message, state), self._mark_read(read)
            )
        known = {**(sent.state or state), **pair.after_sending(self._clock())}
        return replace(sent, state=known)

    async def give_up(self, job: Job, body: SendJob | None, state: LaneState) -> Outcome:
        """After the last attempt: let the delivery say so."""
        if body is not None and body.message is None:
            return Outcome()
        text = "given up after too many attempts"
        return _without_traces(job, body, self._refusals.failed(job, text))

    async def _skip_reason(self, job: Job, body: SendJob) -> str | None:
        for guard in self._guards:
            if reason := await guard.skip_reason(job, body):
                return reason
        return None

    async def _deliver(
        self, job: Job, body: SendJob, message: Mapping[str, Any], state: LaneState
    ) -> Outcome:
        delivery_id = str(job.key)
        try:
            sent = await self._whatsapp.deliver(
                await self._with_media(message, body.upload),
                to=body.to,
                recipient=body.recipient,
                callback_data=delivery_id,
            )
        except WhatsAppError as error:
            self._metrics.sends.labels("failed", str(error.code or "")).inc()
            return await self._not_sent(job, error, state)
        self._metrics.sends.labels("accepted", "").inc()
        self._line(job).stuck.sent(job)
        return self._refusals.accepted(job, sent.message_id, is_held=sent.is_held)

    async def _not_sent(self, job: Job, error: WhatsAppError, state: LaneState) -> Outcome:
        """What Meta refused is final, and no fault of the lane; the rest is tried again."""
        if isinstance(error, Throttled):
            raise RetryLater(str(error), await self._slow_down(error, job)) from error
        if isinstance(error, Unavailable):
            if not await self._line(job).stuck.failed(job, error):
                grace = REDELIVERY_GRACE if error.ambiguous else timedelta(0)
                raise RetryLater(str(error), grace) from error
            logger.warning("only message {} fails, so it is given up: {}", job.key, error)
            raise Discard(str(error), self._refusals.failed(job, str(error), error.code)) from error
        refused = await self._refusals.by_meta(job, error, state)
        if isinstance(error, Blocked):
            raise Discard(str(error), refused) from error
        return refused

    async def _slow_down(self, error: Throttled, job: Job) -> timedelta:
        """For how long to wait: the number, or only with this person (Meta: 4^tries seconds)."""
        if error.code == PAIR_LIMIT:
            return timedelta(seconds=4 ** min(job.tries, 6))
        await self._line(job).pace.block_until(error.retry_after)
        return error.retry_after

    def _line(self, job: Job) -> Line:
        """The line of the number that a job sends from: each has a pace of its own."""
        return self._line_of(person_lane(job).phone_number_id)

    async def _with_media(
        self, message: Mapping[str, Any], upload: Upload | None
    ) -> Mapping[str, Any]:
        """The message with the id of its file, which is uploaded if Meta has it no longer."""
        if upload is None:
            return message
        path = self._files / upload.file
        digest = await asyncio.to_thread(_sha256, path)
        key = f"{self._whatsapp.phone_number_id}:{digest}"
        media_id = await self._media.id_of(key, now=self._clock())
        if media_id is None:
            media_id = await self._whatsapp.upload_media(path, mime_type=upload.mime_type)
            await self._media.remember(key, media_id)
        kind = message["type"]
        return {**message, kind: {**message[kind], "id": media_id}}

    async def _mark_read(self, message_id: str | None) -> None:
        """Blue ticks are a courtesy: without them the reply still goes."""
        if message_id is None:
            return
        try:
            await self._whatsapp.mark_as_read(message_id)
        except WhatsAppError as error:
            logger.info("a message could not be marked as read: {}", error)


def _without_traces(job: Job, body: SendJob | None, ended: Outcome) -> Outcome:
    """Of the last message to an erased person, leave neither a job nor a delivery."""
    if body is None or not body.is_last:
        return ended
    return replace(ended, writes=[*forget_job(job), deliveries.forget(str(job.key))])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
