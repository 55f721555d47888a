"""Calls `finish` of a flow with sample forms, to learn what it does before a person gets there."""

import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import ValidationError

from app.checks.sample_answers import sample_answers
from app.checks.sample_forms import sample_forms
from flow_engine import React, Schedule, SendTemplate
from flow_engine.effects import (
    EFFECT_TYPES,
    SCHEDULABLE,
    Effect,
    FeatureEffect,
    SaveProfile,
    SaveRecord,
    Say,
)
from flow_engine.faults import Fault, SourceLine, function_line, line_of_error
from flow_engine.flow import Flow
from schemas.cloud_api_schema import TemplateMessage

#: Longest emoji, in characters: a family has eleven.
MAX_EMOJI_CHARS = 16
PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
DECLARE = 'declare what finish says: Flow(says=("key", ...))'


class _Failure(Exception):
    """A dry run that cannot go on."""

    def __init__(self, text: str, where: SourceLine) -> None:
        super().__init__(text)
        self.fault = Fault(text, where)


@dataclass(frozen=True, slots=True)
class DryRun:
    """The different effects of `finish`, and what is wrong with it."""

    #: one of each kind; of a text or a record, one for each set of parameters or fields
    effects: tuple[Effect, ...]
    faults: tuple[Fault, ...]
    #: where `finish` is defined
    where: SourceLine


@cache
def dry_run(flow: Flow[Any]) -> DryRun:
    """Run `finish` over sample forms, unless the flow declares what it says."""
    where = function_line(flow.finish) or flow.defined_at
    if flow.says is not None:
        return DryRun((), (), where)
    effects: dict[object, Effect] = {}
    faults: dict[object, Fault] = {}
    try:
        for form in _forms(flow):
            for effect in _finished(flow, form, where, faults):
                effects.setdefault(_kind(flow, effect, where), effect)
                faults |= {fault: fault for fault in effect_faults(flow.name, effect, where)}
    except _Failure as failure:
        faults[failure.fault] = failure.fault
    return DryRun(tuple(effects.values()), tuple(faults.values()), where)


def effect_faults(name: str, effect: Effect, where: SourceLine) -> Iterator[Fault]:
    """Yield what storage would refuse: odd names of fields, values that do not fit into JSON."""
    if isinstance(effect, Schedule):
        yield from _schedule_faults(name, effect, where)
    if isinstance(effect, SendTemplate | React):
        yield from _refused_message(name, effect, where)
    if not isinstance(effect, SaveProfile | SaveRecord):
        return
    kind = type(effect).__name__
    for field, value in effect.fields.items():
        if isinstance(effect, SaveProfile) and not PLAIN_NAME.fullmatch(str(field)):
            text = f"{name}: SaveProfile: the field {field!r} is not a plain name, like full_name"
            yield Fault(text, where.of_constant(str(field)))
        if not _fits_json(value):
            hint = 'use model_dump(mode="json")'
            text = f"{name}: {kind}: {field} is a {type(value).__name__}, not JSON; {hint}"
            yield Fault(text, where)


def _schedule_faults(name: str, effect: Schedule, where: SourceLine) -> Iterator[Fault]:
    if not isinstance(effect.effect, SCHEDULABLE):
        kind = type(effect.effect).__name__
        yield Fault(f"{name}: Schedule cannot do {kind} later, only send or start a flow", where)
        return
    yield from effect_faults(name, effect.effect, where)
    if effect.outside_window is not None:
        yield from effect_faults(name, effect.outside_window, where)


def _refused_message(name: str, effect: SendTemplate | React, where: SourceLine) -> Iterator[Fault]:
    """Yield what WhatsApp would refuse."""
    if isinstance(effect, React):
        if not effect.emoji or len(effect.emoji) > MAX_EMOJI_CHARS or effect.emoji.isalnum():
            text = f"{name}: React needs one emoji, not {effect.emoji!r}"
            yield Fault(text, where.of_constant(effect.emoji))
        return
    try:
        TemplateMessage(name=effect.name, language=effect.language or "en")
    except ValidationError as error:
        text = f"{name}: SendTemplate: {error.errors()[0]['msg']}: {effect.name!r}"
        yield Fault(text, where.of_constant(effect.name))


