"""What arrives at a step besides words: files, places, contacts, and results of one's own code."""

from typing import Any

from pydantic import ValidationError

from flow_engine.ask import END, Call
from flow_engine.effects import Say
from flow_engine.events import CallEnded, CallFailed
from flow_engine.flow import Flow
from flow_engine.state import FlowState
from flow_engine.transitions import Turn, answered, enter, prefixed, refuse

ONE_MOMENT = Say("common.one_moment")


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


def called(flow: Flow[Any], state: FlowState, event: CallEnded | CallFailed) -> Turn:
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
