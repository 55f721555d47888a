"""Checks that flows and menus fit together: their names, triggers, targets and option sources."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.checks.dry_run import dry_run, effect_faults
from app.checks.saved_forms import profile_faults, saved_faults, saved_names
from flow_engine.ask import Call
from flow_engine.effects import (
    Effect,
    LoadOptions,
    RunCall,
    Say,
    Schedule,
    ShowMenu,
    StartFlow,
    TakingPart,
)
from flow_engine.faults import Fault, SourceLine, did_you_mean
from flow_engine.flow import Flow
from flow_engine.menu import Menu
from flow_engine.registry import Definition
from flow_engine.words import normalise

#: The menu that fits a person, whatever its name.
HOME = "home"


@dataclass(frozen=True, slots=True)
class ReachableEffect:
    """An effect that a flow or menu may have, and where it is written down."""

    effect: Effect
    where: SourceLine


def reachable_effects(definition: Definition) -> Iterator[ReachableEffect]:
    """Yield the effects of a menu's choices, or those of the dry run of a flow's `finish`."""
    if isinstance(definition, Menu):
        for effects in definition.choices.values():
            for effect in effects:
                yield from _with_scheduled(effect, definition.defined_at)
        return
    run = dry_run(definition)
    for effect in run.effects:
        yield from _with_scheduled(effect, run.where)
    names = dict.fromkeys(saved_names(definition), "")
    is_unknown = bool(run.faults) and not names
    for action in definition.status_actions.values():
        if is_unknown and isinstance(action.effect, Say):
            continue  # `finish` fails: what its record has, and a text may name, is not known
        told = replace(action.effect, params=names) if isinstance(action.effect, Say) else None
        yield ReachableEffect(told or action.effect, definition.defined_at)


def _with_scheduled(effect: Effect, where: SourceLine) -> Iterator[ReachableEffect]:
    """Yield an effect, and what it schedules."""
    yield ReachableEffect(effect, where)
    if isinstance(effect, Schedule):
        yield ReachableEffect(effect.effect, where)
        if effect.outside_window is not None:
            yield ReachableEffect(effect.outside_window, where)


def link_faults(
    definitions: Sequence[Definition],
    sources: Collection[str] = (),
    elsewhere: Collection[str] = (),
    calls: Collection[str] = (),
    prefixes: Collection[str] = (),
) -> Iterator[Fault]:
    """Yield what does not fit together.

    `sources` are the names that steps may load options from, besides all that begin with one of
    the `prefixes` and a colon; `elsewhere` are names of flows and menus that exist in files which
    cannot be imported.
    """
    yield from _repeated_names(definitions)
    yield from _repeated_triggers(definitions)
    yield from _repeated_referrals(definitions)
    yield from saved_faults(definitions)
    yield from profile_faults(definitions)
    flows = {one.name for one in definitions if isinstance(one, Flow)}
    menus = {one.name for one in definitions if isinstance(one, Menu)}
    for definition in definitions:
        if isinstance(definition, Flow):
            yield from dry_run(definition).faults
            yield from _source_faults(definition, sources, prefixes)
            yield from _call_faults(definition, calls)
        for reachable in reachable_effects(definition):
            if isinstance(definition, Menu):
                yield from effect_faults(definition.name, reachable.effect, reachable.where)
            yield from _target_faults(definition.name, reachable, flows, menus, elsewhere)


def _repeated_names(definitions: Iterable[Definition]) -> Iterator[Fault]:
    by_name: dict[str, Definition] = {}
    for definition in definitions:
        if other := by_name.get(definition.name):
            text = f"{definition.name}: the name is used twice, also at {other.defined_at}"
            yield Fault(text, definition.defined_at)
        by_name[definition.name] = definition


def _repeated_triggers(definitions: Iterable[Definition]) -> Iterator[Fault]:
    by_trigger: dict[str, Definition] = {}
    for definition in definitions:
        for trigger in definition.triggers:
            other = by_trigger.setdefault(normalise(trigger), definition)
            if other.name != definition.name:
                text = f'{definition.name}: "{normalise(trigger)}" already starts {other.name}'
                yield Fault(text, definition.defined_at.of_constant(trigger))


def _repeated_referrals(definitions: Iterable[Definition]) -> Iterator[Fault]:
    by_id: dict[str, str] = {}
    for flow in (one for one in definitions if isinstance(one, Flow)):
        for referral in flow.referrals:
            other = by_id.setdefault(referral, flow.name)
            if other != flow.name:
                text = f'{flow.name}: the ad or post "{referral}" already starts {other}'
                yield Fault(text, flow.defined_at.of_constant(referral))


def _source_faults(
    flow: Flow[Any], sources: Collection[str], prefixes: Collection[str]
) -> Iterator[Fault]:
    for source in (step.options_from for step in flow.steps):
        if isinstance(source, str) and source not in sources:
            prefix, _, name = source.partition(":")
            if name and prefix in prefixes:
                continue
            hint = did_you_mean(source, {*sources, *(f"{each}:{name}" for each in prefixes)})
            text = f"{flow.name}: no such source of options: {source}{hint}"
            yield Fault(text, flow.defined_at.of_constant(source))


def _call_faults(flow: Flow[Any], calls: Collection[str]) -> Iterator[Fault]:
    for step in flow.steps:
        if isinstance(step, Call) and isinstance(name := step.handler, str) and name not in calls:
            text = f"{flow.name}: no such call in app/calls.py: {name}{did_you_mean(name, calls)}"
            yield Fault(text, flow.defined_at.of_constant(name))


def _target_faults(
    name: str,
    reachable: ReachableEffect,
    flows: Collection[str],
    menus: Collection[str],
    elsewhere: Collection[str],
) -> Iterator[Fault]:
    match reachable.effect:
        case StartFlow(target) | TakingPart(_, str(target)) if target:
            kind, targets, others, right = "flow", flows, menus, "ShowMenu"
        case ShowMenu(target):
            kind, targets, others, right = "menu", {*menus, HOME}, flows, "StartFlow"
        case LoadOptions():
            text = f"{name}: options are loaded by a step: Ask(..., options_from=...)"
            yield Fault(text, reachable.where)
            return
        case RunCall():
            text = f"{name}: code is called by a step: Call(..., handler=...)"
            yield Fault(text, reachable.where)
            return
        case _:
            return
    if target in targets or target in elsewhere:
        return
    is_other = target in others
    hint = f'; write {right}("{target}")' if is_other else did_you_mean(target, targets)
    text = f"{name}: leads to a {kind} that is not there: {target}{hint}"
    yield Fault(text, reachable.where.of_constant(target))
