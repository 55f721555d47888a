"""The templates of each business account, as Meta described them last."""

import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Double,
    Insert,
    Row,
    Table,
    Text,
    bindparam,
    cast,
    func,
    select,
)

from features.templates.model import Template
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, insert_for, metadata
from storage.engine.json_column import encoded
from storage.engine.write import Write, change_row

template = Table(
    "template",
    metadata,
    #: account, name and language: `row_key`
    Column("key", Text, primary_key=True),
    Column("account_id", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("meta_id", Text, nullable=False, index=True),
    Column("status", Text, nullable=False),
    Column("quality", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("previous_category", Text, nullable=False),
    Column("category_changed_at", UtcTimestamp),
    Column("reason", Text, nullable=False),
    Column("paused_until", UtcTimestamp),
    Column("parameter_format", Text, nullable=False),
    #: JSON list
    Column("components", Text, nullable=False),
    #: when Meta last said something new about it
    Column("updated_at", UtcTimestamp, nullable=False),
)
NAMES = tuple(field.name for field in fields(Template))


@CompiledStatement
def _put(dialect: str) -> Insert:
    values: dict[str, Any] = {name: bindparam(name) for name in NAMES}
    new = insert_for(dialect, template).values(key=bindparam("row_key"), **values)
    return new.on_conflict_do_update(
        index_elements=["key"],
        set_={name: new.excluded[name] for name in NAMES},
        # What a webhook said after the list was asked for is newer than the list.
        where=template.c.updated_at <= new.excluded.updated_at,
    )


def row_key(one: Template) -> str:
    """Return the key of the row of a template."""
    return f"{one.account_id}:{one.key}"


def put(one: Template) -> Write:
    """Add a template, or replace what was known of it before its `updated_at`."""
    return Write(_put, [{"row_key": row_key(one), **_columns(one)}])


def change(before: Template, after: Template) -> Write | None:
    """Change what differs, and nothing else: other webhooks may change the rest meanwhile."""
    old, new = _columns(before), _columns(after)
    values = {name: new[name] for name in NAMES if new[name] != old[name]}
    return change_row(template.c.key, row_key(before), values) if values else None


def find(connection: Connection, account_id: str, name: str, language: str) -> Template | None:
    """Return one template; None if Meta never told of it."""
    key = f"{account_id}:{name}:{language}"
    return _first(connection, template.c.key == key)


def find_by_meta_id(connection: Connection, account_id: str, meta_id: str) -> Template | None:
    """Return one template by Meta's id."""
    is_it = (template.c.account_id == account_id) & (template.c.meta_id == meta_id)
    return _first(connection, is_it)


def all_of(connection: Connection, account_id: str) -> list[Template]:
    """Return all templates of an account, by name and language; deleted ones as well."""
    query = select(template).where(template.c.account_id == account_id)
    rows = connection.execute(query.order_by(template.c.name, template.c.language))
    return [_template(row) for row in rows]


def languages_of(connection: Connection, account_id: str, name: str) -> Sequence[Template]:
    """Return the templates of one name in all of their languages."""
    is_it = (template.c.account_id == account_id) & (template.c.name == name)
    rows = connection.execute(select(template).where(is_it).order_by(template.c.language))
    return [_template(row) for row in rows]


def version(connection: Connection, account_id: str) -> str:
    """Return a text that is another one after each change of a template of an account."""
    query = select(func.count(), func.sum(cast(template.c.updated_at, Double)))
    count, total = connection.execute(query.where(template.c.account_id == account_id)).one()
    return f"{count}:{total}"


def _first(connection: Connection, condition: Any) -> Template | None:
    row = connection.execute(select(template).where(condition)).first()
    return None if row is None else _template(row)


def _columns(one: Template) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in NAMES}
    return values | {"components": encoded(list(one.components))}


def _template(row: Row[Any]) -> Template:
    known: dict[str, Any] = {name: getattr(row, name) for name in NAMES}
    return Template(**known | {"components": json.loads(known["components"])})
