"""What the database knows of the recipients, the templates and the references of a request."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, Text, bindparam, func, select

from domain.phone import writings
from domain.user import User
from features.bulk.reach import marketed
from features.notifications.items import ReadItem
from features.notifications.tables import notification
from features.templates.model import Template
from storage.engine.compiled import CompiledStatement, as_list, listed
from storage.tables.suppressed import suppressed_of
from storage.tables.users import by_identifier, people

#: Returns the templates of these names in all of their languages, by name.
TemplatesNamed = Callable[[Connection, Collection[str]], Mapping[str, Sequence[Template]]]


@CompiledStatement
def _references(dialect: str) -> Select[tuple[str | None]]:
    return select(notification.c.reference).where(
        notification.c.tenant == bindparam("tenant"),
        notification.c.reference.in_(listed(dialect, "references", Text())),
    )


@dataclass(frozen=True, slots=True)
class KnownFacts:
    """What is known of the items of one request."""

    #: By the recipient of an item; strangers are missing.
    people: Mapping[str, User]
    #: Recipients with an identifier of a person whose data were erased.
    erased: Collection[str]
    #: Keys of people who got marketing within a day.
    marketed: Collection[str]
    #: References that other notifications have.
    references: Collection[str]
    #: Templates in all of their languages, by name.
    templates: Mapping[str, Sequence[Template]]


def look_up(
    connection: Connection,
    items: Sequence[ReadItem],
    *,
    tenant: str,
    now: datetime,
    templates_named: TemplatesNamed,
) -> KnownFacts:
    """Return what is known of all items, in a few queries."""
    written = {one.recipient: _writings(one.recipient) for one in items if one.recipient}
    people = _people(connection, written)
    identifiers = {
        recipient: _identifiers(own, people.get(recipient)) for recipient, own in written.items()
    }
    names = {one.item.template.named[0] for one in items if one.item.template is not None}
    return KnownFacts(
        people=people,
        erased=suppressed_of(connection, identifiers),
        marketed=marketed(connection, {one.key for one in people.values()}, now),
        references=seen_references(connection, tenant, items),
        templates=templates_named(connection, names - {""}),
    )


def seen_references(
    connection: Connection, tenant: str, items: Sequence[ReadItem]
) -> frozenset[str]:
    """Return those references of the items that other notifications have."""
    asked = [one.item.reference for one in items if one.item.reference is not None]
    if not asked:
        return frozenset()
    rows = _references.fetch(connection, tenant=tenant, references=as_list(asked))
    return frozenset(row[0] for row in rows)


def accepted_since(connection: Connection, tenant: str, since: datetime) -> int:
    """Return the number of notifications that were accepted after a time."""
    of = notification.c
    query = select(func.count()).where(of.created_at > since, of.tenant == tenant)
    return connection.scalar(query) or 0


def _writings(recipient: str) -> Sequence[str]:
    return writings(recipient) if recipient.isdecimal() else (recipient,)


def _people(connection: Connection, written: Mapping[str, Sequence[str]]) -> Mapping[str, User]:
    """Return the people that are known, by the recipient, in whichever writing of the number."""
    asked = {one for own in written.values() for one in own}
    known = people(connection, by_identifier, asked) if asked else {}
    if not known:
        return {}
    found = {
        recipient: next((known[one] for one in own if one in known), None)
        for recipient, own in written.items()
    }
    return {recipient: person for recipient, person in found.items() if person is not None}


def _identifiers(written: Sequence[str], person: User | None) -> Collection[str]:
    if person is None:
        return written
    return {*written, *(one for one in (person.wa_id, person.user_id) if one)}
