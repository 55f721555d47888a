"""Checks one flow or one menu by itself, when it is built."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flow_engine.ask import END, Ask, Call, Review
from flow_engine.effects import EFFECT_TYPES, Say, StartFlow
from flow_engine.faults import Fault, did_you_mean
from flow_engine.field_types import REFERRAL_FIELDS, fields_from_referral
from flow_engine.recurring import next_occurrence
from flow_engine.saved import StatusAction
from flow_engine.state import MAX_LIST_ROWS

if TYPE_CHECKING:
    from flow_engine.flow import Flow
    from flow_engine.menu import Menu


def flow_faults(flow: "Flow[Any]") -> Iterator[Fault]:
    """Yield what is wrong with a flow; the graph is checked once all names in it are right."""
    yield from _lone_texts(flow, "triggers", "referrals", "roles", "says", "saves")
    yield from _status_faults(flow)
    if not flow.steps:
        yield Fault(f"{flow.name}: has no steps", flow.defined_at)
        return
    faults = [*_name_faults(flow), *_answer_faults(flow), *_interrupting_faults(flow)]
    faults += _referral_faults(flow)
    yield from faults or _graph_faults(flow)


def _status_faults(flow: "Flow[Any]") -> Iterator[Fault]:
    for status, action in flow.on_status.items():
        effect = action.effect if isinstance(action, StatusAction) else action
        if not isinstance(effect, Say | StartFlow):
            text = f'on_status "{status}" is {effect!r}; write Say("key") or StartFlow("name")'
            yield Fault(f"{flow.name}: {text}", flow.defined_at.of_constant(status))


def menu_faults(menu: "Menu") -> Iterator[Fault]:
    """Yield what is wrong with a menu."""
    yield from _lone_texts(menu, "triggers", "roles")
    if not 1 <= len(menu.choices) <= MAX_LIST_ROWS:
        text = f"a menu has 1 to {MAX_LIST_ROWS} choices, not {len(menu.choices)}"
        yield Fault(f"{menu.name}: {text}", menu.defined_at)
    for choice, effects in menu.choices.items():
        if not isinstance(effects, tuple) or not all(isinstance(e, EFFECT_TYPES) for e in effects):
            text = f'the choice "{choice}" does not lead to a tuple of effects: {effects!r}'
            yield Fault(f"{menu.name}: {text}", menu.defined_at.of_constant(choice))


def _lone_texts(definition: "Flow[Any] | Menu", *fields: str) -> Iterator[Fault]:
    """Yield texts that stand where a tuple of texts belongs: each letter would count as one."""
    for field in fields:
        value = getattr(definition, field)
        if isinstance(value, str):
            text = f'{field} is a text; write {field}=("{value}",)'
            yield Fault(f"{definition.name}: {text}", definition.defined_at.of_constant(value))


def _name_faults(flow: "Flow[Any]") -> Iterator[Fault]:
    names = [step.name for step in flow.steps]
    fields = flow.form.model_fields
    for name in dict.fromkeys(names):
        at = flow.defined_at.of_constant
        if names.count(name) > 1:
            yield Fault(f"{flow.name}: the step {name} appears twice", at(name))
        if name not in fields and not isinstance(flow.step(name), Review):
            hint = did_you_mean(name, fields)
            yield Fault(f"{flow.name}: not a field of the form: {name}{hint}", at(name))
    for target in _targets(flow) - {*names, END}:
        hint = did_you_mean(target, [*names, END])
        text = f"{flow.name}: no such step: {target}{hint}"
        yield Fault(text, flow.defined_at.of_constant(target))


def _optional_faults(flow: "Flow[Any]", step: Ask) -> Iterator[Fault]:
    """Yield what a question lacks that may be left out."""
    info = flow.form.model_fields.get(step.name)
    text = ""
    if info is None or info.is_required():
        text = f"{step.name} is optional, so its field needs a default: `| None = None`"
    elif flow.is_several(step.name):
        text = f"{step.name} takes several choices, so it cannot be optional"
        text += ': leave `optional` out, and add a choice such as "none"'
    elif len(flow.options(step.name)) >= MAX_LIST_ROWS:
        text = f"{step.name} is optional, so it has at most {MAX_LIST_ROWS - 1} options"
        text += ": one row of the list is for leaving it out"
    if text:
        yield Fault(f"{flow.name}: {text}", flow.defined_at.of_constant(step.name))


def _answer_faults(flow: "Flow[Any]") -> Iterator[Fault]:
    for step in flow.steps:
        yield from _optional_faults(flow, step) if step.optional else ()
        options = flow.options(step.name)
        if odd := [option for option in options if not isinstance(option, str)]:
            text = f"the options of {step.name} are not texts: {odd}"
            hint = f"write Literal{[str(option) for option in odd]}"
            where = flow.defined_at.of_constant(step.name)
            yield Fault(f"{flow.name}: {text}; {hint}", where)
            continue
        yield from _several_faults(flow, step)
        yield from _profile_faults(flow, step)
        yield from _date_faults(flow, step)
        for answer in step.then if options else ():
            if answer not in options:
                hint = did_you_mean(answer, options)
                text = f"{flow.name}: {step.name} has no such answer: {answer}{hint}"
                yield Fault(text, flow.defined_at.of_constant(answer))


def _interrupting_faults(flow: "Flow[Any]") -> Iterator[Fault]:
    """Yield open questions of a flow that interrupts: what is typed may be meant for others."""
    for step in flow.steps if flow.interrupts else ():
        if not flow.options(step.name) or flow.is_several(step.name):
            text = f"{step.name} is asked whoever holds the conversation, so it needs one choice"
            hint = "write Literal[...], or leave interrupts out"
            where = flow.defined_at.of_constant(step.name)
            yield Fault(f"{flow.name}: {text}; {hint}", where)


def _referral_faults(flow: "Flow[Any]") -> Iterator[Fault]:
    """Yield fields that nothing can fill in, or that are asked as well."""
    asked = {step.name for step in flow.steps}
    for name, source in fields_from_referral(flow.form).items():
        where = flow.defined_at.of_constant(source)
        if source not in REFERRAL_FIELDS:
            hint = did_you_mean(source, REFERRAL_FIELDS)
            yield Fault(f"{flow.name}: a referral has no {source}{hint}", where)
        if flow.form.model_fields[name].is_required():
            text = f"{name} is empty for people without a referral; give it a default"
            yield Fault(f"{flow.name}: {text}", where)
        if name in asked:
            text = f"{name} is filled in from the referral, so it cannot be asked"
            yield Fault(f"{flow.name}: {text}", flow.defined_at.of_constant(name))


def _several_faults(flow: "Flow[Any]", step: Ask) -> Iterator[Fault]:
    """Yield several choices of which nobody knows the options."""
    is_listed = flow.options(step.name) or step.options_from or isinstance(step, Call)
    if flow.is_several(step.name) and not is_listed:
        text = f"{step.name} is a list, but of what? Write list[Literal[...]], or options_from"
        yield Fault(f"{flow.name}: {text}", flow.defined_at.of_constant(step.name))


def _profile_faults(flow: "Flow[Any]", step: Ask) -> Iterator[Fault]:
    """Yield a step that no profile can answer."""
    if step.from_profile and (step.options_from or isinstance(step, Call | Review)):
        kind = "loaded options" if step.options_from else type(step).__name__
        text = f"from_profile does not go with {kind}: {step.name}"
        yield Fault(f"{flow.name}: {text}", flow.defined_at.of_constant(step.name))


def _date_faults(flow: "Flow[Any]", step: Ask) -> Iterator[Fault]:
    """Yield dates that cannot be read, or that are of no option."""
    for option, rule in step.dates.items():
        if option not in flow.options(step.name):
            hint = did_you_mean(option, flow.options(step.name))
            text = f"{flow.name}: {step.name} has dates of no such option: {option}{hint}"
            yield Fault(text, flow.defined_at.of_constant(option))
        try:
            next_occurrence(rule, datetime.fromtimestamp(0, UTC))
        except ValueError as error:
            yield Fault(f"{flow.name}: {error}", flow.defined_at.of_constant(rule))


def _graph_faults(flow: "Flow[Any]") -> Iterator[Fault]:
    stranded = {step.name for step in flow.steps[1:]} - _targets(flow)
    for name in stranded:
        text = f"{flow.name}: never reached: {name}"
        yield Fault(text, flow.defined_at.of_constant(name))
    required = {name for name, info in flow.form.model_fields.items() if info.is_required()}
    for name in sorted(required - stranded):
        if _can_end_without(flow, name, flow.first_step) or _may_fail(flow, name):
            text = f"may end without asking: {name}; ask it on every route, or give it a default"
            yield Fault(f"{flow.name}: {text}", flow.defined_at)


def _targets(flow: "Flow[Any]") -> set[str]:
    targets = {target for edges in flow.edges.values() for target, _ in edges}
    return targets | {*flow.failure_edges.values()}


def _may_fail(flow: "Flow[Any]", name: str) -> bool:
    """Return whether a flow may end after the call that answers a step has failed."""
    target = flow.failure_edges.get(name)
    return target is not None and _can_end_without(flow, name, target)


def _can_end_without(flow: "Flow[Any]", avoided: str, start: str) -> bool:
    edges: Mapping[str, list[tuple[str, str]]] = flow.edges
    seen, waiting = {avoided}, [start]
    while waiting:
        if (name := waiting.pop()) == END:
            return True
        if name not in seen:
            seen.add(name)
            waiting.extend(target for target, _ in edges[name])
            waiting.extend(filter(None, [flow.failure_edges.get(name)]))
    return False
