"""The whole conversation logic: one pure function from (state, event) to (state, effects)."""

from typing import Any

from flow_engine.arrivals import NOTHING_FREE, ONE_MOMENT, REMINDER, TIMED_OUT, arrive, take
from flow_engine.ask import END, Call
from flow_engine.effects import Say
from flow_engine.events import (
    CallEnded,
    CallFailed,
    CameBack,
    Cancelled,
    Corrected,
    Event,
    OptionsLoaded,
    Replied,
    Sent,
    Started,
    TimerFired,
    WentBack,
    WentTo,
)
from flow_engine.flow import Flow
from flow_engine.replying import CORRECTED, correct, take_reply
from flow_engine.state import RESUME, FlowState
from flow_engine.transitions import Turn as Turn
from flow_engine.transitions import ask, enter, go_on, prefixed, revisit

CANCELLED = Say("common.cancelled")
FORM_UPDATED = Say("common.form_updated")
JUST_TAKEN = Say("common.just_taken")
_SAYS = (CANCELLED, ONE_MOMENT, REMINDER, TIMED_OUT, FORM_UPDATED, NOTHING_FREE, JUST_TAKEN)
#: What the engine itself says, whatever the flow.
ENGINE_TEXTS = tuple(say.key for say in (*_SAYS, CORRECTED))


def advance(flow: Flow[Any], state: FlowState, event: Event) -> Turn:
    """Return what an event leads to; one that is meant for an earlier turn changes nothing."""
    match event:
        case Replied():
            return take_reply(flow, state, event)
        case Corrected(step, reply):
            return correct(flow, state, step, reply)
        case Sent(kind, content):
            return take(flow, state, kind, content)
        case OptionsLoaded() | CallEnded() | CallFailed() | TimerFired():
            return arrive(flow, state, event)
        case _:
            return _move(flow, state, event)


def _move(
    flow: Flow[Any], state: FlowState, event: Started | Cancelled | WentBack | CameBack | WentTo
) -> Turn:
    """Go to another place in the form, or leave it."""
    match event:
        case Started():
            return go_on(flow, state, flow.first_step)
        case Cancelled():
            return Turn(None, (CANCELLED,))
        case WentBack():
            return _go_back(flow, state)
        case CameBack():
            return ask(flow, state.model_copy(update={"aside": RESUME}))
        case WentTo(step):
            return revisit(flow, state, step)


def resume(flow: Flow[Any], stored: FlowState) -> Turn:
    """Bring a conversation begun under another version of the flow up to date.

    Answers are kept by name, so the stored ones are walked through the new steps; the
    person is asked again only from the first answer that the new form lacks or refuses.
    """
    if stored.version == flow.version and stored.step in flow.edges:
        return Turn(stored)
    answers, step = flow.walk(stored.answers)
    if step in (END, *answers):  # all answered already: ask the last one again, to confirm
        step = next(reversed(answers))
        del answers[step]
    fresh = flow.begin(stored.known).model_copy(update={"answers": answers, "turn": stored.turn})
    return prefixed(FORM_UPDATED, enter(flow, fresh, step))


def ask_again(flow: Flow[Any], stored: FlowState) -> Turn:
    """Ask the question of a form that was interrupted, brought up to date."""
    updated = resume(flow, stored)
    is_as_before = updated.state is not None and not updated.effects
    return enter(flow, stored, stored.step) if is_as_before else updated


def retake(flow: Flow[Any], state: FlowState, step: str) -> Turn:
    """Ask for an option once more, since somebody else has just taken the one that was chosen."""
    answers = {name: answer for name, answer in state.answers.items() if name != step}
    return prefixed(JUST_TAKEN, enter(flow, state.model_copy(update={"answers": answers}), step))


def _go_back(flow: Flow[Any], state: FlowState) -> Turn:
    """Ask the question before once more; the first one stays."""
    if state.aside:  # the question that it stands for
        options = flow.options(state.step)
        own = {"aside": "", "begun": "", "options": options, "page": 0}
        return ask(flow, state.model_copy(update=own))
    answers = dict(state.answers)
    is_other_answer = state.correcting or state.is_changing
    if is_other_answer and state.step in answers:  # not after all
        kept = state.model_copy(update={"correcting": False})
        return enter(flow, kept, flow.walk(answers)[1])
    answers.pop(state.step, None)  # a short one, of which more was asked for
    before, _ = answers.popitem() if answers else (state.step, None)
    while answers and isinstance(flow.step(before), Call):
        before, _ = answers.popitem()
    return enter(flow, state.model_copy(update={"answers": answers}), before)
