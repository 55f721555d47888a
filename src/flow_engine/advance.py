"""The whole conversation logic: one pure function from (state, event) to (state, effects)."""

from typing import Any

from pydantic import ValidationError

from flow_engine.arrivals import ONE_MOMENT, called, take
from flow_engine.ask import END, Call, Review
from flow_engine.choosing import choose
from flow_engine.dates import AmbiguousDateError
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
from flow_engine.fitting import fitting_step
from flow_engine.flow import Flow
from flow_engine.options import Option, usable_options
from flow_engine.questions import reviewable
from flow_engine.state import (
    CHANGE,
    GO_ON,
    MAX_LIST_ROWS,
    MORE,
    RESUME,
    START_AGAIN,
    FlowState,
)
from flow_engine.transitions import Turn as Turn
from flow_engine.transitions import (
    answered,
    ask,
    change,
    enter,
    prefaced,
    prefixed,
    refuse,
    revisit,
)

CANCELLED = Say("common.cancelled")
REMINDER = Say("common.reminder")
TIMED_OUT = Say("common.timed_out")
FORM_UPDATED = Say("common.form_updated")
NOTHING_FREE = Say("common.nothing_free")
JUST_TAKEN = Say("common.just_taken")
CORRECTED = Say("common.corrected")
_SAYS = (CANCELLED, ONE_MOMENT, REMINDER, TIMED_OUT, FORM_UPDATED, NOTHING_FREE, JUST_TAKEN)
#: What the engine itself says, whatever the flow.
ENGINE_TEXTS = tuple(say.key for say in (*_SAYS, CORRECTED))


def advance(flow: Flow[Any], state: FlowState, event: Event) -> Turn:
    """Return what an event leads to; one that is meant for an earlier turn changes nothing."""
    if _is_stale(state, event):
        return Turn(state)
    match event:
        case Started():
            return enter(flow, state, flow.first_step)
        case Cancelled():
            return Turn(None, (CANCELLED,))
        case WentBack():
            return _go_back(flow, state)
        case CameBack():
            return ask(flow, state.model_copy(update={"aside": RESUME}))
        case WentTo(step):
            return revisit(flow, state, step)
        case Corrected(step, reply):
            return _correct(flow, state, step, reply)
        case Replied():
            return _answer(flow, state, event)
        case Sent(kind, content):
            return take(flow, state, kind, content)
        case OptionsLoaded(options):
            return _offer(flow, state, usable_options(options).options)
        case CallEnded() | CallFailed():
            return called(flow, state, event)
        case TimerFired(timer="remind"):
            reminded = state.model_copy(update={"is_reminded": True})
            return Turn(reminded, (REMINDER, flow.question(state)))
        case TimerFired():
            return Turn(None, (TIMED_OUT,))


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
    fresh = flow.begin().model_copy(update={"answers": answers, "turn": stored.turn})
    return prefixed(FORM_UPDATED, enter(flow, fresh, step))


def retake(flow: Flow[Any], state: FlowState, step: str) -> Turn:
    """Ask for an option once more, since somebody else has just taken the one that was chosen."""
    answers = {name: answer for name, answer in state.answers.items() if name != step}
    return prefixed(JUST_TAKEN, enter(flow, state.model_copy(update={"answers": answers}), step))


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


def _is_stale(state: FlowState, event: Event) -> bool:
    """Return whether an event is for a turn that has passed, or delivered twice."""
    match event:
        case OptionsLoaded(turn=turn):
            return turn != state.turn or not state.awaiting_options
        case CallEnded(turn=turn) | CallFailed(turn=turn):
            return turn != state.turn or not state.awaiting_call
        case TimerFired(turn=turn):
            return turn != state.turn
    return False


def _answer(flow: Flow[Any], state: FlowState, reply: Replied) -> Turn:
    text = reply.text
    if state.awaiting_options or state.awaiting_call:
        return Turn(state, (ONE_MOMENT,))
    if text == MORE and len(state.options) > MAX_LIST_ROWS:
        return ask(flow, state.model_copy(update={"page": state.next_page}))
    if state.aside:
        return _answer_aside(flow, state, reply)
    if text == CHANGE and isinstance(flow.step(state.step), Review):
        fields = reviewable(flow, state.answers)
        return ask(flow, state.model_copy(update={"aside": CHANGE, "options": fields, "page": 0}))
    if isinstance(flow.step(state.step), Review) and text.startswith(f"{CHANGE}."):
        field = text.removeprefix(f"{CHANGE}.")  # a tap on the list of a change before
        return change(flow, state, field) if field in state.answers else refuse(flow, state)
    if state.options and flow.is_several(state.step):
        return choose(flow, state, text)
    try:
        answer = flow.parse(state.step, text, is_month_first_usual=reply.is_month_first_usual)
    except ValidationError as error:
        return _ask_which(flow, state, _readings(error))
    is_option = answer in state.options or text in state.options
    if state.options and not is_option and not flow.is_unclear(state):
        return refuse(flow, state)
    return answered(flow, state, answer)


def _answer_aside(flow: Flow[Any], state: FlowState, reply: Replied) -> Turn:
    """Take the answer to a question about the form; any other may answer the step itself."""
    text = reply.text
    before = state.model_copy(update={"aside": ""})
    if state.aside == RESUME:
        if text == START_AGAIN:
            fresh = flow.begin().model_copy(update={"turn": state.turn})
            return enter(flow, fresh, flow.first_step)
        return ask(flow, before) if text == GO_ON else _answer(flow, before, reply)
    if text in state.options:
        return change(flow, before, text)
    if (named := fitting_step(flow, state.options, text)) is not None:
        return _correct(flow, before, named, reply)
    own = before.model_copy(update={"options": flow.options(state.step), "page": 0})
    return _answer(flow, own, reply) if text in own.options else refuse(flow, state)


def _go_back(flow: Flow[Any], state: FlowState) -> Turn:
    """Ask the question before once more; the first one stays."""
    answers = dict(state.answers)
    is_other_answer = state.correcting or state.is_changing
    if is_other_answer and state.step in answers:  # not after all
        kept = state.model_copy(update={"correcting": False})
        return enter(flow, kept, flow.walk(answers)[1])
    before, _ = answers.popitem() if answers else (state.step, None)
    while answers and isinstance(flow.step(before), Call):
        before, _ = answers.popitem()
    return enter(flow, state.model_copy(update={"answers": answers}), before)


def _correct(flow: Flow[Any], state: FlowState, step: str, reply: Replied) -> Turn:
    """Take another answer to an earlier question, and go on where it leads.

    One that is refused is asked for again, and so is one whose options have to be loaded.
    """
    entered = revisit(flow, state, step)
    if flow.step(step).options_from is not None or entered.state is None:
        return entered
    corrected = _answer(flow, entered.state, reply)
    if corrected.state is None or corrected.state.step == step:
        return corrected
    return prefaced(CORRECTED.key, corrected)


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
