"""How a flow is written down: a form, the steps that fill it in, and what to do at the end."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from flow_engine.answers import INSISTS, MONTH_FIRST, ONE_NAME
from flow_engine.ask import END, Ask, Call, Review
from flow_engine.definition_checks import flow_faults
from flow_engine.effects import Effect, Question, Say, StartFlow
from flow_engine.faults import FlowDefinitionError, SourceLine, calling_line
from flow_engine.field_types import (
    fields_from_referral,
    is_several,
    literal_options,
    received_types,
    takes_text,
)
from flow_engine.questions import question
from flow_engine.readings import as_typed, read_typed
from flow_engine.received import Received
from flow_engine.routes import answered_before
from flow_engine.saved import StatusAction
from flow_engine.state import CHANGE, RIGHT, FlowState

Form = TypeVar("Form", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Timeout:
    """How long to wait for an answer before nudging, then before giving up."""

    remind_after: timedelta
    cancel_after: timedelta


@dataclass(frozen=True, eq=False)
class Flow(Generic[Form]):
    """A conversation that fills in a form.

    Building a wrong one raises FlowDefinitionError, which lists all its faults.
    """

    name: str
    version: int
    form: type[Form]
    steps: tuple[Ask, ...]
    #: returns what happens at the end. It must be pure: it is also called at the start, with
    #: sample forms, to check every text, menu and flow that it names
    finish: Callable[[Form], Iterable[Effect]]
    #: whole messages that start it, in any language
    triggers: tuple[str, ...] = ()
    #: ids of ads and posts, or payloads (`ref`) of ads, whose people start it
    referrals: tuple[str, ...] = ()
    #: who may start it; without any, everybody
    roles: tuple[str, ...] = ()
    #: whoever has not registered is asked to do that first
    needs_profile: bool = False
    #: without it, people have to ask for it by themselves
    assistant_may_start: bool = True
    #: starts in the middle of another form, which goes on afterwards, and whoever holds the
    #: conversation: for what people have a right to. Its questions need choices
    interrupts: bool = False
    #: None: the bot's own settings
    timeout: Timeout | None = None
    #: the texts that `finish` says, where a dry run of it is impossible; None: it is dry-run
    says: tuple[str, ...] | None = None
    #: names of the records that `finish` saves, where a dry run of it is impossible
    saves: tuple[str, ...] = ()
    #: what happens when an operator gives a saved record this status: {"Confirmed": Say("...")}
    on_status: Mapping[str, Say | StartFlow | StatusAction] = field(default_factory=dict)
    #: the line of the call that built the flow
    defined_at: SourceLine = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "defined_at", calling_line())
        if faults := list(flow_faults(self)):
            raise FlowDefinitionError(faults)

    @property
    def first_step(self) -> str:
        return self.steps[0].name

    @cached_property
    def edges(self) -> dict[str, list[tuple[str, str]]]:
        """For each step, the (target, answer) pairs that leave it; '' is any answer."""
        following = [step.name for step in self.steps[1:]] + [END]
        return {
            step.name: [(target, answer) for answer, target in step.then.items()]
            + [(step.otherwise or after, "")]
            for step, after in zip(self.steps, following, strict=True)
        }

    @cached_property
    def answered_before(self) -> Mapping[str, frozenset[str]]:
        """For each step, the fields that are answered on every way to it."""
        ways = {
            name: [(target, frozenset({name})) for target, _ in leading]
            for name, leading in self.edges.items()
        }
        for name, target in self.failure_edges.items():
            ways[name].append((target, frozenset()))
        return answered_before(self.first_step, ways)

    @cached_property
    def given(self) -> frozenset[str]:
        """The fields that nobody is asked: of a referral."""
        return frozenset(fields_from_referral(self.form))

    @cached_property
    def failure_edges(self) -> Mapping[str, str]:
        """Where calls of one's own code go on after they failed, by step."""
        calls = [step for step in self.steps if isinstance(step, Call)]
        return {step.name: step.on_failure for step in calls if step.on_failure is not None}

    @property
    def status_actions(self) -> dict[str, StatusAction]:
        """Return what happens on each status, as a `StatusAction`."""
        return {
            status: one if isinstance(one, StatusAction) else StatusAction(one)
            for status, one in self.on_status.items()
        }

    def begin(self, known: Mapping[str, object] | None = None) -> FlowState:
        """The state of a person who has just come in; `known` is what they need not be asked."""
        asked = {one.name for one in self.steps if one.from_profile}
        taken = (asked | self.given) & (known or {}).keys()
        answers = {name: value for name, value in (known or {}).items() if name in taken}
        return FlowState(flow=self.name, version=self.version, step=self.first_step, known=answers)

    def step(self, name: str) -> Ask:
        return next(step for step in self.steps if step.name == name)

    def question(self, state: FlowState) -> Question:
        """What is being asked."""
        return question(self, state)

    def is_unclear(self, state: FlowState) -> bool:
        """Return whether the options are what an answer in the person's own words may mean."""
        step = self.step(state.step)
        is_open = step.options_from is None and not self.options(state.step)
        return is_open and bool(state.options)

    def next_step(self, name: str, answer: object) -> str:
        routes = {on: target for target, on in self.edges[name]}
        return routes.get(str(answer), routes[""])

    def walk(self, stored: Mapping[str, object]) -> tuple[dict[str, object], str]:
        """Follow the steps for as long as stored answers fit; return those and the next step."""
        answers: dict[str, object] = {}
        step = self.first_step
        while step != END and step in stored and step not in answers:
            try:
                answers[step] = self.read(step, stored[step])
            except ValidationError:
                break
            step = self.next_step(step, answers[step])
        return answers, step

    def options(self, name: str) -> tuple[str, ...]:
        """Return the choices of a step: the values of a Literal, and those of a review."""
        found = literal_options(self.annotation(name))
        if not isinstance(self.step(name), Review):
            return found
        return (*(found if name in self.form.model_fields else (RIGHT,)), CHANGE)

    def is_several(self, name: str) -> bool:
        """Return whether a person may choose more than one option."""
        return is_several(self.annotation(name))

    def received_types(self, name: str) -> tuple[type[Received], ...]:
        """Return the kinds of files, places and contacts that a step takes."""
        return received_types(self.annotation(name))

    def takes_text(self, name: str) -> bool:
        """Return whether a typed or tapped answer to a step can be right."""
        return takes_text(self.annotation(name))

    def parse(
        self,
        name: str,
        text: str,
        *,
        is_month_first_usual: bool = False,
        insists: bool = True,
        is_one_name_enough: bool = False,
    ) -> object:
        """Read an answer as the form field's type, also a number in a sentence; ValidationError.

        `insists` refuses what a type would rather not have, such as a short `LongText`.
        """
        if name not in self.form.model_fields:
            return text
        adapter = self._adapters[name]
        context = {
            MONTH_FIRST: is_month_first_usual,
            INSISTS: insists,
            ONE_NAME: is_one_name_enough,
        }
        return read_typed(adapter, self.annotation(name), text.strip(), context)

    def takes(self, name: str, text: str) -> bool:
        """Return whether an answer can be read as the form field's type."""
        try:
            self.parse(name, text)
        except ValidationError:
            return False
        return True

    def read(self, name: str, value: object) -> object:
        """Check a value as it is stored, or as one's own code returns it; ValidationError."""
        if name not in self.form.model_fields:
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)  # as it was typed
        adapter = self._adapters[name]
        return adapter.dump_python(adapter.validate_python(value), mode="json")

    def filled_in(self, answers: Mapping[str, object]) -> Form:
        """Return the form with the answers so far, as values of their types, unchecked."""
        typed: dict[str, Any] = {
            name: self._adapters[name].validate_python(value)
            for name, value in answers.items()
            if name in self.form.model_fields
        }
        return self.form.model_construct(**typed)

    def annotation(self, name: str) -> Any:
        """Return the type of the field of a step; None for a review without a field."""
        info = self.form.model_fields.get(name)
        return info.annotation if info else None

    @cached_property
    def _adapters(self) -> dict[str, TypeAdapter[object]]:
        return {
            name: TypeAdapter[object](as_typed(self.field_type(name)))
            for name in self.form.model_fields
        }

    def field_type(self, name: str) -> Any:
        """Return the type of a form field, with its constraints."""
        info = self.form.model_fields[name]
        annotation: Any = info.annotation
        for constraint in info.metadata:
            annotation = Annotated[annotation, constraint]
        return annotation
