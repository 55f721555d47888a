"""Links have two sides: the table that is linked to gets a field which shows them as well.

Source: airtable.com/developers/web/api/field-model (link to another record). The emulator gives a
table that links to itself no second field.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from emulator.airtable.field_types import LINK_OPTIONS
from emulator.airtable.tables import Field, Record, Table, new_id


def add_inverse(link: Field, table: Table, linked: Table) -> None:
    """Add the other side of a new link; it has the name of the table that links."""
    taken = {one.name for one in linked.fields}
    names = (table.name if number == 1 else f"{table.name} {number}" for number in count(1))
    name = next(one for one in names if one not in taken)
    options = {**LINK_OPTIONS, "linkedTableId": table.id, "inverseLinkFieldId": link.id}
    made = Field(new_id("fld"), name, link.type, options, is_inverse=True)
    link.options["inverseLinkFieldId"] = made.id
    linked.fields.append(made)


def mirrored(
    tables: Iterable[Table], table: Table, record: Record, before: Mapping[str, Any]
) -> Iterator[tuple[Table, Record, str, Sequence[str]]]:
    """Yield what changes on the other side: a record with its table, a field, and its new links.

    `before` has the cells of the record before the change.
    """
    by_id = {one.id: one for one in tables}
    for link in table.links:
        linked = by_id.get(link.options["linkedTableId"])
        other = str(link.options.get("inverseLinkFieldId"))
        if linked is None or other not in {one.id for one in linked.fields}:
            continue
        old, new = before.get(link.id) or (), record.cells.get(link.id) or ()
        for changed in (linked.records[one] for one in dict.fromkeys((*old, *new))):
            links = [one for one in changed.cells.get(other) or () if one != record.id]
            links += [record.id] if changed.id in new else []
            if links != list(changed.cells.get(other) or ()):
                yield linked, changed, other, links
