"""What the person types or taps at a step: answers, corrections, and changes of an answer."""

from typing import Any

from flow_engine.arrivals import ONE_MOMENT
from flow_engine.ask import Review
from flow_engine.choosing import choose
from flow_engine.effects import Say
from flow_engine.events import Replied
from flow_engine.fitting import fitting_step
from flow_engine.flow import Flow
from flow_engine.questions import reviewable
from flow_engine.state import (
    CHANGE,
    GO_ON,
    MAX_LIST_ROWS,
    MORE,
    RESUME,
    START_AGAIN,
    SURE,
    WRONG,
    FlowState,
)
from flow_engine.transitions import Turn, ask, change, go_on, prefaced, refuse, revisit
from flow_engine.typed_answers import answer_if_sure, skip, take_typed

CORRECTED = Say("common.corrected")


def take_reply(flow: Flow[Any], state: FlowState, reply: Replied) -> Turn:
    """Take what the person typed or tapped: an answer, or a tap on what stands beside them."""
    text = reply.text
    if state.awaiting_options or state.awaiting_call:
        return Turn(state, (ONE_MOMENT,))
    if text == MORE and len(state.options) > MAX_LIST_ROWS:
        return ask(flow, state.model_copy(update={"page": state.next_page}))
    if state.aside:
        return _answer_aside(flow, state, reply)
    if (left_out := skip(flow, state, text)) is not None:
        return left_out
    if text.partition(".")[0] in (CHANGE, WRONG) and isinstance(flow.step(state.step), Review):
        return _change_answer(flow, state, text)
    if state.options and flow.is_several(state.step):
        return choose(flow, state, text)
    return take_typed(flow, state, reply)


def correct(flow: Flow[Any], state: FlowState, step: str, reply: Replied) -> Turn:
    """Take another answer to an earlier question, and go on where it leads.

    One that is refused is asked for again, and so is one whose options have to be loaded.
    """
    entered = revisit(flow, state, step)
    if flow.step(step).options_from is not None or entered.state is None:
        return entered
    corrected = take_reply(flow, entered.state, reply)
    if corrected.state is None or corrected.state.step == step:
        return corrected
    return prefaced(CORRECTED.key, corrected)


def _answer_aside(flow: Flow[Any], state: FlowState, reply: Replied) -> Turn:
    """Take the answer to a question about the form; any other may answer the step itself."""
    text = reply.text
    before = state.model_copy(update={"aside": ""})
    if state.aside in (CHANGE, WRONG):
        before = before.model_copy(update={"begun": ""})
    if state.aside == RESUME:
        if text == START_AGAIN:
            fresh = flow.begin(state.known).model_copy(update={"turn": state.turn})
            return go_on(flow, fresh, flow.first_step)
        return ask(flow, before) if text == GO_ON else take_reply(flow, before, reply)
    if state.aside == SURE:
        return answer_if_sure(flow, before, reply)
    if text in state.options:
        return change(flow, before, text)
    if (named := fitting_step(flow, state.options, text)) is not None:
        return correct(flow, before, named, reply)
    own = before.model_copy(update={"options": flow.options(state.step), "page": 0})
    return take_reply(flow, own, reply) if text in own.options else refuse(flow, state)


def _change_answer(flow: Flow[Any], state: FlowState, text: str) -> Turn:
    """Ask which answer to change, or take a tap on the list of a change before.

    WRONG asks what a "no" means where all answers are shown: one is wrong, or all are refused.
    """
    if text in (CHANGE, WRONG):
        fields = reviewable(flow, state.answers)
        return ask(flow, state.model_copy(update={"aside": text, "options": fields, "page": 0}))
    field = text.removeprefix(f"{CHANGE}.")
    return change(flow, state, field) if field in state.answers else refuse(flow, state)
