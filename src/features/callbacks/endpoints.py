"""The endpoints: registered by an operator, known to every process, changed by what they answer."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, Update, bindparam, delete, func, null, select, update

from features.callbacks.signing import new_secret
from features.callbacks.tables import Endpoint, EndpointState, callback_endpoint
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp
from storage.engine.write import Write

#: The tenant of who has one business.
ONE_TENANT = "default"
#: Time for which the secret of before signs as well.
ROTATION = timedelta(hours=24)
#: Failed attempts in a row after which an endpoint is paused.
MAX_FAILURES = 50
#: How exactly it is known when an endpoint was reached last.
REACHED_EVERY = timedelta(hours=1)

_of = callback_endpoint.c


@CompiledStatement
def _all(dialect: str) -> Select[Any]:
    return select(callback_endpoint).order_by(_of.created_at, _of.id)


@CompiledStatement
def _reach(dialect: str) -> Update:
    is_it = _of.id == bindparam("row_key")
    values: dict[str, Any] = {"failures": 0, "problem": null()}
    return (
        update(callback_endpoint)
        .where(is_it)
        .values(values | {"reached_at": bindparam("at", type_=UtcTimestamp)})
    )


def all_endpoints(connection: Connection) -> Sequence[Endpoint]:
    """Return every endpoint, the oldest first."""
    return [Endpoint(*row) for row in _all.fetch(connection)]


def find(connection: Connection, endpoint_id: str) -> Endpoint | None:
    """Return one endpoint; None if there is none of this id."""
    row = connection.execute(select(callback_endpoint).where(_of.id == endpoint_id)).first()
    return None if row is None else Endpoint(*row)


def add(
    connection: Connection, url: str, types: Sequence[str], now: datetime, *, is_private: bool
) -> Endpoint:
    """Register an endpoint, with a new secret."""
    endpoint = Endpoint(
        id=f"cb_{secrets.token_hex(4)}",
        tenant=ONE_TENANT,
        url=url,
        types=" ".join(types),
        is_private=is_private,
        secret=new_secret(),
        old_secret=None,
        old_secret_until=None,
        state=EndpointState.ON.value,
        problem=None,
        failures=0,
        created_at=now,
        reached_at=None,
    )
    connection.execute(callback_endpoint.insert().values(endpoint._asdict()))
    return endpoint


def remove(connection: Connection, endpoint_id: str) -> bool:
    """Forget an endpoint, and what waits for it. Return whether it was there."""
    return connection.execute(delete(callback_endpoint).where(_of.id == endpoint_id)).rowcount > 0


def rotate(connection: Connection, endpoint_id: str, now: datetime) -> str | None:
    """Give an endpoint a new secret; the one before signs as well for a day. None without it."""
    secret = new_secret()
    values = {
        "old_secret": _of.secret,
        "old_secret_until": now + ROTATION,
        "secret": secret,
    }
    return secret if _change(connection, endpoint_id, values) else None


def resume(connection: Connection, endpoint_id: str) -> bool:
    """Tell an endpoint again. Return whether it was there."""
    values = {"state": EndpointState.ON.value, "failures": 0, "problem": None}
    return _change(connection, endpoint_id, values)


def switch_off(connection: Connection, endpoint_id: str, why: str) -> bool:
    """Tell an endpoint nothing any more. Return whether it was told until now."""
    values = {"state": EndpointState.OFF.value, "problem": why}
    is_told = _of.state != EndpointState.OFF.value
    changed = update(callback_endpoint).where(_of.id == endpoint_id, is_told).values(values)
    return connection.execute(changed).rowcount > 0


def note_failure(connection: Connection, endpoint_id: str, why: str) -> bool:
    """Count a failed attempt. Return whether it paused the endpoint."""
    counted = {"failures": _of.failures + 1, "problem": why}
    _change(connection, endpoint_id, counted)
    is_due = (_of.failures > MAX_FAILURES, _of.state == EndpointState.ON.value)
    paused = update(callback_endpoint).where(_of.id == endpoint_id, *is_due)
    return connection.execute(paused.values(state=EndpointState.PAUSED.value)).rowcount > 0


def reached(endpoint: Endpoint, now: datetime) -> Sequence[Write]:
    """Return what is noted after a success, unless that is known."""
    known = endpoint.reached_at
    if not endpoint.failures and known is not None and now - known < REACHED_EVERY:
        return ()
    return (Write(_reach, [{"row_key": endpoint.id, "at": now}]),)


def count_by_state(connection: Connection) -> dict[str, int]:
    """Return the number of endpoints in each state, and under "failing" those that fail."""
    query = select(_of.state, func.count()).group_by(_of.state)
    counts = {str(state): count for state, count in connection.execute(query)}
    is_failing = (_of.state == EndpointState.ON.value, _of.failures > 0)
    failing = select(func.count()).select_from(callback_endpoint).where(*is_failing)
    return {**counts, "failing": connection.scalar(failing) or 0}


def _change(connection: Connection, endpoint_id: str, values: dict[str, Any]) -> bool:
    changed = update(callback_endpoint).where(_of.id == endpoint_id).values(values)
    return connection.execute(changed).rowcount > 0