def _fits_json(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True


def _forms(flow: Flow[Any]) -> Iterator[Any]:
    """Yield filled-in forms; those that a rule across fields refuses are left out."""
    answers = {step.name: _answers(flow, step.name) for step in flow.steps}
    refusal, is_any_valid = "", False
    for sample in _with_referrals(flow, sample_forms(flow, answers)):
        try:
            form = flow.form.model_validate(sample)
        except ValidationError as error:
            refusal = error.errors()[0]["msg"]
            continue
        except Exception as error:
            where = line_of_error(error, _is_file_of(flow))
            text = f"the form fails on {sample}: {_shown(error)}; refuse it by ValueError"
            raise _Failure(f"{flow.name}: {text}", where) from error
        is_any_valid = True
        yield form
    if not is_any_valid:
        text = f"the form refuses every sample: {refusal or 'no route ends'}; "
        advice = f"give examples that fit together: Field(examples=[...]), or {DECLARE}"
        raise _Failure(f"{flow.name}: {text}{advice}", flow.defined_at)


def _with_referrals(
    flow: Flow[Any], samples: Iterable[Mapping[str, object]]
) -> Iterator[Mapping[str, object]]:
    """Yield each sample for people without a referral, and the first one for those of each ad."""
    for place, sample in enumerate(samples):
        yield sample
        for name in (*flow.referrals, "example") if place == 0 and flow.given else ():
            yield {**sample, **dict.fromkeys(flow.given, name)}


def _answers(flow: Flow[Any], name: str) -> tuple[object, ...]:
    try:
        answers = sample_answers(flow, name)
    except Exception as error:
        where = line_of_error(error, _is_file_of(flow))
        text = f"reading an answer to {name} fails: {_shown(error)}; refuse it by ValueError"
        raise _Failure(f"{flow.name}: {text}", where) from error
    if not answers:
        text = f"no answer to {name} can be invented for the checks; "
        advice = f"give one: Field(examples=[...]), or {DECLARE}"
        where = flow.defined_at.of_constant(name)
        raise _Failure(f"{flow.name}: {text}{advice}", where)
    return answers


def _finished(
    flow: Flow[Any], form: Any, where: SourceLine, faults: dict[object, Fault]
) -> Iterable[Effect]:
    """Return the effects for one form; a failure is added to the faults, once a line."""
    try:
        return _effects(flow, form, where)
    except _Failure as failure:
        faults.setdefault(failure.fault.where, failure.fault)
    except Exception as error:  # noqa: BLE001  whatever the code of a flow may raise
        place = line_of_error(error, _is_file_of(flow))
        text = f"{flow.name}: finish fails for {form!r}: {_shown(error)}"
        faults.setdefault(place, Fault(text, place))
    return ()


def _effects(flow: Flow[Any], form: Any, where: SourceLine) -> Iterable[Effect]:
    returned: Any = flow.finish(form)
    if inspect.iscoroutine(returned):
        returned.close()
        raise _Failure(f"{flow.name}: finish is async; it has to be a plain function", where)
    if returned is None:
        raise _Failure(f"{flow.name}: finish returns None, not a list of effects", where)
    effects = tuple(returned)
    for effect in effects:
        if not isinstance(effect, EFFECT_TYPES):
            raise _Failure(f"{flow.name}: finish returns {effect!r}, which is no effect", where)
    return effects


def _kind(flow: Flow[Any], effect: Effect, where: SourceLine) -> object:
    """Return what tells different effects apart; fail for one with values of wrong types."""
    try:
        match effect:
            case Say(str(key), params):
                return (key, frozenset(params))
            case SaveProfile(fields):
                return (type(effect), frozenset(fields.keys()))
            case SaveRecord(str(table), fields):
                return (table, type(effect), frozenset(fields.keys()))
            case FeatureEffect() | SendTemplate():
                return repr(effect)
            case Schedule(schedule, _, later):
                return (Schedule, schedule, repr(later))
        text, named = getattr(effect, "key", None), getattr(effect, "params", None)
        if isinstance(text, str) and isinstance(named, Mapping):
            return (type(effect), text, frozenset(named))
        hash(effect)
    except (AttributeError, TypeError) as error:
        text = f"{flow.name}: finish returns {effect!r}, with a value of a wrong type"
        raise _Failure(text, where) from error
    return effect


def _shown(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _is_file_of(flow: Flow[Any]) -> Callable[[str], bool]:
    files = {flow.defined_at.file, getattr(function_line(flow.finish), "file", "")}
    return files.__contains__
