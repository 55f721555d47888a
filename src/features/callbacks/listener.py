"""Hears what happens, and stores what is to be told, in the same commit."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from loguru import logger
from sqlalchemy import Insert, bindparam
from sqlalchemy.exc import SQLAlchemyError

from domain.domain_event import DomainEvent
from features.callbacks.endpoints import all_endpoints
from features.callbacks.job_specs import CALLBACKS, DELIVER, DeliverJob
from features.callbacks.tables import Endpoint, callback_event
from jobs.model import NewJob, Priority
from services.conversations.decisions import Decisions
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, insert_for
from storage.engine.group_commit import GroupCommit
from storage.engine.json_column import encoded
from storage.engine.write import Write
from utils.digest import digest

#: Seconds between two looks at the endpoints, which a command may change.
LOOK_SECONDS = 2.0


@CompiledStatement
def _add(dialect: str) -> Insert:
    names = ("type", "user_key", "data", "private")
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    times = {name: bindparam(name, type_=UtcTimestamp) for name in ("at", "created_at")}
    new = insert_for(dialect, callback_event).values(id=bindparam("row_key"), **values, **times)
    return new.on_conflict_do_nothing()


@dataclass(slots=True)
class CallbackListener:
    """Knows which endpoints want what."""

    database: GroupCommit
    clock: Callable[[], datetime]
    endpoints: Sequence[Endpoint] = field(default=())

    async def refresh(self) -> None:
        """Read the endpoints."""
        self.endpoints = await self.database.reader.run(lambda c, _: all_endpoints(c))

    async def keep_up(self) -> None:
        """Read the endpoints again and again."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.refresh()
            except (SQLAlchemyError, OSError) as error:
                logger.warning("WhatsApp callbacks: endpoints unread: {}", type(error).__name__)

    def wants(self, event_type: str) -> bool:
        """Return whether an endpoint wants events of this type."""
        return any(one.wants(event_type) for one in self.endpoints)

    def heard(self, event: DomainEvent) -> Decisions:
        """Keep an event, with a job for each endpoint that wants it."""
        told = [one for one in self.endpoints if one.wants(event.type)]
        event_id = f"evt_{digest(f'{event.type}:{event.id}', 24)}"
        jobs = [deliver_job(event_id, one.id, event.subject) for one in told]
        return Decisions(jobs=tuple(jobs), writes=(self._kept(event_id, event),))

    def _kept(self, event_id: str, event: DomainEvent) -> Write:
        row: Mapping[str, object] = {
            "row_key": event_id,
            "type": event.type,
            "user_key": event.user_key,
            "at": event.at,
            "data": encoded(dict(event.data)),
            "private": encoded(dict(event.private)),
            "created_at": self.clock(),
        }
        return Write(_add, [dict(row)])


def deliver_job(event_id: str, endpoint_id: str, subject: str) -> NewJob:
    """Return the job that tells one endpoint of one event, after what came before it.

    One lane for each subject: an endpoint that fails holds up nothing but its own.
    """
    lane = CALLBACKS.lane(endpoint_id, digest(subject, 16))
    body = DeliverJob(event=event_id, endpoint=endpoint_id)
    return DELIVER.new(lane, body, key=f"callback:{event_id}:{endpoint_id}", priority=Priority.LOW)
