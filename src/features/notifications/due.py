"""The next page of what is due, with all that is known of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Connection, Integer, Select, bindparam, func, or_, select

from domain.user import User
from features.bulk.pauses import paused
from features.notifications.lookup import TemplatesNamed
from features.notifications.tables import NotificationRow, notification, waits
from features.templates.model import AUTHENTICATION, Template
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp
from storage.tables.suppressed import suppressed_of
from storage.tables.users import by_key
from storage.tables.users import people as find_people


@CompiledStatement
def _due(dialect: str) -> Select[Any]:
    of = notification.c
    is_due = of.due_at <= bindparam("now", type_=UtcTimestamp)
    is_meant = or_(bindparam("all", type_=Boolean), of.category == AUTHENTICATION)
    query = select(notification).where(waits, of.tenant == bindparam("tenant"), is_due, is_meant)
    return query.order_by(of.due_at, of.position, of.id).limit(bindparam("most", type_=Integer))


@dataclass(frozen=True, slots=True)
class DuePage:
    """Notifications that are due, with what is known of their people and templates."""

    rows: Sequence[NotificationRow]
    people: Mapping[str, User]
    #: Keys of people with an identifier of somebody who was erased.
    erased: Collection[str]
    templates: Mapping[str, Sequence[Template]]
    #: Keys of batches and templates that are paused.
    paused: Collection[str]
    #: When those that are not in the page are due; None if no other one waits.
    next_due: datetime | None


def next_page(
    connection: Connection,
    tenant: str,
    now: datetime,
    *,
    most: int,
    only_codes: bool,
    templates_named: TemplatesNamed,
) -> DuePage:
    """Return the next notifications that are due, the longest due first.

    `only_codes`: of these, only login codes, for which people wait.
    """
    found = _due.fetch(connection, tenant=tenant, now=now, most=most + 1, all=not only_codes)
    rows = [NotificationRow(*row) for row in found[:most]]
    people = find_people(connection, by_key, {row.user_key for row in rows}) if rows else {}
    identifiers = {
        key: {one for one in (person.wa_id, person.user_id) if one}
        for key, person in people.items()
    }
    names = {row.template for row in rows if row.template}
    return DuePage(
        rows,
        people,
        suppressed_of(connection, identifiers),
        templates_named(connection, names),
        {one.key for one in paused(connection)},
        now if len(found) > most or only_codes else _next_due(connection, tenant, now),
    )


def _next_due(connection: Connection, tenant: str, now: datetime) -> datetime | None:
    of = notification.c
    query = select(func.min(of.due_at)).where(waits, of.tenant == tenant, of.due_at > now)
    found: datetime | None = connection.scalar(query)
    return found
