"""Pauses a batch or a template of which too many messages fail, until somebody resumes it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, case, func, literal, or_, select, update

from features.bulk import pauses
from features.bulk.pauses import COUNTED, MIN_FAILURES, Pause
from features.notifications.schema import PauseView
from features.notifications.tables import notification, waits
from features.notifications.waiting_counts import waiting
from storage.engine.database import UtcTimestamp
from storage.tables.deliveries import delivery

BATCH, TEMPLATE = "batch:", "template:"


def batch_key(batch: str) -> str:
    """Return the key of a batch's pause."""
    return f"{BATCH}{batch}"


def pause_failing(connection: Connection, now: datetime) -> Sequence[Pause]:
    """Pause what fails too often; return what is paused since now."""
    failing = {**pauses.failing_templates(connection, now), **_failing_batches(connection, now)}
    known = {one.key for one in pauses.paused(connection, failing.keys())} if failing else set()
    new = []
    for key, (failed, taken) in failing.items():
        if key not in known:
            reason = f"{failed} of {taken} messages failed."
            pauses.put(connection, key, reason, now)
            new.append(Pause(key, reason, now))
    return new


def told(one: Pause) -> str:
    """Return what operators read about a pause, with the next step."""
    kind, _, name = one.key.partition(":")
    return (
        f"Notifications of the {kind} {name} are paused: {one.reason} See why, then let them go "
        f"on: `watch.py notifications resume {one.key}`."
    )


def _failing_batches(connection: Connection, now: datetime) -> Mapping[str, tuple[int, int]]:
    since = now - COUNTED
    batch = notification.c.batch
    failures = (
        select(batch, func.count())
        .select_from(delivery.join(notification, notification.c.id == delivery.c.id))
        .where(delivery.c.failed_at > since, delivery.c.error_code.is_not(None))
        .group_by(batch)
        .having(func.count() >= MIN_FAILURES)
    )
    found = {}
    for name, _ in connection.execute(failures).all():
        key = batch_key(name)
        begin = max(since, pauses.resumed_at(connection, [key]).get(key, since))
        meant = select(notification.c.id).where(batch == name)
        counted = pauses.counts(connection, begin, meant)
        if pauses.are_too_many(*counted):
            found[key] = counted
    return found


def views(connection: Connection, tenant: str) -> Sequence[PauseView]:
    """Return all pauses, with how many of a tenant's notifications wait for each."""
    return [
        PauseView(
            id=one.key,
            reason=one.reason,
            paused_at=one.paused_at,
            waiting=_waiting(connection, tenant, one.key),
        )
        for one in pauses.paused(connection)
    ]


def resume(connection: Connection, tenant: str, key: str, now: datetime) -> bool:
    """Let what was paused go on at once; False if it is not paused, or of another tenant."""
    of = notification.c
    theirs = select(of.id).where(of.tenant == tenant, *_meant(key)).limit(1)
    if connection.scalar(theirs) is None or not pauses.resume(connection, key, now):
        return False
    is_due = or_(of.send_at.is_(None), of.send_at <= now)
    at = literal(now, UtcTimestamp)
    soonest = case((is_due, at), else_=of.send_at)
    connection.execute(update(notification).where(waits, *_meant(key)).values(due_at=soonest))
    return True


def _waiting(connection: Connection, tenant: str, key: str) -> int:
    query = select(func.sum(waiting.c.number)).where(waiting.c.tenant == tenant)
    return connection.scalar(query.where(*_meant(key, waiting))) or 0


def _meant(key: str, table: Table = notification) -> Sequence[ColumnElement[bool]]:
    of = table.c
    kind, _, name = key.partition(":")
    if f"{kind}:" == BATCH:
        return [of.batch == name]
    template, _, language = name.rpartition(":")
    return [of.template == template, of.language == language]
