"""Stores accepted notifications: rows, people and the job that releases them, in one commit."""

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Insert, func, select

from domain.inbound import Sender
from features.bulk.pace import PAGE
from features.notifications.checks import CheckedItem
from features.notifications.items import reference_seen
from features.notifications.job_specs import RELEASE, lane_of
from features.notifications.lookup import seen_references
from features.notifications.stage import Stage, Status
from features.notifications.tables import notification, notification_batch, waits
from features.templates.model import AUTHENTICATION
from jobs.job_queue import Decision
from jobs.model import Priority
from jobs.spec import EmptyBody
from storage.engine.compiled import CompiledStatement, insert_rows
from storage.engine.database import insert
from storage.engine.json_column import encoded
from storage.people.people_lookup import People
from storage.tables.deliveries import new_id

#: What ids of notifications begin with.
ID_PREFIX = "ntf_"
BATCH_PREFIX = "bat_"
#: Source of what comes by HTTP.
API = "api"
#: Fields of an item that say what is sent.
_CONTENT = {"template", "text", "category_expected"}
_COLUMNS = tuple(one.name for one in notification.c if one.name not in ("left_at", "problems"))


@CompiledStatement
def _add(dialect: str) -> Insert:
    return insert_rows(dialect, notification, _COLUMNS)


