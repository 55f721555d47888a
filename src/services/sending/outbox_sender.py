"""Does what conversations decided: sends their messages, in order and within Meta's limits."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from loguru import logger

from features.airtable.tables import contacts as desk
from features.airtable.tables import messages
from features.broadcasts.send_guard import SendGuard
from jobs.model import Discard, Job, Json, Outcome, RetryLater, Snooze
from services.clients.cloud_api.errors import (
    PAIR_LIMIT,
    Blocked,
    Throttled,
    Unavailable,
    WhatsAppError,
)
from services.sending.rate_limits import NumberRateLimiter, PairLimit
from services.whatsapp_service import WhatsAppService
from storage.engine.write import Write
from storage.tables import deliveries
from storage.tables.deliveries import Deliveries
from storage.tables.media import Media
from utils.metrics import Metrics

#: After a send that Meta may have taken: time for a status to prove it, before sending again.
DOUBT = timedelta(seconds=20)


class OutboxSender:
    """Handles the jobs of the outbox: one lane per recipient, one message after the other."""

    def __init__(
        self,
        whatsapp: WhatsAppService,
        *,
        sent: Deliveries,
        withdrawals: SendGuard,
        media: Media,
        pace: NumberRateLimiter,
        files: Path,
        clock: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        self._metrics = metrics
        self._whatsapp = whatsapp
        self._sent = sent
        self._withdrawals = withdrawals
        self._media = media
        self._pace = pace
        #: the folder of the files that messages name
        self._files = files
        self._clock = clock

    async def send(self, job: Job, state: Mapping[str, Json]) -> Outcome:
        """Send one message, and mark as read the one that it answers."""
        if job.body["message"] is None:
            await self._mark_read(job.body["read"])
            return Outcome()
        if await self._sent.was_accepted(str(job.key)):
            return Outcome()  # at an attempt whose end nobody saw: its answer was lost, or we were
        if reason := await self._withdrawals.skip_reason(job):
            logger.info("message {} is not sent: {}", job.key, reason)
            return Outcome(writes=self._failed(job, f"not sent: {reason}"))
        pair = PairLimit.load(state)
        if (wait := pair.wait(self._clock())) > timedelta(0):
            raise Snooze("too many messages to one person", wait)
        await self._pace.acquire()
        read = job.body["read"] if job.tries == 0 else None
        with self._metrics.send_seconds.time():
            written, _ = await asyncio.gather(self._deliver(job), self._mark_read(read))
        return Outcome(pair.after_sending(self._clock()), writes=written)

    async def give_up(self, job: Job, state: Mapping[str, Json]) -> Outcome:
        """After the last attempt: let the delivery say so."""
        if job.body["message"] is None:
            return Outcome()
        text = "given up after too many attempts"
        return Outcome(writes=self._failed(job, text))

    def _failed(self, job: Job, text: str, code: int | None = None) -> list[Write]:
        key, at = str(job.key), self._clock()
        return [
            deliveries.refuse(key, code=code, text=text, at=at),
            desk.failed(key, text),
            messages.failed(key, text),
        ]

    async def _deliver(self, job: Job) -> list[Write]:
        delivery_id, body = str(job.key), job.body
        try:
            sent = await self._whatsapp.deliver(
                await self._with_media(body["message"], body["upload"]),
                to=body["to"],
                recipient=body["recipient"],
                callback_data=delivery_id,
            )
        except WhatsAppError as error:
            self._metrics.sends.labels("failed", str(error.code or "")).inc()
            return await self._not_sent(job, error)
        self._metrics.sends.labels("accepted", "").inc()
        return [deliveries.accept(delivery_id, sent.message_id)]

    async def _not_sent(self, job: Job, error: WhatsAppError) -> list[Write]:
        """What Meta refused is final, and no fault of the lane; the rest is tried again."""
        if isinstance(error, Throttled):
            raise RetryLater(str(error), await self._slow_down(error, job.tries)) from error
        if isinstance(error, Unavailable):
            raise RetryLater(str(error), DOUBT if error.ambiguous else timedelta(0)) from error
        logger.warning("message {} was refused: {}", job.key, error)
        writes = self._failed(job, str(error), error.code)
        if isinstance(error, Blocked):
            raise Discard(str(error), Outcome(writes=writes)) from error
        return writes

    async def _slow_down(self, error: Throttled, tries: int) -> timedelta:
        """For how long to wait: all of us, or only with this person (Meta: 4^tries seconds)."""
        if error.code == PAIR_LIMIT:
            return timedelta(seconds=4 ** min(tries, 6))
        await self._pace.block_until(error.retry_after)
        return error.retry_after

    async def _with_media(
        self, message: Mapping[str, Any], upload: Mapping[str, str] | None
    ) -> Mapping[str, Any]:
        """The message with the id of its file, which is uploaded if Meta has it no longer."""
        if upload is None:
            return message
        path = self._files / upload["file"]
        content = await asyncio.to_thread(path.read_bytes)
        key = f"{self._whatsapp.phone_number_id}:{hashlib.sha256(content).hexdigest()}"
        media_id = await self._media.id_of(key, now=self._clock())
        if media_id is None:
            media_id = await self._whatsapp.upload_media(path, mime_type=upload["mime_type"])
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
