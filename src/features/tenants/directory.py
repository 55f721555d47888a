"""Reads and changes the tables of numbers, businesses and apps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Table, delete, select, update

from features.tenants.tables import (
    StoredApp,
    StoredNumber,
    StoredSetting,
    StoredTenant,
    meta_app,
    phone_number,
    tenant,
    tenant_setting,
)
from storage.engine.database import insert

Row = TypeVar("Row", bound=NamedTuple)


@dataclass(frozen=True, slots=True)
class Directory:
    """All rows, as they are stored."""

    numbers: Sequence[StoredNumber] = ()
    tenants: Sequence[StoredTenant] = ()
    settings: Sequence[StoredSetting] = ()
    apps: Sequence[StoredApp] = ()


def read_directory(connection: Connection) -> Directory:
    """Return all rows; numbers, businesses and apps in the order in which they were added."""
    return Directory(
        _rows(connection, phone_number, StoredNumber, "added_at", "id"),
        _rows(connection, tenant, StoredTenant, "added_at", "id"),
        _rows(connection, tenant_setting, StoredSetting, "tenant", "name"),
        _rows(connection, meta_app, StoredApp, "added_at", "id"),
    )


def put_number(connection: Connection, number: StoredNumber, now: datetime) -> None:
    """Add a number, or replace what is known of it."""
    _put(connection, phone_number, number._asdict(), ("id",), now)


def put_tenant(connection: Connection, one: StoredTenant, now: datetime) -> None:
    """Add a business, or replace what is known of it."""
    _put(connection, tenant, one._asdict(), ("id",), now)


def put_app(connection: Connection, app: StoredApp, now: datetime) -> None:
    """Add an app, or replace its secrets."""
    _put(connection, meta_app, app._asdict(), ("id",), now)


def put_setting(connection: Connection, setting: StoredSetting) -> None:
    """Set one setting of a business."""
    _put(connection, tenant_setting, setting._asdict(), ("tenant", "name"), None)


def remove_setting(connection: Connection, tenant_id: str, name: str) -> bool:
    """Remove a setting of a business; False if it had none of this name."""
    of = tenant_setting.c
    is_it = (of.tenant == tenant_id, of.name == name)
    return connection.execute(delete(tenant_setting).where(*is_it)).rowcount > 0


def remove_number(connection: Connection, phone_number_id: str) -> bool:
    """Remove a number; False if there was none of this id."""
    is_it = phone_number.c.id == phone_number_id
    return connection.execute(delete(phone_number).where(is_it)).rowcount > 0


def switch_tenant(connection: Connection, tenant_id: str, *, is_disabled: bool) -> bool:
    """Disable or enable a business; False if there is none of this id."""
    switched = update(tenant).where(tenant.c.id == tenant_id).values(is_disabled=is_disabled)
    return connection.execute(switched).rowcount > 0


def _rows(connection: Connection, table: Table, kind: type[Row], *order: str) -> list[Row]:
    names: tuple[str, ...] = kind._fields
    query = select(*(table.c[name] for name in names))
    found = connection.execute(query.order_by(*(table.c[name] for name in order)))
    return [kind(*row) for row in found]


def _put(
    connection: Connection,
    table: Table,
    values: dict[str, Any],
    key: Sequence[str],
    now: datetime | None,
) -> None:
    added = {} if now is None else {"added_at": now}
    changed = {name: value for name, value in values.items() if name not in key}
    new = insert(connection, table).values(**values, **added)
    connection.execute(new.on_conflict_do_update(index_elements=list(key), set_=changed))
