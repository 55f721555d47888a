"""What the bot knows of a person, for the panel beside the phone."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from domain.holder import holder_of
from domain.user import User
from domain.window import window_closes_at
from jobs.erasure import find_traces
from jobs.maintenance import state_of
from jobs.model import JobState
from jobs.tables import job, timer
from services.conversations.job_specs import CONVERSATIONS
from services.conversations.state import ConversationState
from storage.engine.group_commit import GroupCommit, Transaction
from storage.person_table import person_tables
from storage.tables.delivery_table import delivery
from storage.tables.users import by_identifier, people, same_person

#: Fields of `User` that are shown elsewhere.
SHOWN_APART = frozenset(
    {"key", "profile", "last_inbound_at", "last_inbound_id", "held_since", "held_by", "referral"}
)

#: A title, and rows of a name and a value; a time is {"at": seconds since 1970}.
Section = tuple[str, Sequence[tuple[str, Any]]]


async def describe_person(database: GroupCommit, identifiers: Sequence[str]) -> Mapping[str, Any]:
    """Return "flow", "step", "menu" and "sections" of a person; no sections for a stranger."""

    def read(connection: Connection, now: float) -> Mapping[str, Any]:
        found = people(connection, by_identifier, identifiers)
        if not found:
            return {"sections": []}
        return _describe(connection, next(iter(found.values())), now)

    return await database.submit(Transaction(read))


def _describe(connection: Connection, person: User, now: float) -> Mapping[str, Any]:
    keys = {each.key for each in (person, *same_person(connection, person.key))}
    traces = find_traces(connection, keys, shared_pools=(), words=())
    talks = [name for name in traces.lanes if name.startswith(f"{CONVERSATIONS.name}:")]
    stored = [one for name in talks if (one := state_of(connection, name))]
    state = ConversationState.read(stored[0] if stored else {})
    flow = state.flow
    sections: list[Section] = [
        ("Now", [*_now(person, state, now)]),
        ("Answers", [*flow.answers.items()] if flow else []),
        ("Profile", [*_profile(person)]),
        ("Timers", [*_timers(connection, traces.lanes)]),
        ("Work that waits", [*_jobs(connection, traces.lanes)]),
        ("Messages and their cost", [*_messages(connection, keys)]),
        ("Rows about the person", [*_rows(connection, keys)]),
        ("Also in the state", [*_more(state)]),
    ]
    return {
        "flow": flow.flow if flow else None,
        "step": flow.step if flow else None,
        "menu": state.menu,
        "sections": [(title, _plain(rows)) for title, rows in sections if rows],
    }


def _now(person: User, state: ConversationState, now: float) -> Iterator[tuple[str, Any]]:
    yield "Flow", f"{state.flow.flow}: {state.flow.step}" if state.flow else "none"
    if state.menu:
        yield "Menu", state.menu
    yield "Language", person.language or "by the country of the number"
    holder = holder_of(person, datetime.fromtimestamp(now, UTC))
    yield "Holder", " ".join(filter(None, (holder.party.value, holder.who)))
    if holder.until:
        yield "Bot takes over", holder.until
    if closes_at := window_closes_at(person):
        yield "Window closes", closes_at


def _profile(person: User) -> Iterator[tuple[str, Any]]:
    for one in fields(person):
        value = getattr(person, one.name)
        if value is not None and one.name not in SHOWN_APART:
            yield one.name, value
    yield from person.profile.items()


def _timers(connection: Connection, lanes: Sequence[str]) -> Iterator[tuple[str, Any]]:
    query = select(timer.c.name, timer.c.due_at).where(timer.c.lane.in_(lanes))
    for name, due_at in connection.execute(query.order_by(timer.c.due_at)):
        yield name, {"at": due_at}


def _jobs(connection: Connection, lanes: Sequence[str]) -> Iterator[tuple[str, Any]]:
    unended = (JobState.TODO, JobState.DEAD)
    wanted = (job.c.lane.in_(lanes), job.c.state.in_(unended))
    query = select(job.c.kind, job.c.state, func.count()).where(*wanted)
    for kind, state, count in connection.execute(query.group_by(job.c.kind, job.c.state)):
        yield kind, f"{count} {'given up' if state == JobState.DEAD else 'waiting'}"


def _messages(connection: Connection, keys: set[str]) -> Iterator[tuple[str, Any]]:
    own = delivery.c.user_key.in_(keys)
    query = select(delivery.c.status, func.count()).where(own).group_by(delivery.c.status)
    yield from ((status, count) for status, count in connection.execute(query))
    charged = select(delivery.c.category, delivery.c.pricing, func.count()).where(
        own, delivery.c.category.is_not(None)
    )
    for category, pricing, count in connection.execute(
        charged.group_by(delivery.c.category, delivery.c.pricing)
    ):
        yield f"charged as {category}", f"{count} ({pricing})" if pricing else count
    for each in person_tables():
        if "tokens" in each.table.c:
            tokens = select(func.sum(each.table.c.tokens)).where(each.key.in_(keys))
            if spent := connection.scalar(tokens):
                yield f"tokens ({each.table.name})", spent


def _rows(connection: Connection, keys: set[str]) -> Iterator[tuple[str, Any]]:
    for each in person_tables():
        query = select(func.count()).select_from(each.table).where(each.key.in_(keys))
        if count := connection.scalar(query):
            yield each.table.name, count


def _more(state: ConversationState) -> Iterator[tuple[str, Any]]:
    for name, value in state.stored().items():
        if name not in ("flow", "menu"):
            yield name, value


def _plain(rows: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [(name, _value(value)) for name, value in rows]


def _value(value: Any) -> Any:
    """Return a value as the page shows it: a text, a number, or a time."""
    if isinstance(value, datetime):
        return {"at": value.timestamp()}
    if isinstance(value, date):
        return value.isoformat()
    is_time = isinstance(value, dict) and set(value) == {"at"}
    if is_time or isinstance(value, str | int | float):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
