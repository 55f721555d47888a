"""What arrives at a step besides words.

Files, places and contacts come from the person; options, results of one's own code and timers were
asked for by an earlier turn.
"""

from typing import Any

from pydantic import ValidationError

from flow_engine.ask import END, Call
from flow_engine.effects import Say
from flow_engine.events import CallEnded, CallFailed, OptionsLoaded, TimerFired
from flow_engine.flow import Flow
from flow_engine.options import Option, usable_options
from flow_engine.state import FlowState
from flow_engine.transitions import Turn, answered, ask, enter, prefixed, refuse

#: Events that belong to one turn: later ones have gone on without them.
Awaited = OptionsLoaded | CallEnded | CallFailed | TimerFired

NOTHING_FREE = Say("common.nothing_free")
ONE_MOMENT = Say("common.one_moment")
REMINDER = Say("common.reminder")
TIMED_OUT = Say("common.timed_out")


def take(flow: Flow[Any], state: FlowState, kind: str, content: object) -> Turn:
    """Take a file, a place or a contact, if the step wants one."""
    if state.awaiting_options or state.awaiting_call:
        return Turn(state, (ONE_MOMENT,))
    wanted = flow.received_types(state.step)
    found = next((read for one in wanted if (read := one.read(kind, content)) is not None), None)
    own = state.model_copy(update={"aside": ""})
    if found is None:
        key = f"common.send.{wanted[0].what}" if wanted else "common.send.text"
        return refuse(flow, own, key)
    try:
        answer = flow.read(state.step, found)
    except ValidationError:
        return refuse(flow, own)
    return answered(flow, own, answer)


def arrive(flow: Flow[Any], state: FlowState, event: Awaited) -> Turn:
    """Return what an awaited event leads to; one for an earlier turn changes nothing."""
    if _is_stale(state, event):
        return Turn(state)
    match event:
        case OptionsLoaded(options):
            return _offer(flow, state, usable_options(options).options)
        case CallEnded() | CallFailed():
            return _called(flow, state, event)
        case TimerFired(timer="remind"):
            reminded = state.model_copy(update={"is_reminded": True})
            return Turn(reminded, (REMINDER, flow.question(state)))
        case TimerFired():
            return Turn(None, (TIMED_OUT,))


def _is_stale(state: FlowState, event: Awaited) -> bool:
    """Return whether an event is for a turn that has passed, or delivered twice."""
    match event:
        case OptionsLoaded():
            is_awaited = state.awaiting_options
        case CallEnded() | CallFailed():
            is_awaited = state.awaiting_call
        case TimerFired():
            is_awaited = True
    return event.turn != state.turn or not is_awaited


def _offer(flow: Flow[Any], state: FlowState, options: tuple[Option, ...]) -> Turn:
    """Ask with options that were loaded; without any, there is nothing to choose from."""
    if not options:
        return Turn(None, (NOTHING_FREE,))
    has_label = (one for one in options if one.title or one.description)
    loaded = {
        "options": tuple(one.id for one in options),
        "labels": {one.id: (one.label, one.description) for one in has_label},
        "awaiting_options": False,
    }
    return ask(flow, state.model_copy(update=loaded))


def _called(flow: Flow[Any], state: FlowState, event: CallEnded | CallFailed) -> Turn:
    """Go on with what one's own code returned; what does not fit the field is a failure."""
    step = flow.step(state.step)
    done = state.model_copy(update={"awaiting_call": False})
    if isinstance(event, CallEnded):
        try:
            return answered(flow, done, flow.read(state.step, event.result))
        except ValidationError:
            pass
    failed = Say(f"{flow.name}.{state.step}.failed", state.answers)
    target = step.on_failure if isinstance(step, Call) else None
    if target in (None, END):
        return Turn(None, (failed,))
    return prefixed(failed, enter(flow, done, str(target)))
