"""Which texts the flows, the menus and the code use, and what they fill in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from app.checks.flow_links import reachable_effects
from flow_engine import (
    Ask,
    Call,
    CallPerson,
    Flow,
    Flows,
    Menu,
    NotifyOperators,
    OfferCall,
    Question,
    RequestLocation,
    Review,
    Say,
    TakingPart,
)
from flow_engine.faults import SourceLine
from flow_engine.messages import Described
from flow_engine.registry import Definition
from flow_engine.state import SHARED_QUESTIONS
from texts.required import ALWAYS_GIVEN, RequiredTexts


@dataclass(frozen=True, slots=True)
class TextUse:
    """One use of a text, or of the table of an attachment."""

    key: str
    #: names that are filled in; None if that is not known
    given: frozenset[str] | None
    #: where the definition is that uses it; None for the code
    where: SourceLine | None = None
    #: a literal that is nearer to the use than the definition is
    literal: str = ""
    #: None for a text
    attachment: Described | None = None

    def __str__(self) -> str:
        place = self.where.of_constant(self.literal) if self.where else "the code of the bot"
        return f"{place} uses it"


def uses_in(definitions: Iterable[Definition], also: Iterable[RequiredTexts]) -> list[TextUse]:
    """Return every use of a text, those of the flows and menus first."""
    definitions = list(definitions)
    dates = frozenset(Flows(definitions).dates)
    uses = [
        use if use.given is None else replace(use, given=use.given | dates)
        for definition in definitions
        for use in _uses_of(definition)
    ]
    for required in also:
        uses += (TextUse(key, frozenset(given)) for key, given in required.keys.items())
    return uses


def names_given(uses: Iterable[TextUse]) -> dict[str, frozenset[str]]:
    """Return the names that every use of a text fills in, by its key."""
    found: dict[str, frozenset[str]] = {}
    for use in uses:
        if use.attachment is None:
            given = use.given or frozenset()
            found[use.key] = found.get(use.key, given) & given
    return found


def _uses_of(definition: Definition) -> Iterator[TextUse]:
    yield from _questions(definition)
    if not isinstance(definition, Menu):
        for key in definition.says or ():
            yield TextUse(key, None, definition.defined_at, key)
    for reachable in reachable_effects(definition):
        match reachable.effect:
            case Say(key, params):
                yield TextUse(key, ALWAYS_GIVEN | {*params}, reachable.where, key)
            case Question(name):
                yield TextUse(f"{name}.ask", ALWAYS_GIVEN, reachable.where, name)
            case RequestLocation() | NotifyOperators() | OfferCall() | CallPerson() as said:
                given = ALWAYS_GIVEN | {*said.params}
                yield TextUse(said.key, given, reachable.where, said.key)
            case TakingPart(key):
                yield TextUse(key, ALWAYS_GIVEN, reachable.where, key)
            case attachment if isinstance(attachment, Described):
                given = ALWAYS_GIVEN | {*getattr(attachment, "params", ())}
                yield TextUse(attachment.key, given, reachable.where, attachment.key, attachment)


def _questions(definition: Definition) -> Iterator[TextUse]:
    at = definition.defined_at
    if isinstance(definition, Menu):
        yield TextUse(f"{definition.name}.ask", ALWAYS_GIVEN, at, definition.name)
        return
    for step in definition.steps:
        given = ALWAYS_GIVEN | definition.answered_before[step.name] | definition.given
        for role, names in _roles(definition, step):
            yield TextUse(f"{definition.name}.{step.name}.{role}", given | names, at, step.name)


def _roles(flow: Flow[Any], step: Ask) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the texts that a step needs, and what they may name besides earlier answers."""
    nothing = frozenset[str]()
    if isinstance(step, Call):
        yield "failed", nothing
        if step.says_wait:
            yield "wait", nothing
        return
    is_review = isinstance(step, Review)
    if not is_review or step.name not in SHARED_QUESTIONS:
        yield "ask", frozenset({"answers"}) if is_review else nothing
        if flow.takes_text(step.name) or is_review:
            yield "invalid", nothing
    if not is_review and any(isinstance(one, Review) for one in flow.steps):
        yield "label", nothing
    for option in step.dates:
        yield f"options.{option}.next", nothing
