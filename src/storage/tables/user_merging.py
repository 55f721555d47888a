"""Merging two rows of one person: the row that goes on takes over what it lacks."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, Table, and_, case, func, or_, select, update

from storage.person_table import MergeRows

#: What the other row keeps.
_KEPT = ("key", "merged_into")


def merging_people(inherited: Sequence[str]) -> MergeRows:
    """Return what merges rows of the table of people, whose `inherited` columns fill gaps."""

    def merge(connection: Connection, key: Column[Any], *, into: str, other: str) -> None:
        people = key.table
        assert isinstance(people, Table)
        both = select(key, people.c.profile).where(key.in_((into, other))).order_by(key)
        profiles = {row[0]: row[1] or {} for row in connection.execute(both.with_for_update())}
        source = people.alias()
        of_other = {
            column.key: select(column).where(source.c.key == other).scalar_subquery()
            for column in source.c
        }
        values: dict[str, Any] = {
            name: func.coalesce(people.c[name], of_other[name]) for name in inherited
        }
        values |= _newest_inbound(people, of_other)
        values["profile"] = {**profiles.get(other, {}), **profiles.get(into, {})}
        connection.execute(update(people).where(key == into).values(values))
        emptied: dict[str, Any] = {one.key: None for one in people.c if one.key not in _KEPT}
        emptied["merged_into"] = into
        connection.execute(update(people).where(key == other).values(emptied))
        connection.execute(
            update(people).where(people.c.merged_into == other).values(merged_into=into)
        )

    return merge


def _newest_inbound(people: Table, of_other: dict[str, Any]) -> dict[str, Any]:
    """Return the time and the id of the last message, of whichever row has the later one."""
    known, new = people.c.last_inbound_at, of_other["last_inbound_at"]
    is_newer = and_(new.is_not(None), or_(known.is_(None), known < new))
    names = ("last_inbound_at", "last_inbound_id")
    return {name: case((is_newer, of_other[name]), else_=people.c[name]) for name in names}
