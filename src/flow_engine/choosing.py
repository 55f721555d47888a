"""Several choices of one list: each tap adds one, until *Done*."""

from typing import Any

from pydantic import ValidationError

from flow_engine.flow import Flow
from flow_engine.state import DONE, FlowState
from flow_engine.transitions import Turn, answered, ask, refuse

#: Stands between choices that were typed together: "ham, cheese".
SEPARATOR = "\n"


def choose(flow: Flow[Any], state: FlowState, text: str) -> Turn:
    """Add a choice, or all of those that were typed together, which are then complete."""
    if text == DONE and state.chosen:
        return _complete(flow, state, state.chosen)
    named = [part.strip() for part in text.split(SEPARATOR)]
    if any(one not in {*state.options, *state.chosen} - {DONE} for one in named):
        return refuse(flow, state)
    chosen = tuple(dict.fromkeys((*state.chosen, *named)))
    left = tuple(one for one in state.options if one not in {*chosen, DONE})
    if len(named) > 1 or not left or _is_full(flow, state.step, chosen):
        return _complete(flow, state, chosen)
    return ask(flow, state.model_copy(update={"chosen": chosen, "options": (DONE, *left)}))


def _complete(flow: Flow[Any], state: FlowState, chosen: tuple[str, ...]) -> Turn:
    try:
        return answered(flow, state, flow.read(state.step, chosen))
    except ValidationError:  # too few of them, say
        return refuse(flow, state)


def _is_full(flow: Flow[Any], name: str, chosen: tuple[str, ...]) -> bool:
    """Return whether one more choice would be too many: `Field(max_length=...)`."""
    limits = [getattr(one, "max_length", None) for one in flow.form.model_fields[name].metadata]
    return len(chosen) in limits
