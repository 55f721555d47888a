"""What is to be done later for a person: a message, a template, a flow (`Schedule`).

It is a timer of the lane of the conversation, so it outlives restarts and goes with the person.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from loguru import logger
from pydantic import TypeAdapter

from domain.window import is_window_closed
from flow_engine import CallPerson, Effect, Schedule, SendTemplate, StartFlow
from flow_engine.effects import SCHEDULABLE
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.job_specs import TIMER, TimerJob
from services.conversations.state import StateSlot
from services.conversations.turn import ConversationTurn
from utils.logger import pseudonym

#: Begins the names of these timers; those of forms are "remind" and "cancel".
PREFIX = "later:"
#: A flow waits so long for the end of the form that is open, or for an operator.
BUSY_PAUSE = timedelta(minutes=15)
#: What is scheduled: when it is due, in seconds since 1970, by name.
SCHEDULED = StateSlot("scheduled", TypeAdapter(dict[str, float]), {})


def schedule(turn: ConversationTurn, effect: Schedule, context: ConversationContext) -> Decisions:
    """Decide to do something later; a time that has passed is too late, and nothing happens."""
    due = _due(turn.now, effect.at, context)
    if due <= turn.now:
        return unschedule(turn, effect.name)
    stored = {"do": encode(effect.effect)}
    if effect.outside_window is not None:
        stored["outside_window"] = encode(effect.outside_window)
    return _set(turn, effect.name, due, stored)


def unschedule(turn: ConversationTurn, name: str) -> Decisions:
    """Decide not to do it; nothing happens if nothing of this name is scheduled."""
    return _without(turn, [name])


def unschedule_all(turn: ConversationTurn) -> Decisions:
    """Decide to do nothing later: the person opted out, or their data is deleted."""
    return _without(turn, SCHEDULED.read(turn.state))


def take_due(
    turn: ConversationTurn, timer: str, stored: Mapping[str, Any]
) -> tuple[Decisions, Effect | None]:
    """Return what is decided about a timer that is due, and the effect to execute, if any."""
    name = timer.removeprefix(PREFIX)
    if turn.is_opted_out or turn.is_blocked:
        return _forget(turn, name), None
    effect = decode(stored["do"])
    if isinstance(effect, StartFlow) and (turn.state.flow is not None or turn.is_with_human):
        return _set(turn, name, turn.now + BUSY_PAUSE, stored), None
    if isinstance(effect, SendTemplate | CallPerson) or not is_window_closed(turn.user, turn.now):
        return _forget(turn, name), effect
    outside = stored.get("outside_window")
    if outside is None:
        logger.warning("{}: {} is not sent: the window is closed", pseudonym(turn.user.key), name)
        return _forget(turn, name), None
    return _forget(turn, name), decode(outside)


def encode(effect: Effect) -> dict[str, Any]:
    """Return an effect as JSON."""
    kind: type = type(effect)
    fields: dict[str, Any] = _adapter(kind).dump_python(effect, mode="json")
    return {"effect": kind.__name__, **fields}


def decode(stored: Mapping[str, Any]) -> Effect:
    """Return an effect from its JSON; KeyError for one that does not exist any more."""
    fields = dict(stored)
    kind = {one.__name__: one for one in SCHEDULABLE}[fields.pop("effect")]
    effect: Effect = _adapter(kind).validate_python(fields)
    return effect


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _due(now: datetime, at: datetime | timedelta, context: ConversationContext) -> datetime:
    if isinstance(at, timedelta):
        return now + at
    return at if at.tzinfo is not None else at.replace(tzinfo=context.zone)


def _set(turn: ConversationTurn, name: str, due: datetime, stored: Mapping[str, Any]) -> Decisions:
    timer = f"{PREFIX}{name}"
    body = TimerJob(timer=timer, turn=0, due=due.timestamp(), later=dict(stored))
    known = {**SCHEDULED.read(turn.state), name: due.timestamp()}
    return Decisions(
        state=SCHEDULED.change(known), timers={timer: TIMER.timer(due - turn.now, body)}
    )


def _forget(turn: ConversationTurn, name: str) -> Decisions:
    left = {one: due for one, due in SCHEDULED.read(turn.state).items() if one != name}
    return Decisions(state=SCHEDULED.change(left))


def _without(turn: ConversationTurn, names: "list[str] | dict[str, float]") -> Decisions:
    known = SCHEDULED.read(turn.state)
    gone = [name for name in names if name in known]
    if not gone:
        return NOTHING
    left = {name: due for name, due in known.items() if name not in gone}
    return Decisions(
        state=SCHEDULED.change(left), timers={f"{PREFIX}{name}": None for name in gone}
    )
