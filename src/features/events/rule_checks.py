"""What is wrong with a rule: told at the start, with file and line."""

import re
from collections.abc import Iterable, Iterator
from datetime import time
from typing import TYPE_CHECKING

from flow_engine.faults import Fault, SourceLine, did_you_mean

if TYPE_CHECKING:
    from features.events.rules import EventRule

#: Types of CloudEvents and routing keys of RabbitMQ: words with dots between them.
_TYPE = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_ROUTING_KEY = re.compile(r"([A-Za-z0-9_-]+|\*|#)(\.([A-Za-z0-9_-]+|\*|#))*")
_TEMPLATE_KEY = re.compile(r"[a-z0-9_]+(:[a-z]{2,3}(_[A-Z]{2})?)?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
#: Longest type, in characters.
MAX_TYPE_CHARS = 200


def rule_faults(rule: "EventRule", where: SourceLine) -> Iterator[Fault]:
    """Yield what is wrong with a rule by itself."""
    yield from _type_faults(rule, where)
    if isinstance(rule.once_per, str):
        text = f'once_per: write a tuple, ("{rule.once_per}",)'
        yield Fault(text, where.of_constant(rule.once_per))
    yield from _field_faults(rule, where)
    if _TEMPLATE_KEY.fullmatch(rule.template_key) is None:
        text = f'template_key: expected name or name:language, not "{rule.template_key}"'
        yield Fault(text, where.of_constant(rule.template_key))
    language = rule.language
    if language and language not in rule.data.model_fields and not _LANGUAGE.fullmatch(language):
        hint = did_you_mean(language, rule.data.model_fields)
        yield Fault(
            f'language: "{language}" is neither a field of {rule.data.__name__} nor a language '
            f"such as es or pt_BR{hint}",
            where.of_constant(language),
        )
    yield from _quiet_faults(rule, where)


def shared_type_faults(rules: Iterable["EventRule"]) -> Iterator[Fault]:
    """Yield the types that two rules have."""
    known: dict[str, EventRule] = {}
    for rule in rules:
        for one in rule.types:
            other = known.setdefault(one, rule)
            if other is not rule:
                text = f'the type "{one}" is that of {other.defined_at}, too: one has to go'
                yield Fault(text, rule.defined_at.of_constant(one))


def _type_faults(rule: "EventRule", where: SourceLine) -> Iterator[Fault]:
    if not rule.types:
        yield Fault('types: name the event, such as ("po.approved",)', where)
    for what, names, form in (
        ("types", rule.types, _TYPE),
        ("routing_keys", rule.routing_keys, _ROUTING_KEY),
    ):
        if isinstance(names, str):
            yield Fault(f'{what}: write a tuple, ("{names}",)', where.of_constant(names))
            continue
        for one in names:
            if form.fullmatch(one) is None or len(one) > MAX_TYPE_CHARS:
                text = f'{what}: "{one}" is not words with dots between them, such as po.approved'
                yield Fault(text, where.of_constant(one))


def _field_faults(rule: "EventRule", where: SourceLine) -> Iterator[Fault]:
    """Yield names that are no fields of the data."""
    known = rule.data.model_fields
    for what, name in _named_fields(rule):
        if name not in known:
            hint = did_you_mean(name, known)
            text = f'{what}: {rule.data.__name__} has no field "{name}"{hint}'
            yield Fault(text, where.of_constant(name))
    for one in rule.parameters:
        if not isinstance(one, str) and one.problem is not None:
            yield Fault(f"parameters: {one.name}: {one.problem}", where)


def _named_fields(rule: "EventRule") -> Iterator[tuple[str, str]]:
    yield "to", rule.to
    if rule.entity:
        yield "entity", rule.entity
    for name in _listed(rule.once_per):
        yield "once_per", name
    for one in rule.parameters:
        for name in _listed(one if isinstance(one, str) else one.fields):
            yield "parameters", name


def _listed(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names


def _quiet_faults(rule: "EventRule", where: SourceLine) -> Iterator[Fault]:
    for one in rule.quiet_hours or ():
        try:
            time.fromisoformat(one)
        except ValueError:
            text = f'quiet_hours: "{one}" is no time of day such as 21:00'
            yield Fault(text, where.of_constant(one))