@dataclass(frozen=True, slots=True)
class Batch:
    """Items to store together."""

    tenant: str
    items: Sequence[CheckedItem]
    fingerprint: str
    idempotency_key: str | None
    #: Time between two pages of a batch.
    page_pause: timedelta
    retry_of: str | None = None
    #: Who sends, as statistics name it.
    source: str = API
    id: str = field(default_factory=lambda: f"{BATCH_PREFIX}{secrets.token_hex(12)}")


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """The answer to a request."""

    #: JSON of a `BatchResult`.
    response: str
    #: Whether the request repeats an earlier one.
    is_replayed: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else was faster: with the key, for another request, or with one of these."""

    #: Positions of items whose reference another notification has by now.
    positions: Sequence[int] = ()
    #: Id of the notification that retries the same one.
    retried_as: str | None = None


def earlier(
    connection: Connection, tenant: str, key: str | None, fingerprint: str
) -> StoredResponse | Conflict | None:
    """Return the answer that a request with this key got before; None for a new one."""
    of = notification_batch.c
    if key is None:
        return None
    query = select(of.fingerprint, of.response).where(
        of.tenant == tenant, of.idempotency_key == key
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    same = row.fingerprint == fingerprint
    return StoredResponse(row.response, is_replayed=True) if same else Conflict()


def store(connection: Connection, now: float, batch: Batch) -> Decision[StoredResponse | Conflict]:
    """Store the items without problems. Nothing is stored if somebody else was faster."""
    before = earlier(connection, batch.tenant, batch.idempotency_key, batch.fingerprint)
    if before is not None:
        return Decision(before)
    good = [one for one in batch.items if not one.problems]
    if conflict := _conflict(connection, batch, good):
        return Decision(conflict)
    at = datetime.fromtimestamp(now, UTC)
    ids = _new_ids(good, at)
    response = _response(batch, ids, at)
    if not _claim(connection, batch, response, at):  # the same request, at the same moment
        before = earlier(connection, batch.tenant, batch.idempotency_key, batch.fingerprint)
        return Decision(before or Conflict())
    keys = _user_keys(connection, good, at)
    turn = _next_turn(connection, batch.tenant, at)
    rows = [_row(batch, one, ids, keys, at, turn) for one in good]
    _add.run_many(connection, rows)
    release = RELEASE.new(lane_of(batch.tenant), EmptyBody(), priority=_priority(good))
    return Decision(StoredResponse(response), [release] if rows else [])


def _conflict(connection: Connection, batch: Batch, good: Sequence[CheckedItem]) -> Conflict | None:
    if batch.retry_of is not None:
        is_retry = notification.c.retry_of == batch.retry_of
        before = connection.scalar(select(notification.c.id).where(is_retry))
        return Conflict(retried_as=before) if before is not None else None
    seen = seen_references(connection, batch.tenant, [one.read for one in good])
    taken = [one.read.position for one in good if one.read.item.reference in seen]
    return Conflict(positions=taken) if taken else None


def _claim(connection: Connection, batch: Batch, response: str, at: datetime) -> bool:
    new = insert(connection, notification_batch).values(
        id=batch.id,
        tenant=batch.tenant,
        idempotency_key=batch.idempotency_key,
        fingerprint=batch.fingerprint,
        response=response,
        created_at=at,
    )
    claimed = new.on_conflict_do_nothing().returning(notification_batch.c.id)
    return connection.execute(claimed).first() is not None


def _user_keys(connection: Connection, good: Sequence[CheckedItem], at: datetime) -> dict[str, str]:
    """Return the keys of all recipients; strangers get a row."""
    known = {one.read.recipient: one.person.key for one in good if one.person is not None}
    new = {
        one.read.recipient: Sender(wa_id=one.read.recipient)
        if one.read.phone is not None
        else Sender(user_id=one.read.recipient)
        for one in good
        if one.person is None
    }
    people = People(connection, new.values(), at)
    return known | {recipient: people.key_of(sender) for recipient, sender in new.items()}


def _next_turn(connection: Connection, tenant: str, at: datetime) -> datetime:
    """Return the turn that begins now: that of what has been due for longest.

    Each page of a batch has the next turn. Who comes later begins with the present turn, so that
    batches take turns, and a single message waits for none of them (start-time fair queueing).
    """
    oldest = select(func.min(notification.c.due_at)).where(waits, notification.c.tenant == tenant)
    return min(connection.scalar(oldest) or at, at)


def _row(
    batch: Batch,
    one: CheckedItem,
    ids: dict[int, str],
    keys: dict[str, str],
    at: datetime,
    turn: datetime,
) -> dict[str, object]:
    """Return a row of plain values: times are seconds since 1970."""
    item, position, recipient = one.read.item, one.read.position, one.read.recipient
    due_at = turn if item.send_at is None or item.send_at <= at else item.send_at
    page = batch.page_pause.total_seconds() * (position // PAGE)
    return {
        "id": ids[position],
        "tenant": batch.tenant,
        "batch": batch.id,
        "position": position,
        "user_key": keys[recipient],
        "recipient": recipient,
        "reference": item.reference,
        "retry_of": batch.retry_of,
        "template": one.template.name if one.template else None,
        "language": one.template.language if one.template else None,
        "category": one.category,
        "content": item.model_dump_json(include=_CONTENT, exclude_unset=True),
        "caller_data": encoded(item.metadata) if item.metadata else None,
        "stage": Stage.WAITING.value,
        "created_at": at.timestamp(),
        "send_at": _seconds(item.send_at),
        "expires_at": _seconds(item.expires_at),
        "due_at": due_at.timestamp() + page,
        "source": batch.source,
    }


def _seconds(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()


def _new_ids(good: Sequence[CheckedItem], at: datetime) -> dict[int, str]:
    """Return new ids by position: of one batch, they differ in their last digits."""
    begin = new_id(at)[:-3]
    return {one.read.position: f"{ID_PREFIX}{begin}{one.read.position:03x}" for one in good}


def _response(batch: Batch, ids: dict[int, str], at: datetime) -> str:
    """Return the JSON of a `BatchResult`; to make 1,000 models of our own values takes time."""
    items = [_result(one, ids, at) for one in batch.items]
    return json.dumps({"batch_id": batch.id, "items": items})


def _result(one: CheckedItem, ids: dict[int, str], at: datetime) -> dict[str, object]:
    """Return an `ItemResult`."""
    item = one.read.item
    is_later = item.send_at is not None and item.send_at > at
    status = Status.SCHEDULED if is_later else Status.PENDING
    return {
        "id": ids.get(one.read.position),
        "reference": item.reference,
        "status": Status.REFUSED if one.problems else status,
        "errors": [problem.model_dump(mode="json") for problem in one.problems],
    }


def _priority(good: Sequence[CheckedItem]) -> Priority:
    """People wait for a code, and for nothing else."""
    is_code = len(good) == 1 and good[0].category == AUTHENTICATION
    return Priority.HIGH if is_code else Priority.LOW


def with_conflict(one: CheckedItem, positions: Collection[int]) -> CheckedItem:
    """Return an item with the problem that its reference was taken, if it is at one of these."""
    if one.read.position not in positions:
        return one
    return replace(one, problems=[*one.problems, reference_seen().inside(one.read.place)])
