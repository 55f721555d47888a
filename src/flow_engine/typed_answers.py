"""Answers that people type: a date may have its month first, or lack its year; a name its last."""

from typing import Any

from pydantic import ValidationError

from flow_engine.dates import AmbiguousDateError
from flow_engine.effects import Question
from flow_engine.events import Replied
from flow_engine.field_types import is_date
from flow_engine.fitting import takes_names
from flow_engine.flow import Flow
from flow_engine.partial_dates import completed, partial_date
from flow_engine.partial_names import first_name_alone, whole_name
from flow_engine.state import CHANGE, RIGHT, SKIP, SURE, FlowState
from flow_engine.transitions import Turn, answered, ask, refuse


def skip(flow: Flow[Any], state: FlowState, text: str) -> Turn | None:
    """Return where leaving a question out leads; None unless it is, and may be, left out.

    An answer that the person gave before stays.
    """
    if text != SKIP or not flow.step(state.step).optional:
        return None
    default = flow.form.model_fields[state.step].get_default()
    return answered(flow, state, state.answers.get(state.step, default))


def is_settled(question: Question, state: FlowState, answer: str | None, step: Turn) -> bool:
    """Return whether an answer needs no other reading: it leaves the question out, or gives a part.

    Fewer options are left then, or the rest of a date.
    """
    now = step.state
    if question.is_optional and answer == SKIP:
        return True
    is_same = now is not None and now.step == state.step
    return is_same and now is not None and (now.options, now.begun) != (state.options, state.begun)


def ask_if_sure(flow: Flow[Any], state: FlowState, answer: str) -> Turn:
    """Ask whether a doubtful answer is meant."""
    doubtful = {"aside": SURE, "begun": answer, "options": (RIGHT, CHANGE)}
    return ask(flow, state.model_copy(update=doubtful))


def answer_if_sure(flow: Flow[Any], state: FlowState, reply: Replied) -> Turn:
    """Take the doubtful answer that is meant, or another one in its place."""
    before = state.model_copy(update={"begun": "", "options": flow.options(state.step)})
    if reply.text == RIGHT:
        return answered(flow, before, flow.parse(state.step, state.begun))
    return ask(flow, before) if reply.text == CHANGE else take_typed(flow, before, reply)


def take_typed(flow: Flow[Any], state: FlowState, reply: Replied) -> Turn:
    """Take the answer to the question of the step, or a part of a date."""
    is_usual, insists = reply.is_month_first_usual, not state.refusals
    text = _with_begun(flow, state, reply.text)
    is_one_name = bool(state.begun) and text == state.begun
    try:
        answer = flow.parse(
            state.step,
            text,
            is_month_first_usual=is_usual,
            insists=insists,
            is_one_name_enough=is_one_name,
        )
    except ValidationError as error:
        if begun := _begun(flow, state, text):
            return ask(flow, state.model_copy(update={"begun": begun}))
        if insists and (short := _taken_unwillingly(flow, state, reply)) is not None:
            kept = {**state.answers, state.step: short}
            return refuse(flow, state.model_copy(update={"answers": kept}))
        return _ask_which(flow, state, _readings(error))
    options = (*state.options, *flow.options(state.step))
    is_option = answer in options or reply.text in options
    if state.options and not is_option and not flow.is_unclear(state):
        return refuse(flow, state)
    return answered(flow, state, answer)


def _taken_unwillingly(flow: Flow[Any], state: FlowState, reply: Replied) -> object | None:
    """Return what a refused text stands for if it is given once more, or left as it is."""
    usual = reply.is_month_first_usual
    try:
        return flow.parse(state.step, reply.text, is_month_first_usual=usual, insists=False)
    except ValidationError:
        return None


def _with_begun(flow: Flow[Any], state: FlowState, text: str) -> str:
    """Return an answer together with the part of it that was given before."""
    if not state.begun:
        return text
    if takes_names(flow, state.step):
        return whole_name(state.begun, text)
    return text if flow.takes(state.step, text) else completed(state.begun, text)


def _begun(flow: Flow[Any], state: FlowState, text: str) -> str:
    """Return the part of a date or a name that is given, if the question is for one."""
    if not state.begun and (first := first_name_alone(flow, state.step, text)) is not None:
        return first
    part = partial_date(text) if is_date(flow.annotation(state.step)) else None
    return part.known if part is not None else ""


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
