"""What the person types or taps at a step: answers, corrections, and changes of an answer."""

from typing import Any

from pydantic import ValidationError

from flow_engine.arrivals import ONE_MOMENT
from flow_engine.ask import Review
from flow_engine.choosing import choose
from flow_engine.dates import AmbiguousDateError
from flow_engine.effects import Say
from flow_engine.events import Replied
from flow_engine.fitting import fitting_step
from flow_engine.flow import Flow
from flow_engine.questions import reviewable
from flow_engine.state import CHANGE, GO_ON, MAX_LIST_ROWS, MORE, RESUME, START_AGAIN, FlowState
from flow_engine.transitions import Turn, answered, ask, change, go_on, prefaced, refuse, revisit

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
    if text.partition(".")[0] == CHANGE and isinstance(flow.step(state.step), Review):
        return _change_answer(flow, state, text)
    if state.options and flow.is_several(state.step):
        return choose(flow, state, text)
    return _answer(flow, state, reply)


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
    if state.aside == RESUME:
        if text == START_AGAIN:
            fresh = flow.begin(state.known).model_copy(update={"turn": state.turn})
            return go_on(flow, fresh, flow.first_step)
        return ask(flow, before) if text == GO_ON else take_reply(flow, before, reply)
    if text in state.options:
        return change(flow, before, text)
    if (named := fitting_step(flow, state.options, text)) is not None:
        return correct(flow, before, named, reply)
    own = before.model_copy(update={"options": flow.options(state.step), "page": 0})
    return take_reply(flow, own, reply) if text in own.options else refuse(flow, state)


def _change_answer(flow: Flow[Any], state: FlowState, text: str) -> Turn:
    """Ask which answer to change, or take a tap on the list of a change before."""
    if text == CHANGE:
        fields = reviewable(flow, state.answers)
        return ask(flow, state.model_copy(update={"aside": CHANGE, "options": fields, "page": 0}))
    field = text.removeprefix(f"{CHANGE}.")
    return change(flow, state, field) if field in state.answers else refuse(flow, state)


def _answer(flow: Flow[Any], state: FlowState, reply: Replied) -> Turn:
    """Take the answer to the question of the step."""
    try:
        usual = reply.is_month_first_usual
        answer = flow.parse(state.step, reply.text, is_month_first_usual=usual)
    except ValidationError as error:
        return _ask_which(flow, state, _readings(error))
    is_option = answer in state.options or reply.text in state.options
    if state.options and not is_option and not flow.is_unclear(state):
        return refuse(flow, state)
    return answered(flow, state, answer)


def _readings(error: ValidationError) -> tuple[str, ...]:
    """Return what a refused answer may mean; empty if it is no answer at all."""
    causes = (each.get("ctx", {}).get("error") for each in error.errors())
    return next((one.readings for one in causes if isinstance(one, AmbiguousDateError)), ())


def _ask_which(flow: Flow[Any], state: FlowState, readings: tuple[str, ...]) -> Turn:
    """Ask which date was meant. Of two, only one may be possible: a birth date is past."""
    possible = tuple(one for one in readings if flow.takes(state.step, one))
    if len(possible) == 1:
        return answered(flow, state, possible[0])
    if possible:
        return ask(flow, state.model_copy(update={"options": possible}))
    return refuse(flow, state)
