"""What is stored and cannot be read: it is put aside, and stops neither its lane nor the others."""

import json
from typing import Any

from loguru import logger
from sqlalchemy import Connection, Update, bindparam, func, null, select, update

from domain.json import JsonValue
from jobs.model import LaneState
from jobs.tables import lane
from storage.engine.compiled import CompiledStatement


class Unreadable(Exception):
    """A stored text is not JSON, or not of the kind that is stored there."""


@CompiledStatement
def put_state_aside(dialect: str) -> Update:
    """Keep a state as `text`, for a person to look at; the lane has none from now on."""
    is_it = lane.c.name == bindparam("of")
    return update(lane).where(is_it).values(unreadable=bindparam("text"), state=null())


def read_json(text: str) -> JsonValue:
    """Return a stored JSON value. Raise Unreadable."""
    try:
        value: JsonValue = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(type(error).__name__) from error
    return value


def read_state(text: str | None) -> LaneState:
    """Return the stored state of a lane, empty if there is none. Raise Unreadable."""
    state: Any = read_json(text) if text else {}
    if not isinstance(state, dict):
        raise Unreadable("not an object")
    return state


def readable_state(text: str | None) -> LaneState:
    """Return a stored state for somebody who only looks at it; empty if it cannot be read."""
    try:
        return read_state(text)
    except Unreadable:
        return {}


def claim_state(connection: Connection, name: str, pool: str, text: str | None) -> LaneState:
    """Return the state of a claimed lane; one that cannot be read is put aside."""
    try:
        return read_state(text)
    except Unreadable as error:
        logger.error(
            "the state of a lane of the pool {} cannot be read ({}): it is kept in `unreadable`",
            pool,
            error,
        )
        put_state_aside.run(connection, of=name, text=text)
        return {}


def count_unreadable(connection: Connection) -> int:
    """Return the number of lanes with a state that was put aside."""
    query = select(func.count()).select_from(lane).where(lane.c.unreadable.is_not(None))
    return connection.scalar(query) or 0
