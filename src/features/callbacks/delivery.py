"""Tells endpoints of events: signed, at most 10 seconds each, and again until they answer 2xx."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from loguru import logger
from sqlalchemy import Connection, select

from features.callbacks import endpoints
from features.callbacks.job_specs import DELIVER, DeliverJob
from features.callbacks.poster import CallbackFailed, Poster
from features.callbacks.signing import signed_headers
from features.callbacks.tables import Endpoint, EndpointState, StoredEvent, callback_event
from jobs.job_queue import JobQueue
from jobs.model import Job, LaneState, Outcome, Snooze
from jobs.spec import HandledJob
from services.conversations.extensions import Extensions
from storage.engine.group_commit import GroupCommit, Transaction
from utils.metrics import Metrics

#: Time until it is looked whether a paused endpoint was resumed.
PAUSED_FOR = timedelta(minutes=15)
#: An endpoint answers so if it wants no more events.
GONE = 410


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Handles the jobs of callbacks."""

    database: GroupCommit
    queue: JobQueue
    extensions: Extensions
    poster: Poster
    metrics: Metrics
    clock: Callable[[], datetime]

    def handled(self) -> HandledJob:
        """Return the job, with its handler."""
        return DELIVER.handled_by(self.deliver)

    async def deliver(self, job: Job, body: DeliverJob, state: LaneState) -> Outcome:
        """Tell an endpoint of an event. What was erased or removed meanwhile is told to nobody."""
        endpoint, event = await self.database.reader.run(partial(_found, body))
        if endpoint is None or event is None or endpoint.state == EndpointState.OFF:
            return Outcome()
        if endpoint.state == EndpointState.PAUSED:
            raise Snooze("the endpoint is paused", PAUSED_FOR)
        try:
            status = await send(self.poster, endpoint, event, self.clock())
        except CallbackFailed as error:
            await self._failed(endpoint, error)
            raise
        self.metrics.callbacks["delivered" if status < GONE else "refused"].inc()
        if status == GONE:
            await self._gone(endpoint)
            return Outcome()
        return Outcome(writes=endpoints.reached(endpoint, self.clock()))

    async def _failed(self, endpoint: Endpoint, error: CallbackFailed) -> None:
        """Count the failure; too many in a row pause the endpoint, and operators are told."""
        self.metrics.callbacks["failed"].inc()
        note = partial(_note_failure, endpoint.id, str(error))
        if await self.database.submit(Transaction(note)):
            await self._tell(
                endpoint,
                f"WhatsApp callbacks to {endpoint.id} are paused after more than "
                f"{endpoints.MAX_FAILURES} failures in a row: {error}. Nothing is lost for a week. "
                f"Then: python3 watch.py callbacks resume {endpoint.id}",
            )

    async def _gone(self, endpoint: Endpoint) -> None:
        off = partial(_switch_off, endpoint.id, f"answered {GONE}")
        if await self.database.submit(Transaction(off)):
            text = f"WhatsApp callbacks to {endpoint.id} are off: it answered {GONE}."
            await self._tell(endpoint, text)

    async def _tell(self, endpoint: Endpoint, text: str) -> None:
        logger.warning("{}", text)
        key = f"callbacks:{endpoint.id}:{self.clock():%Y-%m-%dT%H}"
        await self.queue.enqueue(self.extensions.alert(text, key))


async def send(poster: Poster, endpoint: Endpoint, event: StoredEvent, now: datetime) -> int:
    """Send an event; return the status: 2xx or 410. Raise CallbackFailed for everything else."""
    body = json.dumps(payload(endpoint, event), separators=(",", ":")).encode()
    signed = signed_headers(endpoint.secrets_at(now), event.id, int(now.timestamp()), body)
    status, pause = await poster.post(endpoint.url, body, signed)
    if 200 <= status < 300 or status == GONE:
        return status
    told = "answered {}, and redirects are not followed" if 300 <= status < 400 else "answered {}"
    raise CallbackFailed(told.format(status), pause)


def payload(endpoint: Endpoint, event: StoredEvent) -> dict[str, Any]:
    """Return the body of a callback."""
    data = json.loads(event.data)
    if endpoint.is_private:
        data |= json.loads(event.private)
    return {"type": event.type, "timestamp": event.at.isoformat(), "data": data}


def _found(
    body: DeliverJob, connection: Connection, _now: float
) -> tuple[Endpoint | None, StoredEvent | None]:
    query = select(callback_event).where(callback_event.c.id == body.event)
    row = connection.execute(query).first()
    return endpoints.find(connection, body.endpoint), StoredEvent(*row) if row else None


def _note_failure(endpoint_id: str, why: str, connection: Connection, _now: float) -> bool:
    return endpoints.note_failure(connection, endpoint_id, why)


def _switch_off(endpoint_id: str, why: str, connection: Connection, _now: float) -> bool:
    return endpoints.switch_off(connection, endpoint_id, why)
