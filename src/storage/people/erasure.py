"""Erasing a person: all rows about them go, except for hashes that broadcasts recognise."""

from collections.abc import Sequence

from sqlalchemy import Connection

from domain.user import User
from storage.person_table import person_tables
from storage.tables.suppressed import suppress, suppressed_of
from storage.tables.users import same_person


def forget(connection: Connection, person: User, now: float) -> None:
    """Erase all rows about a person, under each of their keys."""
    people = [person, *same_person(connection, person.key)]
    suppress(connection, {one for each in people for one in _identifiers(each)}, now)
    keys = {each.key for each in people}
    for declared in person_tables():
        declared.on_erase(connection, declared.key, keys)


def erased(connection: Connection, people: Sequence[User]) -> frozenset[str]:
    """Return the keys of the people of whom an identifier belongs to an erased person."""
    return suppressed_of(connection, {person.key: _identifiers(person) for person in people})


def _identifiers(person: User) -> list[str]:
    return [one for one in (person.wa_id, person.user_id) if one]
