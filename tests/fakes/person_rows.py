"""Rows about people for any table."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import LargeBinary, Table, Text

from storage.engine.database import UtcTimestamp

AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def row_about(table: Table, user_key: str) -> dict[str, Any]:
    """A row of any table with a `user_key`, with something in each column that needs it."""
    needed = [one for one in table.c if not one.nullable and one.server_default is None]
    needed = [one for one in needed if one is not table.autoincrement_column]
    values = {one.name: AT if isinstance(one.type, UtcTimestamp) else 1 for one in needed}
    texts = {one.name: f"{one.name} {user_key}" for one in needed if isinstance(one.type, Text)}
    files = {one.name: b"1" for one in needed if isinstance(one.type, LargeBinary)}
    return values | texts | files | {"user_key": user_key}
