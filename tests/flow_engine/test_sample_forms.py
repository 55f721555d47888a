"""The forms that finish is tried on: one for every route, from the types of the fields."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address
from typing import Annotated, Any, Literal, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    BaseModel,
    Field,
    FutureDate,
    HttpUrl,
    PastDate,
    PositiveInt,
    create_model,
)
from tests.fakes.flows import load_flows
from tests.sample import flows

from app.checks.dry_run import dry_run
from app.checks.sample_answers import sample_answers
from app.checks.sample_forms import MAX_SAMPLE_FORMS, sample_forms
from app.checks.sample_patterns import matching_texts
from flow_engine import (
    END,
    Ask,
    BirthDate,
    DocumentNumber,
    Effect,
    Flow,
    FullName,
    LongText,
    SaveRecord,
    Say,
    StartFlow,
)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


def flow_of(*steps: Ask, **fields: Any) -> Flow[Any]:
    required: dict[str, Any] = {name: (kind, ...) for name, kind in fields.items()}
    form = create_model("Form", **required)
    asked = steps or tuple(Ask(name) for name in fields)
    return Flow(name="f", version=1, form=form, steps=asked, finish=lambda form: [Say("f.done")])


def samples_of(flow: Flow[Any]) -> list[dict[str, object]]:
    answers = {step.name: sample_answers(flow, step.name) for step in flow.steps}
    return list(sample_forms(flow, answers))


@pytest.mark.parametrize(
    "kind",
    [
        str,
        int,
        float,
        bool,
        Decimal,
        date,
        datetime,
        time,
        timedelta,
        UUID,
        HttpUrl,
        IPv4Address,
        Colour,
        PastDate,
        FutureDate,
        PositiveInt,
        FullName,
        DocumentNumber,
        BirthDate,
        LongText,
        FullName | None,
        Annotated[int, Field(ge=1000, lt=1010, multiple_of=7)],
        Annotated[str, Field(min_length=500)],
        Annotated[str, Field(max_length=3)],
        Annotated[str, Field(pattern=r"^[A-Z]{3}-?\d{3}$")] | None,
        Annotated[date, Field(gt=date(2030, 1, 1))],
        Annotated[Decimal, Field(ge=5, decimal_places=2)],
    ],
    ids=lambda kind: getattr(kind, "__name__", "annotated"),  # addresses differ by process
)
def test_answers_of_usual_types_are_invented(kind: Any) -> None:
    assert sample_answers(flow_of(it=kind), "it")


def test_the_least_and_the_greatest_number_are_tried() -> None:
    assert sample_answers(flow_of(it=Annotated[int, Field(ge=1, le=12)]), "it") == (1, 12)


def test_examples_of_the_form_are_preferred() -> None:
    plates = Annotated[str, Field(examples=["AB-12", "CD-34"])]
    assert sample_answers(flow_of(it=plates), "it") == ("AB-12", "CD-34")
    assert sample_answers(flow_of(it=plates | None), "it") == ("AB-12", "CD-34")


def test_an_answer_that_leads_somewhere_is_tried() -> None:
    form = create_model("Form", it=(int, ...), other=(str | None, None))
    steps = (Ask("it", then={"7": END}), Ask("other"))
    flow: Flow[Any] = Flow("f", 1, form, steps, finish=lambda form: [])
    assert 7 in sample_answers(flow, "it")


def test_every_combination_of_choices_is_tried() -> None:
    kinds = {"a": Literal["1", "2"], "b": Literal["x", "y", "z"]}
    pairs = {(form["a"], form["b"]) for form in samples_of(flow_of(**kinds))}
    assert pairs == {(a, b) for a in "12" for b in "xyz"}


def test_of_very_many_combinations_each_choice_is_tried() -> None:
    letters = Literal["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
    forms = samples_of(flow_of(**{f"field_{number}": letters for number in range(12)}))
    assert len(forms) <= MAX_SAMPLE_FORMS
    for number in range(12):
        assert {form[f"field_{number}"] for form in forms} == set("abcdefghij")


def test_very_many_ways_that_lead_nowhere_do_not_hold_up_the_start() -> None:
    letters = Literal["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
    names = [f"field_{number}" for number in range(12)]
    more: dict[str, Any] = dict.fromkeys(names, (letters, "a"))
    kind: Any = (Literal["item", "done"], ...)
    form = create_model("Form", kind=kind, **more)
    hub = Ask("kind", then={"item": names[0]}, otherwise=END)
    steps = (hub, *map(Ask, names[:-1]), Ask(names[-1], otherwise="kind"))
    flow: Flow[Any] = Flow("f", 1, form, steps, finish=lambda form: [Say("f.done")])
    assert {"kind": "done"} in samples_of(flow)
    assert dry_run(flow).effects == (Say("f.done"),)


@pytest.mark.parametrize(
    "effect",
    [
        SaveRecord("t", cast(Any, None)),
        SaveRecord("t", cast(Any, [1])),
        Say("f.done", cast(Any, None)),
        Say(cast(Any, ["f.done"])),
        StartFlow(cast(Any, ["f"])),
    ],
    ids=repr,
)
def test_an_effect_with_a_value_of_a_wrong_type_is_told(effect: Effect) -> None:
    form = create_model("Form", it=(str, ...))
    flow: Flow[Any] = Flow("f", 1, form, (Ask("it"),), finish=lambda form: [effect])
    [fault] = dry_run(flow).faults
    assert str(fault).endswith(f"f: finish returns {effect!r}, with a value of a wrong type")
    assert str(fault).startswith("tests/flow_engine/test_sample_forms.py:")


def test_a_question_that_is_asked_again_is_answered_once() -> None:
    again = Ask("sure", then={"change": "guests"}, otherwise=END)
    flow = flow_of(Ask("guests"), again, guests=Literal["1", "2"], sure=Literal["yes", "change"])
    assert samples_of(flow) == [{"guests": guests, "sure": "yes"} for guests in "12"]


@pytest.mark.parametrize("name", ["registration", "edit_profile", "delete_profile", "events"])
def test_finish_of_the_shipped_flows_is_tried(name: str) -> None:
    flow = load_flows(flows).flow(name)
    assert dry_run(flow).faults == ()
    assert any(isinstance(effect, Say) for effect in dry_run(flow).effects)
    assert dry_run(flow).where.file.endswith(f"{name}.py")


STEP_NAMES = ("a", "b", "c", "d", "e")


@given(st.data())
def test_every_step_that_leads_on_to_the_end_is_in_a_sample(data: st.DataObject) -> None:
    """On any graph that goes forwards only, each answer of each step is in some form."""
    kinds = dict.fromkeys(STEP_NAMES, Literal["x", "y"])
    steps = []
    for number, name in enumerate(STEP_NAMES):
        later = st.sampled_from([*STEP_NAMES[number + 1 :], END])
        steps.append(Ask(name, then={"x": data.draw(later)}))
    form = create_model("Form", **{name: (kind | None, None) for name, kind in kinds.items()})  # type: ignore[call-overload]
    flow: Flow[Any] = Flow("f", 1, form, tuple(steps), finish=lambda form: [])
    answers = {name: sample_answers(flow, name) for name in STEP_NAMES}
    given_answers = {pair for sample in sample_forms(flow, answers) for pair in sample.items()}
    assert given_answers == {(name, answer) for name in STEP_NAMES for answer in "xy"}
    for sample in sample_forms(flow, answers):
        assert flow.walk(sample) == (sample, END)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[A-Z]{3}-?\d{3}$",
        r"^(?:\+\d{1,3} )?\d{4,}$",
        r"[^0-9\s]+@\w+\.(com|org)",
        r"^.{5,}$",
        r"^\S\D\W$",
        r"^[^a]$",
    ],
)
def test_texts_match_the_pattern_that_they_are_invented_for(pattern: str) -> None:
    texts = list(matching_texts(pattern))
    assert texts
    assert all(re.search(pattern, text) for text in texts)


@pytest.mark.parametrize("pattern", ["(", r"(?=x)x", r"(a)\1"])
def test_nothing_is_invented_for_an_odd_pattern(pattern: str) -> None:
    assert list(matching_texts(pattern)) == []


class Trip(BaseModel):
    start: Annotated[date, Field(examples=["2030-01-01"])]


def test_a_declared_flow_is_not_run() -> None:
    def finish(trip: Trip) -> list[Say]:
        raise NotImplementedError

    flow = Flow("f", 1, Trip, (Ask("start"),), finish, says=("f.done",))
    assert dry_run(flow).effects == ()
    assert dry_run(flow).faults == ()
