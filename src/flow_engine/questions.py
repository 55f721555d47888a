"""What a step asks, as an effect: also a review, and the questions about the form itself."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flow_engine.ask import Call, NextDays, Review
from flow_engine.effects import Question, ReviewedAnswer
from flow_engine.field_types import is_date
from flow_engine.fitting import takes_names
from flow_engine.options import Option
from flow_engine.partial_dates import key_of_rest
from flow_engine.partial_names import LAST_NAME
from flow_engine.state import (
    CHANGE,
    MEANT,
    REFUSE,
    RESUME,
    RESUME_OPTIONS,
    RIGHT,
    SURE,
    WRONG,
    FlowState,
)

if TYPE_CHECKING:
    from flow_engine.flow import Flow


def question(flow: "Flow[Any]", state: FlowState) -> Question:
    """Return the question that a state waits for."""
    step, name = flow.step(state.step), f"{flow.name}.{state.step}"
    if state.aside == RESUME:
        return Question(f"{name}.{RESUME}", RESUME_OPTIONS, answers=told(flow, state))
    if state.aside == SURE:
        said = {**told(flow, state), "answer": state.begun}
        asked = MEANT if flow.options(state.step) else SURE
        return Question(f"{name}.{asked}", (RIGHT, CHANGE), answers=said)
    if state.aside == WRONG:
        return Question(f"{name}.{WRONG}", (CHANGE, REFUSE), answers=told(flow, state))
    if state.aside == CHANGE:
        return Question(f"{name}.{CHANGE}", state.shown_options, True, answers=told(flow, state))
    return Question(
        name,
        state.shown_options,
        step.as_list or flow.is_several(state.step),
        answers={**told(flow, state), "begun": state.begun},
        instead=_rest(flow, state),
        is_optional=step.optional,
        asks_which_date=flow.is_unclear(state),
        reviewed=_reviewed(flow, state.answers) if isinstance(step, Review) else (),
        chosen=state.chosen,
        labels=tuple(
            Option(one, *state.labels[one]) for one in state.shown_options if one in state.labels
        ),
        wants=tuple(one.what for one in flow.received_types(state.step)),
    )


def _rest(flow: "Flow[Any]", state: FlowState) -> str | None:
    """Return the key of the text that asks for the rest of an answer; None if nothing was begun."""
    if not state.begun:
        return None
    is_name = takes_names(flow, state.step)
    return LAST_NAME if is_name else key_of_rest(state.begun)


def told(flow: "Flow[Any]", state: FlowState) -> dict[str, object]:
    """Return the answers so far, and what nobody is asked."""
    given = {name: state.known[name] for name in flow.given if name in state.known}
    return {**given, **state.answers}


def _reviewed(flow: "Flow[Any]", answers: Mapping[str, object]) -> tuple[ReviewedAnswer, ...]:
    names = reviewable(flow, answers)
    return tuple(
        ReviewedAnswer(name, answers[name], shown_as(flow, name))
        for name in names
        if answers[name] is not None
    )


def reviewable(flow: "Flow[Any]", answers: Mapping[str, object]) -> tuple[str, ...]:
    """Return the questions on the way of a person that they answered, in the order of the way."""
    asked = {step.name for step in flow.steps if not isinstance(step, Review | Call)}
    route, _ = flow.walk(answers)
    return tuple(name for name in route if name in asked)


def shown_as(flow: "Flow[Any]", name: str) -> str:
    """Return the filter that shows the answer to a step in the person's terms."""
    step = flow.step(name)
    if step.shown_as is not None:
        return step.shown_as
    if flow.options(name) or flow.is_several(name):
        return "title"
    is_day = is_date(flow.annotation(name)) or isinstance(step.options_from, NextDays)
    return "date" if is_day else ""
