"""Going from step to step: what is asked next, and what happens at the end."""

from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from flow_engine.ask import END, Call, Review
from flow_engine.effects import Effect, LoadOptions, Question, RunCall, Say, SetTimer, WayOut
from flow_engine.fitting import takes_names
from flow_engine.flow import Flow
from flow_engine.partial_names import NO_LAST_NAME
from flow_engine.questions import told
from flow_engine.state import FlowState


@dataclass(frozen=True, slots=True)
class Turn:
    """The outcome of one event; a state of None means the conversation is over."""

    state: FlowState | None
    effects: tuple[Effect, ...] = ()


def answered(flow: Flow[Any], state: FlowState, answer: object) -> Turn:
    """Keep the answer to the step, and go on: to the next one, or back to the review."""
    answers = {**state.answers, state.step: answer}
    changed = {"answers": answers, "options": (), "labels": {}, "chosen": (), "correcting": False}
    filled = state.model_copy(update=changed)
    following = flow.next_step(state.step, answer)
    if state.is_changing or state.correcting:  # to where the person was, or where this leads
        _, following = flow.walk(answers)
    return finish(flow, filled) if following == END else go_on(flow, filled, following)


def go_on(flow: Flow[Any], state: FlowState, name: str) -> Turn:
    """Go to the next step on the way, past those that the profile of the person answers."""
    if name in state.answers or name not in state.known:
        return enter(flow, state, name)
    try:
        answer = flow.read(name, state.known[name])
    except ValidationError:
        return enter(flow, state, name)  # the form is stricter than the one that asked for it
    return answered(flow, state.model_copy(update={"step": name}), answer)


def enter(flow: Flow[Any], state: FlowState, name: str) -> Turn:
    """Go to a step: ask it, load its options, or run its code."""
    step = flow.step(name)
    entered = state.model_copy(
        update={
            "step": name,
            "options": flow.options(name),
            "labels": {},
            "page": 0,
            "chosen": (),
            "aside": "",
            "begun": "",
            "refusals": 0,
            "awaiting_options": False,
            "awaiting_call": False,
            "is_changing": state.is_changing and not isinstance(step, Review),
        }
    )
    if isinstance(step, Call):
        return _call(flow, entered, step)
    if step.options_from is None:
        return ask(flow, entered)
    waiting = {"awaiting_options": True, "turn": state.turn + 1}
    loading = LoadOptions(step.options_from, state.turn + 1)
    return Turn(entered.model_copy(update=waiting), (loading,))


def _call(flow: Flow[Any], state: FlowState, step: Call) -> Turn:
    """Wait for one's own code; nobody is reminded of anything meanwhile."""
    turn = state.turn + 1
    waiting = state.model_copy(update={"awaiting_call": True, "turn": turn, "is_reminded": False})
    call = RunCall(flow.name, step.name, turn, told(flow, state))
    said = (Say(f"{flow.name}.{step.name}.wait", told(flow, state)),) if step.says_wait else ()
    return Turn(waiting, (*said, call))


def ask(flow: Flow[Any], state: FlowState) -> Turn:
    """Ask the question of the state, and wait for the answer."""
    asked = state.model_copy(update={"turn": state.turn + 1, "is_reminded": False})
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


def refuse(flow: Flow[Any], state: FlowState, key: str | None = None) -> Turn:
    """Say why in the same message as the question; people who are stuck get buttons out of it."""
    wants = flow.received_types(state.step)
    if key is None:
        is_typed = flow.takes_text(state.step) or state.aside or not wants
        key = invalid(flow, state, state.step) if is_typed else f"common.send.{wants[0].what}"
    again: dict[str, object] = {"refusals": state.refusals + 1}
    if not state.aside and not flow.is_several(state.step):  # all of them, not those named before
        again["options"] = flow.options(state.step) or state.options
    refused = state.model_copy(update=again)
    way_out = WayOut.BUTTONS if refused.is_stuck else WayOut.HINT
    return prefaced(key, ask(flow, refused), way_out)


def invalid(flow: Flow[Any], state: FlowState, step: str) -> str:
    """Return the key of what is said to an answer that cannot be right."""
    if state.begun and not state.aside and takes_names(flow, step):
        return NO_LAST_NAME
    name = f"{step}.{state.aside}" if state.aside else step
    return f"{flow.name}.{name}.invalid"


def finish(flow: Flow[Any], state: FlowState) -> Turn:
    """Build the form from the answers on the route taken, or go back to what spoils it."""
    # Walking drops answers to abandoned branches, and stops at one that was valid when
    # given and no longer is (a date now past).
    route, stopped_at = flow.walk(state.answers)
    if stopped_at != END:
        return enter(flow, state, stopped_at)
    known = {**told(flow, state.model_copy(update={"answers": {}})), **route}
    fields = {name: value for name, value in known.items() if name in flow.form.model_fields}
    try:
        form = flow.form.model_validate(fields)
    except ValidationError as error:  # a rule across fields
        blamed = [str(part) for part in error.errors()[0]["loc"] if part in route]
        spoiled = blamed[0] if blamed else state.step
        return prefaced(invalid(flow, state, spoiled), change(flow, state, spoiled))
    return Turn(None, tuple(flow.finish(form)))


def change(flow: Flow[Any], state: FlowState, name: str) -> Turn:
    """Ask a question once more. With a review, only that one, and what follows from its answer."""
    reviews = [step.name for step in flow.steps if isinstance(step, Review)]
    if not reviews:
        return enter(flow, state, name)
    names = [step.name for step in flow.steps]
    later = names[names.index(name) :]
    outdated = {*reviews, *(one for one in later if isinstance(flow.step(one), Call))}
    kept = {one: value for one, value in state.answers.items() if one not in outdated}
    changing = state.model_copy(update={"answers": kept, "is_changing": True, "aside": ""})
    return enter(flow, changing, name)


def revisit(flow: Flow[Any], state: FlowState, name: str) -> Turn:
    """Ask an earlier question anew; the answers after it are kept."""
    if any(isinstance(step, Review) for step in flow.steps):
        return change(flow, state, name)
    return enter(flow, state.model_copy(update={"correcting": True, "aside": ""}), name)


def prefaced(key: str, turn: Turn, way_out: WayOut = WayOut.NONE) -> Turn:
    """Put a text before the question of a turn; before all, if its options are still loaded."""
    if not any(isinstance(effect, Question) for effect in turn.effects):
        return prefixed(Say(key), turn)
    effects = (
        replace(effect, preface=key, way_out=way_out) if isinstance(effect, Question) else effect
        for effect in turn.effects
    )
    return Turn(turn.state, tuple(effects))


def prefixed(first: Effect, turn: Turn) -> Turn:
    """Return a turn with one more effect in front."""
    return Turn(turn.state, (first, *turn.effects))
