"""Pauses after failures: of a batch, and of a template, until somebody resumes them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, func, select, update

from features.bulk.tables import label, pause
from storage.engine.database import insert
from storage.tables.deliveries import delivery

#: From so many failures on, sending pauses if they are more than this part.
MIN_FAILURES, MAX_FAILING_SHARE = 20, 0.3
#: Time in which failures count.
COUNTED = timedelta(hours=1)


def are_too_many(failed: int, taken: int) -> bool:
    """Return whether sending pauses; `taken` are all messages on which Meta has decided."""
    return failed >= MIN_FAILURES and failed > MAX_FAILING_SHARE * taken


def template_key(name: str, language: str) -> str:
    """Return the key of a template's pause."""
    return f"template:{name}:{language}"


@dataclass(frozen=True, slots=True)
class Pause:
    """Something that waits until it is resumed."""

    key: str
    reason: str
    paused_at: datetime


def paused(connection: Connection, keys: Collection[str] | None = None) -> Sequence[Pause]:
    """Return what is paused; only of these keys, if they are given."""
    of = pause.c
    query = select(of.key, of.reason, of.paused_at).where(of.resumed_at.is_(None))
    if keys is not None:
        query = query.where(of.key.in_(keys))
    return [Pause(*row) for row in connection.execute(query.order_by(of.paused_at))]


def resume(connection: Connection, key: str, now: datetime) -> bool:
    """Let it go on; False if it is not paused."""
    is_it = (pause.c.key == key, pause.c.resumed_at.is_(None))
    return connection.execute(update(pause).where(*is_it).values(resumed_at=now)).rowcount > 0


def put(connection: Connection, key: str, reason: str, now: datetime) -> None:
    """Pause something."""
    new = insert(connection, pause).values(key=key, reason=reason, paused_at=now, resumed_at=None)
    newer = {name: new.excluded[name] for name in ("reason", "paused_at", "resumed_at")}
    connection.execute(new.on_conflict_do_update(index_elements=["key"], set_=newer))


def resumed_at(connection: Connection, keys: Collection[str]) -> Mapping[str, datetime]:
    """Return when these were resumed last; those that never were are missing."""
    is_it = (pause.c.key.in_(keys), pause.c.resumed_at.is_not(None))
    rows = connection.execute(select(pause.c.key, pause.c.resumed_at).where(*is_it))
    return {row.key: row.resumed_at for row in rows}


def failing_templates(connection: Connection, now: datetime) -> Mapping[str, tuple[int, int]]:
    """Return (failed, taken) of the templates that fail too often, by the key of their pause."""
    since = now - COUNTED
    named = (label.c.template, label.c.language)
    is_failure = (delivery.c.failed_at > since, delivery.c.error_code.is_not(None))
    # Few messages fail, so most of the time this is all that is looked at.
    query = select(*named, func.count(), func.min(delivery.c.failed_at)).group_by(*named)
    query = query.select_from(delivery.join(label, label.c.id == delivery.c.label))
    found = {}
    for name, language, failed, _ in connection.execute(query.where(*is_failure)).all():
        if name is None or failed < MIN_FAILURES:
            continue
        key = template_key(name, language)
        begin = max(since, resumed_at(connection, [key]).get(key, since))
        is_it = (label.c.template == name, label.c.language == language)
        counted = _counts(connection, begin, *is_it)
        if are_too_many(*counted):
            found[key] = counted
    return found


def _counts(
    connection: Connection, since: datetime, *is_it: ColumnElement[bool]
) -> tuple[int, int]:
    labels = connection.scalars(select(label.c.id).where(*is_it)).all()
    return counts(connection, since, select(delivery.c.id).where(delivery.c.label.in_(labels)))


def counts(connection: Connection, since: datetime, meant: Select[tuple[str]]) -> tuple[int, int]:
    """Return (failed, taken) of those messages that were queued since a time."""
    of = delivery.c
    has_failed = of.error_code.is_not(None)
    is_taken = has_failed | of.wamid.is_not(None)
    query = select(
        func.count().filter(has_failed & of.failed_at.is_not(None)), func.count().filter(is_taken)
    ).where(of.created_at > since, of.id.in_(meant))
    failed, taken = connection.execute(query).one()
    return failed, taken
