"""Steps that the profile of a person answers."""

from typing import Annotated, Any

from pydantic import BaseModel, EmailStr, Field

from flow_engine import (
    Ask,
    CameBack,
    Effect,
    Event,
    Flow,
    FlowState,
    Question,
    Replied,
    Review,
    SaveRecord,
    Started,
    Turn,
    WentBack,
    advance,
)

KNOWN = {"email": "ana@example.com", "city": "Bogotá", "other": "no step"}


class Order(BaseModel):
    what: str
    email: EmailStr
    city: Annotated[str, Field(max_length=8)]


def finish(order: Order) -> list[Effect]:
    return [SaveRecord("orders", order.model_dump())]


order = Flow(
    name="order",
    version=1,
    form=Order,
    steps=(
        Ask("what"),
        Ask("email", from_profile=True),
        Ask("city", from_profile=True),
        Review(),
    ),
    finish=finish,
)


def play(known: dict[str, Any], *events: Event) -> Turn:
    turn = Turn(order.begin(known))
    for event in (Started(), *events):
        assert turn.state is not None
        turn = advance(order, turn.state, event)
    return turn


def state_of(turn: Turn) -> FlowState:
    assert turn.state is not None
    return turn.state


def test_what_the_profile_knows_is_not_asked_and_shown_in_the_review() -> None:
    turn = play(KNOWN, Replied("cake"))
    [review] = [one for one in turn.effects if isinstance(one, Question)]
    assert [(one.step, one.value) for one in review.reviewed] == [
        ("what", "cake"),
        ("email", "ana@example.com"),
        ("city", "Bogotá"),
    ]
    assert play(KNOWN, Replied("cake"), Replied("right")).effects == (
        SaveRecord("orders", {"what": "cake", "email": "ana@example.com", "city": "Bogotá"}),
    )


def test_what_the_profile_lacks_or_the_form_refuses_is_asked() -> None:
    assert state_of(play({"city": "Bogotá"}, Replied("cake"))).step == "email"
    assert state_of(play({**KNOWN, "city": "Buenos Aires"}, Replied("cake"))).step == "city"
    assert state_of(play({**KNOWN, "email": 7}, Replied("cake"))).step == "email"


def test_the_person_may_change_it_and_go_back_to_it() -> None:
    changed = play(
        KNOWN,
        *(Replied("cake"), Replied("change"), Replied("email"), Replied("eva@example.com")),
    )
    assert state_of(changed).step == "review"
    assert state_of(changed).answers["email"] == "eva@example.com"
    back = play(KNOWN, Replied("cake"), WentBack())
    assert state_of(back).step == "city"


def test_starting_again_takes_it_again() -> None:
    again = play(KNOWN, Replied("cake"), CameBack(), Replied("start_again"), Replied("pie"))
    assert state_of(again).step == "review"
    assert state_of(again).answers["what"] == "pie"


def test_a_state_holds_nothing_of_the_profile_that_its_form_does_not_ask_for() -> None:
    assert state_of(play(KNOWN)).known == {"email": "ana@example.com", "city": "Bogotá"}
