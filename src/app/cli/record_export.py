"""Lists and exports the records that flows saved; the rows are read in pages."""

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from app.cli.local_database import is_missing, local_engine
from storage.tables.records import IS_THERE, SavedRecord, list_records, record
from storage.tables.users import user
from utils.commands import CommandError

#: Records that are read at a time.
PAGE = 1000
#: Columns that every record has, before its own.
FIXED = ("id", "created_at", "status", "phone", "full_name")
#: Spreadsheets read cells that begin with one of these as formulas.
#: Source: owasp.org/www-community/attacks/CSV_Injection
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def list_names() -> int:
    """Print the name of each kind of record with its number. Return the exit code."""
    if is_missing():
        print("There are no records yet.")
        return 0
    query = select(record.c.collection, func.count()).where(*IS_THERE)
    with local_engine() as engine, engine.connect() as connection:
        found = connection.execute(
            query.group_by(record.c.collection).order_by(record.c.collection)
        ).all()
    for name, count in found:
        print(f"{name}  {count}")
    if not found:
        print("There are no records yet.")
    return 0


def export(name: str, *, as_json: bool) -> int:
    """Write all records of a name to the standard output. Raise CommandError if there are none."""
    if is_missing():
        raise CommandError(f"There are no records named {name}. See: watch.py records list")
    with local_engine() as engine, engine.connect() as connection:
        names = _field_names(connection, name)
        if names is None:
            raise CommandError(f"There are no records named {name}. See: watch.py records list")
        rows = _rows(connection, name)
        if as_json:
            for row in rows:
                print(json.dumps(row, ensure_ascii=False))
            return 0
        writer = csv.writer(sys.stdout)
        writer.writerow([safe_cell(one) for one in (*FIXED, *names)])
        for row in rows:
            cells = [row.get(one) for one in FIXED] + [row["fields"].get(one) for one in names]
            writer.writerow([safe_cell(cell) for cell in cells])
    return 0


def safe_cell(value: Any) -> Any:
    """Return a cell that no spreadsheet reads as a formula; numbers stay numbers."""
    if value is None or isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _field_names(connection: Connection, name: str) -> list[str] | None:
    """Return the names of all fields, in the order in which they first appear."""
    names: dict[str, None] = {}
    is_empty = True
    for one in _records(connection, name):
        is_empty = False
        names |= dict.fromkeys(one.values)
    return None if is_empty else list(names)


def _rows(connection: Connection, name: str) -> Iterator[Mapping[str, Any]]:
    for one in _records(connection, name):
        person = select(user.c.wa_id, user.c.full_name, user.c.profile_name)
        found = connection.execute(person.where(user.c.key == one.user_key)).first()
        yield {
            "id": one.id,
            "created_at": one.created_at.isoformat(timespec="seconds"),
            "status": one.status or "New",
            "phone": found.wa_id if found else None,
            "full_name": (found.full_name or found.profile_name) if found else None,
            "fields": one.values,
        }


def _records(connection: Connection, name: str) -> Iterator[SavedRecord]:
    last = 0
    while page := connection.execute(list_records(name, after=last, most=PAGE)).all():
        for row in page:
            yield SavedRecord(*row)
        last = page[-1].id
