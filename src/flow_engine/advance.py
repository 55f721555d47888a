"""The whole conversation logic: one pure function from (state, event) to (state, effects)."""

from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from flow_engine.ask import END
from flow_engine.dates import AmbiguousDateError
from flow_engine.effects import Effect, LoadOptions, Question, Say, SetTimer, WayOut
from flow_engine.events import (
    Cancelled,
    Corrected,
    Event,
    OptionsLoaded,
    Replied,
    Started,
    TimerFired,
    WentBack,
    WentTo,
)
from flow_engine.flow import Flow
from flow_engine.state import MAX_LIST_ROWS, MORE, FlowState

CANCELLED = Say("common.cancelled")
ONE_MOMENT = Say("common.one_moment")
REMINDER = Say("common.reminder")
TIMED_OUT = Say("common.timed_out")
FORM_UPDATED = Say("common.form_updated")
CORRECTED = Say("common.corrected")
#: What the engine itself says, whatever the flow.
ENGINE_TEXTS = tuple(
    say.key for say in (CANCELLED, ONE_MOMENT, REMINDER, TIMED_OUT, FORM_UPDATED, CORRECTED)
)


@dataclass(frozen=True, slots=True)
class Turn:
    """The outcome of one event; a state of None means the conversation is over."""

    state: FlowState | None
    effects: tuple[Effect, ...] = ()


def advance(flow: Flow[Any], state: FlowState, event: Event) -> Turn:
    """Return what an event leads to; one that is meant for an earlier turn changes nothing."""
    if _is_stale(state, event):
        return Turn(state)
    match event:
        case Started():
            return _enter(flow, state, flow.first_step)
        case Cancelled():
            return Turn(None, (CANCELLED,))
        case WentBack():
            return _go_back(flow, state)
        case WentTo(step):
            return _enter(flow, state.model_copy(update={"correcting": True}), step)
        case Corrected(step, reply):
            return _correct(flow, state, step, reply)
        case Replied():
            return _answer(flow, state, event)
        case OptionsLoaded(options):
            loaded = {"options": options, "awaiting_options": False}
            return _ask(flow, state.model_copy(update=loaded))
        case TimerFired(timer="remind"):
            return Turn(state, (REMINDER, flow.question(state)))
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
    entered = _enter(flow, fresh, step)
    return Turn(entered.state, (FORM_UPDATED, *entered.effects))


def _is_stale(state: FlowState, event: Event) -> bool:
    """Return whether an event is for a turn that has passed, or delivered twice."""
    match event:
        case OptionsLoaded(turn=turn):
            return turn != state.turn or not state.awaiting_options
        case TimerFired(turn=turn):
            return turn != state.turn
    return False


def _answer(flow: Flow[Any], state: FlowState, reply: Replied) -> Turn:
    if state.awaiting_options:
        return Turn(state, (ONE_MOMENT,))
    if reply.text == MORE and len(state.options) > MAX_LIST_ROWS:
        return _ask(flow, state.model_copy(update={"page": state.next_page}))
    try:
        answer = flow.parse(state.step, reply.text, is_month_first_usual=reply.is_month_first_usual)
    except ValidationError as error:
        return _ask_which(flow, state, _readings(error))
    if state.options and answer not in state.options and not flow.is_unclear(state):
        return _refuse(flow, state)
    return _take(flow, state, answer)


def _take(flow: Flow[Any], state: FlowState, answer: object) -> Turn:
    answers = {**state.answers, state.step: answer}
    changed = {"answers": answers, "options": (), "correcting": False}
    filled = state.model_copy(update=changed)
    following = flow.next_step(state.step, answer)
    if state.correcting:  # to where the person was, or where the new answer leads
        following = flow.walk(answers)[1]
    return _finish(flow, filled) if following == END else _enter(flow, filled, following)


def _go_back(flow: Flow[Any], state: FlowState) -> Turn:
    """Ask the question before once more; the first one stays."""
    answers = dict(state.answers)
    if state.correcting:  # not after all
        kept = state.model_copy(update={"correcting": False})
        return _enter(flow, kept, flow.walk(answers)[1])
    before, _ = answers.popitem() if answers else (state.step, None)
    return _enter(flow, state.model_copy(update={"answers": answers}), before)


def _correct(flow: Flow[Any], state: FlowState, step: str, reply: Replied) -> Turn:
    """Take another answer to an earlier question, and go on where it leads.

    One that is refused is asked for again, and so is one whose options have to be loaded.
    """
    at_step = state.model_copy(update={"correcting": True})
    if flow.step(step).options_from is not None:
        return _enter(flow, at_step, step)
    entered = _enter(flow, at_step, step)
    assert entered.state is not None, "a question was asked"
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
        return _take(flow, state, possible[0])
    if possible:
        return _ask(flow, state.model_copy(update={"options": possible}))
    return _refuse(flow, state)


def _refuse(flow: Flow[Any], state: FlowState) -> Turn:
    """Say why in the same message as the question; people who are stuck get buttons out of it."""
    refused = state.model_copy(update={"refusals": state.refusals + 1})
    way_out = WayOut.BUTTONS if refused.is_stuck else WayOut.HINT
    return prefaced(f"{flow.name}.{state.step}.invalid", _ask(flow, refused), way_out)


def _finish(flow: Flow[Any], state: FlowState) -> Turn:
    """Build the form from the answers on the route taken, or go back to what spoils it."""
    # Walking drops answers to abandoned branches, and stops at one that was valid when
    # given and no longer is (a date now past).
    route, stopped_at = flow.walk(state.answers)
    if stopped_at != END:
        return _enter(flow, state, stopped_at)
    try:
        form = flow.form.model_validate(route)
    except ValidationError as error:  # a rule across fields
        blamed = [str(part) for part in error.errors()[0]["loc"] if part in route]
        spoiled = blamed[0] if blamed else state.step
        return prefaced(f"{flow.name}.{spoiled}.invalid", _enter(flow, state, spoiled))
    return Turn(None, tuple(flow.finish(form)))


def _enter(flow: Flow[Any], state: FlowState, name: str) -> Turn:
    fresh = {"step": name, "options": flow.options(name), "page": 0, "refusals": 0}
    entered = state.model_copy(update=fresh)
    source = flow.step(name).options_from
    if source is None:
        return _ask(flow, entered)
    waiting = {"awaiting_options": True, "turn": state.turn + 1}
    return Turn(entered.model_copy(update=waiting), (LoadOptions(source, state.turn + 1),))


def _ask(flow: Flow[Any], state: FlowState) -> Turn:
    asked = state.model_copy(update={"turn": state.turn + 1})
    remind_after = flow.timeout.remind_after if flow.timeout else None
    cancel_after = flow.timeout.cancel_after if flow.timeout else None
    return Turn(
        asked,
        (
            flow.question(asked),
            SetTimer("remind", asked.turn, remind_after),
            SetTimer("cancel", asked.turn, cancel_after),
        ),
    )


def prefaced(key: str, turn: Turn, way_out: WayOut = WayOut.NONE) -> Turn:
    """Put a text before the question of a turn; before all, if its options are still loaded."""
    if not any(isinstance(effect, Question) for effect in turn.effects):
        return Turn(turn.state, (Say(key), *turn.effects))
    effects = (
        replace(effect, preface=key, way_out=way_out) if isinstance(effect, Question) else effect
        for effect in turn.effects
    )
    return Turn(turn.state, tuple(effects))
