"""Reads an event: finds its rule, checks its data, and gives it an id. Pure; no network, no SQL."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from features.events.envelope import MAX_EVENT_BYTES, Envelope
from features.events.registry import EventRules
from features.events.rules import EventData, EventRule
from utils.digest import digest


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with an event. No text repeats a value: it may be private."""

    code: str
    field: str
    message: str
    fix: str


class UnreadableEvent(ValueError):
    """An event that leads to no message; says why, in words that quote nothing of it."""

    def __init__(self, *flaws: Flaw, type_: str = "unknown") -> None:
        super().__init__(" ".join(one.message for one in flaws))
        self.flaws = flaws
        #: Type of the event, if a rule has it.
        self.type = type_


@dataclass(frozen=True, slots=True)
class Hints:
    """What the way in tells of an event that does not tell it itself."""

    #: From the best on: the property `type`, then the routing key.
    types: tuple[str, ...] = ()
    id: str | None = None
    time: datetime | None = None


NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class ReadEvent:
    """An event that a rule is about, with data that fit."""

    rule: EventRule
    #: As it was written: one of the types of the rule.
    type: str
    id: str
    source: str
    time: datetime | None
    content: Mapping[str, Any]
    data: EventData
    #: Whose it is, as the other system names businesses; None if it does not say.
    tenant_id: str | None = None


def parse(body: bytes) -> Envelope:
    """Return the envelope of a body. Raise UnreadableEvent."""
    if len(body) > MAX_EVENT_BYTES:
        size = MAX_EVENT_BYTES // 1024
        raise UnreadableEvent(
            Flaw("body_too_large", "", f"It is larger than {size} kB.", "Send less.")
        )
    try:
        return Envelope.model_validate_json(body)
    except ValidationError as error:
        if any(one["type"] in ("json_invalid", "model_type") for one in error.errors()):
            flaw = Flaw("json_invalid", "", "It is no JSON object.", "Send an object as JSON.")
            raise UnreadableEvent(flaw) from None
        raise UnreadableEvent(*_flaws(error, "")) from None


def read(rules: EventRules, envelope: Envelope, hints: Hints = NO_HINTS) -> ReadEvent:
    """Return the event with its rule and its data. Raise UnreadableEvent."""
    type_, rule = _rule_of(rules, envelope, hints)
    data = check_data(rule, type_, envelope.content)
    return ReadEvent(
        rule=rule,
        type=type_,
        id=envelope.id or hints.id or _hash(type_, envelope.content),
        source=envelope.source or "",
        time=envelope.time or hints.time,
        content=envelope.content,
        data=data,
        tenant_id=envelope.tenant_id,
    )


def check_data(rule: EventRule, type_: str, content: Mapping[str, Any]) -> EventData:
    """Return the data of a rule. Raise UnreadableEvent if they do not fit its model."""
    try:
        return rule.data.model_validate(content)
    except ValidationError as error:
        raise UnreadableEvent(*_flaws(error, "data."), type_=type_) from None


def _rule_of(rules: EventRules, envelope: Envelope, hints: Hints) -> tuple[str, EventRule]:
    asked = [one for one in (envelope.type, *hints.types) if one]
    for type_ in asked:
        if (rule := rules.find(type_)) is not None:
            return type_, rule
    if not asked:
        fix = "Give `type`, such as po.approved."
        raise UnreadableEvent(Flaw("type_missing", "type", "Nothing says what happened.", fix))
    message = f"No file in src/events is about this type{rules.hint(asked[0]) or '.'}"
    fix = "`python3 watch.py events list` shows the types that there are."
    raise UnreadableEvent(Flaw("type_unknown", "type", message, fix))


def _flaws(error: ValidationError, place: str) -> tuple[Flaw, ...]:
    return tuple(
        Flaw(
            "field_missing" if one["type"] == "missing" else "field_invalid",
            place + ".".join(map(str, one["loc"])),
            f"{place}{'.'.join(map(str, one['loc']))}: {one['msg']}.",
            "docs/events.md has the form of an event; its file in src/events has the fields.",
        )
        for one in error.errors(include_input=False, include_url=False, include_context=False)
    )


def _hash(type_: str, content: Mapping[str, Any]) -> str:
    """Return an id for an event without one: the same for the same content."""
    written = json.dumps([type_, content], sort_keys=True, default=str)
    return f"sha256-{digest(written, 32)}"
