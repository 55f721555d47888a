"""The jobs of events: each is handled once, and those of one entity in the order of arrival."""

import zlib
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from features.events.reading import ReadEvent
from jobs.model import NewJob, Priority
from jobs.retry import RetryPolicy
from jobs.spec import JobSpec, Pool, WorkerProfile
from utils.digest import digest

EVENTS_POOL = Pool("event", WorkerProfile("events", max_lanes=8, stop_order=2), quotes_people=True)
#: Lanes that the entities of a tenant share: their number stays the same, however many there are.
LANES = 512
#: For the database alone, which may be away for long.
UNTIL_STORED = RetryPolicy(tries=30, first=timedelta(seconds=1), longest=timedelta(minutes=10))
#: Longest key that is written out, in characters: the reference of a notification has 200.
MAX_KEY_CHARS = 180


class EventJob(BaseModel):
    """An event as it was stored."""

    model_config = ConfigDict(frozen=True)

    tenant: str
    type: str
    id: str
    time: datetime | None = None
    data: dict[str, Any]
    #: Digits of the recipient's number, or their user id: erasing a person finds what names them.
    about: str | None = None


EVENT = JobSpec("event", EventJob, pool=EVENTS_POOL, retry=UNTIL_STORED)


def job_of(event: ReadEvent, tenant: str, about: str) -> NewJob:
    """Return the job of an event; the same event makes the same key."""
    body = {
        "tenant": tenant,
        "type": event.type,
        "id": event.id,
        "time": event.time.isoformat() if event.time else None,
        "data": dict(event.content),
        "about": about,
    }
    lane = lane_of(tenant, event.rule.types[0], event.rule.entity_of(event.data))
    return EVENT.new(lane, body, key=key_of(event, tenant), priority=Priority.LOW)


def lane_of(tenant: str, kind: str, entity: str) -> str:
    """Return the lane of an entity. Its name tells nothing of it, which may be a phone number."""
    number = zlib.crc32(f"{kind}\n{entity}".encode("utf-8", "surrogatepass")) % LANES
    return EVENTS_POOL.lane(tenant, f"{number:03}")


def key_of(event: ReadEvent, tenant: str) -> str:
    """Return what an event that comes again has in common with the first one."""
    return safe_key("event", tenant, event.source, event.id)


def safe_key(*parts: str) -> str:
    """Join texts of other systems to a key in ASCII; the same texts make the same key."""
    written = ":".join(quote(one, errors="surrogatepass") for one in parts)
    if len(written) <= MAX_KEY_CHARS:
        return written
    return f"{parts[0]}:{digest(written)}"
