"""Jobs for what webhooks hold besides messages and statuses, in lanes that do not wait for others.

A lane is for one field and some of the people: what one person does stays in order, and an opt-out
waits neither for ten thousand echoes of other messages nor for those of other people.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from jobs.model import NewJob
from schemas.reading import identifier
from schemas.webhook_schema import MAX_ITEMS
from services.conversations.job_specs import EVENT, EVENTS
from services.conversations.webhook_events import FieldReader
from utils.digest import digest

#: Keys that name the person of an event, or both sides of it.
PERSON_KEYS = ("user_id", "wa_id", "from", "to")
#: Lane of a field for events that name nobody.
NOBODY = "-"
#: What features read of webhooks, by Meta's name of the field.
FieldReaders = Mapping[str, FieldReader]


def other_job(phone_number_id: str, field: str, value: Any, *, origin: str = "") -> NewJob:
    """Return a job that keeps an event as it was received. Its hash detects redeliveries.

    `origin` names the account and the time of the event: the same may happen again, elsewhere or
    later.
    """
    body = {"field": field, "value": value} | ({"origin": origin} if origin else {})
    key = f"other:{digest(json.dumps(body, sort_keys=True))}"
    lane = EVENTS.lane(phone_number_id, identifier(field) or "-", _lane_of_person(value))
    return EVENT.new(lane, body, key=key)


def event_jobs(
    phone_number_id: str, field: str, event: Mapping[str, Any], *, origin: str = ""
) -> Iterator[NewJob]:
    """Yield the jobs of an event: one for all items of its list that belong into one lane.

    An event that is no list of items, beside its contacts, or a list without end, is one job. It
    is not empty.
    """
    name, *more = [name for name in event if name != "contacts"] or ["contacts"]
    items = event[name]
    if more or not isinstance(items, list) or len(items) > MAX_ITEMS:
        yield other_job(phone_number_id, field, dict(event), origin=origin)
        return
    by_lane: dict[str, list[Any]] = {}
    for item in items:
        by_lane.setdefault(_lane_of_item(item), []).append(item)
    for group in by_lane.values() or ([],):
        yield other_job(phone_number_id, field, {**event, name: group}, origin=origin)


def _lane_of_person(value: Any) -> str:
    """Return the lane of the first item of an event."""
    lists = value.items() if isinstance(value, dict) else ()
    items = (one[0] for name, one in lists if name != "contacts" and isinstance(one, list) and one)
    return _lane_of_item(next(items, None))


def _lane_of_item(item: Any) -> str:
    """Return one of 256 names: it does not tell who the person is."""
    named = [item.get(key) for key in PERSON_KEYS] if isinstance(item, dict) else []
    if not any(named):
        return NOBODY
    return digest(json.dumps(named), 2)
