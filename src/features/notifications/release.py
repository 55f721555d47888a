"""What is due next: who gets it by now, and what becomes of the rest."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from loguru import logger
from sqlalchemy import (
    Boolean,
    Connection,
    Integer,
    Select,
    Update,
    bindparam,
    func,
    or_,
    select,
    update,
)

from domain.user import User
from domain.window import is_window_closed
from features.notifications.checks import person_problems, template_problems, window_closed
from features.notifications.items import ReadItem
from features.notifications.lookup import TemplatesNamed, marketed
from features.notifications.problems import Code, Problem
from features.notifications.schema import Item
from features.notifications.stage import Stage
from features.notifications.tables import NotificationRow, notification, waits
from features.templates.model import AUTHENTICATION, MARKETING, ProblemCode, Template
from features.templates.payload import message_of
from schemas.cloud_api_schema import OutgoingMessage, TextMessage
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp
from storage.engine.json_column import encoded
from storage.engine.write import Write
from storage.tables.suppressed import suppressed_of
from storage.tables.users import by_key
from storage.tables.users import people as find_people

#: Time until a notification is looked at again whose template Meta has paused.
HOLD = timedelta(minutes=10)


@CompiledStatement
def _due(dialect: str) -> Select[Any]:
    of = notification.c
    is_due = of.due_at <= bindparam("now", type_=UtcTimestamp)
    is_meant = or_(bindparam("all", type_=Boolean), of.category == AUTHENTICATION)
    query = select(notification).where(waits, of.tenant == bindparam("tenant"), is_due, is_meant)
    return query.order_by(of.due_at, of.position, of.id).limit(bindparam("most", type_=Integer))


@CompiledStatement
def _leave(dialect: str) -> Update:
    is_it = notification.c.id == bindparam("row_key")
    at = bindparam("at", type_=UtcTimestamp)
    values = {"stage": bindparam("new_stage"), "left_at": at, "problems": bindparam("why")}
    values["category"] = bindparam("new_category")
    return update(notification).where(is_it, waits).values(values)


@CompiledStatement
def _hold(dialect: str) -> Update:
    is_it = notification.c.id == bindparam("row_key")
    until = bindparam("until", type_=UtcTimestamp)
    return update(notification).where(is_it, waits).values(due_at=until)


@dataclass(frozen=True, slots=True)
class DuePage:
    """Notifications that are due, with what is known of their people and templates."""

    rows: Sequence[NotificationRow]
    people: Mapping[str, User]
    #: Keys of people with an identifier of somebody who was erased.
    erased: Collection[str]
    #: Keys of people who got marketing within a day.
    marketed: set[str]
    templates: Mapping[str, Sequence[Template]]
    #: When those that are not in the page are due; None if no other one waits.
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a notification that is due."""

    #: with the category that Meta has the template in by now
    row: NotificationRow
    person: User
    stage: Stage
    message: OutgoingMessage | None = None
    problems: Sequence[Problem] = ()
    #: It is looked at again then.
    held_until: datetime | None = None

    def write(self, at: datetime) -> Write:
        """Return what is noted of it."""
        if self.held_until is not None:
            return Write(_hold, [{"row_key": self.row.id, "until": self.held_until}])
        why = encoded([one.model_dump() for one in self.problems]) if self.problems else None
        row = {"row_key": self.row.id, "new_stage": self.stage.value, "at": at, "why": why}
        return Write(_leave, [{**row, "new_category": self.row.category}])


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
        set(marketed(connection, people.keys(), now)),
        templates_named(connection, names),
        now if len(found) > most or only_codes else _next_due(connection, tenant, now),
    )


def _next_due(connection: Connection, tenant: str, now: datetime) -> datetime | None:
    of = notification.c
    query = select(func.min(of.due_at)).where(waits, of.tenant == tenant, of.due_at > now)
    found: datetime | None = connection.scalar(query)
    return found


def verdicts(page: DuePage, now: datetime) -> Iterator[Verdict]:
    """Decide on each notification; nobody gets a second piece of marketing within a day."""
    for row in page.rows:
        person = page.people.get(row.user_key) or User(row.user_key)
        try:
            verdict = _verdict(row, person, page, now)
        except Exception as error:  # noqa: BLE001 - it must not keep the others waiting
            logger.error("notification {} has no message: {}", row.id, type(error).__name__)
            verdict = Verdict(row, person, Stage.REFUSED, problems=[_unreadable()])
        if verdict.stage is Stage.RELEASED and verdict.row.category == MARKETING:
            page.marketed.add(person.key)
        yield verdict


def _verdict(row: NotificationRow, person: User, page: DuePage, now: datetime) -> Verdict:
    if row.expires_at is not None and row.expires_at <= now:
        return Verdict(row, person, Stage.EXPIRED)
    item = ReadItem(row.position, Item.model_validate_json(row.content or ""), None)
    versions = page.templates.get(row.template or "", ())
    template = next((one for one in versions if one.language == row.language), None)
    if template is not None:
        row = row._replace(category=template.category)
    problems = [*_problems(item, row, person, template, page, now)]
    if template is not None and {one.code for one in problems} == {ProblemCode.PAUSED}:
        until = max(now + HOLD, template.paused_until or now)
        return Verdict(row, person, Stage.WAITING, held_until=until)
    if problems:
        return Verdict(row, person, Stage.REFUSED, problems=problems)
    return Verdict(row, person, Stage.RELEASED, message=_message(item, template))


def _message(item: ReadItem, template: Template | None) -> OutgoingMessage:
    if template is not None:
        return message_of(template, item.values)
    return TextMessage(body=item.item.text or "")


def _unreadable() -> Problem:
    return Problem(
        code=Code.FIELD_INVALID,
        message="What was stored fits neither the template nor this version of the bot.",
        fix="Send it again.",
    )


def _problems(
    item: ReadItem,
    row: NotificationRow,
    person: User,
    template: Template | None,
    page: DuePage,
    now: datetime,
) -> Iterator[Problem]:
    if not (person.wa_id or person.user_id):
        yield Problem(
            code=Code.RECIPIENT_MISSING,
            field="to",
            message="The number belongs to somebody else by now.",
            fix="Ask the person for their number.",
        )
    was_erased, is_marketed = person.key in page.erased, person.key in page.marketed
    yield from person_problems(person, row.category, was_erased=was_erased, is_marketed=is_marketed)
    if item.item.text is not None:
        if is_window_closed(person, now):
            yield window_closed()
    elif template is None:
        yield Problem(
            code=Code.TEMPLATE_UNKNOWN,
            field="template.name",
            message="Meta no longer has the template in this language.",
            fix="Create it again, and retry.",
        )
    else:
        yield from template_problems(template, item)
