"""What operators do in a base about a person: they add a record, or set cells of one.

An act is an object: {"table", "set"} sets cells of the newest record about a person, of which some
cells may be told with "where"; {"table", "add"} adds a record. Cells are by the names of fields.
"""

from collections.abc import Collection, Mapping
from typing import Any

from emulator.airtable.bases import Bases
from emulator.airtable.errors import AirtableRefusal
from emulator.airtable.tables import Record, Table

PERSON = "client"


class NoSuchRecord(ValueError):
    """There is no record to set cells of, or not yet."""


def operate(bases: Bases, base_id: str, words: Collection[str], act: Mapping[str, Any]) -> None:
    """Do what an operator does; `words` are the identifiers of the person.

    Raises:
        NoSuchRecord: if no record is about the person.
        ValueError: for an act or a value that cannot be.
    """
    name, given = str(act.get("table") or ""), act.get("set", act.get("add"))
    if not name or not isinstance(given, dict):
        raise ValueError('An operator needs "table", and "set" or "add" with cells by their names.')
    try:
        table = next((one for one in bases.tables(base_id) if one.name == name), None)
        if table is None:
            raise NoSuchRecord(f'There is no table "{name}".')
        cells = table.read(given, typecast=True)
        if "add" in act:
            bases.create(base_id, table, cells, PERSON)
            return
        where = table.read(act.get("where") or {}, typecast=True)
        found = _found(table, about(bases, base_id, words), where)
        bases.update(base_id, table, found, cells, PERSON)
    except AirtableRefusal as refusal:
        raise ValueError(refusal.message or refusal.kind) from refusal


def about(bases: Bases, base_id: str, words: Collection[str]) -> set[str]:
    """Return the ids of records that name one of these words, or link to such a record."""
    named = {
        record.id
        for table in bases.tables(base_id)
        for record in table.records.values()
        if any(word in text for text in _texts(table, record) for word in words)
    }
    linking = {
        record.id
        for table in bases.tables(base_id)
        for record in table.records.values()
        for link in table.links
        if not link.is_inverse and named & set(record.cells.get(link.id) or ())
    }
    return named | linking


def _texts(table: Table, record: Record) -> list[str]:
    links = {one.id for one in table.links}
    return [str(cell) for field_id, cell in record.cells.items() if field_id not in links]


def _found(table: Table, ids: set[str], where: Mapping[str, Any]) -> Record:
    """Return the newest record about the person that has these cells."""
    for record in reversed(table.records.values()):
        fits = all(record.cells.get(name) == value for name, value in where.items())
        if record.id in ids and fits:
            return record
    raise NoSuchRecord(f'The table "{table.name}" has no such record of this person.')
