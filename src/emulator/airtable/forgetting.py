"""Deleting the records about people who start afresh."""

from collections.abc import Collection

from emulator.airtable.bases import Bases
from emulator.airtable.tables import Record, Table

PERSON = "client"


def forget(bases: Bases, base_id: str, words: Collection[str]) -> None:
    """Delete the records that name one of these words, and those that link to them alone."""
    found: dict[str, tuple[Table, Record]] = {}
    tables = bases.tables(base_id)
    known = -1
    while known < len(found):
        known = len(found)
        for table in tables:
            for record in table.records.values():
                if record.id not in found and _is_about(table, record, words, found):
                    found[record.id] = table, record
    for table, record in found.values():
        bases.delete(base_id, table, record, PERSON)


def _is_about(table: Table, record: Record, words: Collection[str], found: Collection[str]) -> bool:
    links = {one.id: one for one in table.links}
    texts = [str(cell) for name, cell in record.cells.items() if name not in links]
    own = [name for name, link in links.items() if not link.is_inverse]
    linked = [set(record.cells.get(name) or ()) for name in own]
    return any(word in text for word in words for text in texts) or any(
        one and one.issubset(found) for one in linked
    )
