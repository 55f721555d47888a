"""Reviews, several choices, files and calls: the pure core, driven by events."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, FutureDate, create_model

from flow_engine import (
    END,
    Ask,
    Call,
    CallEnded,
    CallFailed,
    CameBack,
    Effect,
    Event,
    Flow,
    FlowDefinitionError,
    MailAddress,
    NextDays,
    PhoneNumber,
    Photo,
    Place,
    Question,
    Replied,
    Review,
    RunCall,
    SaveRecord,
    Say,
    Sent,
    Started,
    TimerFired,
    Turn,
    Voice,
    WentBack,
    advance,
)


class Order(BaseModel):
    what: Literal["pizza", "cake"]
    toppings: list[Literal["ham", "cheese", "olives"]] | None = None
    candles: Annotated[int, Field(ge=1, le=99)] | None = None
    day: date
    price: Decimal
    sure: Literal["yes", "no"]


async def find_price(order: Order) -> str:
    return "12.50"


def finish(order: Order) -> list[Effect]:
    return [SaveRecord("orders", order.model_dump(mode="json"))]


order = Flow(
    name="order",
    version=1,
    form=Order,
    steps=(
        Ask("what", then={"cake": "candles"}),
        Ask("toppings", otherwise="day"),
        Ask("candles"),
        Ask("day"),
        Call("price", handler=find_price, on_failure="day", says_wait=True),
        Review("sure", otherwise=END),
    ),
    finish=finish,
)


def play(*events: Event, flow: Flow[Any] = order) -> Turn:
    turn = Turn(flow.begin())
    for event in events:
        assert turn.state is not None
        if isinstance(event, CallEnded | CallFailed):
            turn_number = turn.state.turn
            event = (
                CallEnded(event.result, turn_number)
                if isinstance(event, CallEnded)
                else CallFailed(turn_number)
            )
        turn = advance(flow, turn.state, event)
    return turn


def question(turn: Turn) -> Question:
    [asked] = [effect for effect in turn.effects if isinstance(effect, Question)]
    return asked


TO_REVIEW = (
    *(Started(), Replied("pizza"), Replied("ham"), Replied("olives"), Replied("done")),
    *(Replied("3 May 2999"), CallEnded(12.5, 0)),
)


def test_several_choices_are_taken_one_after_the_other() -> None:
    asked = question(play(*TO_REVIEW[:3]))
    assert (asked.options, asked.chosen, asked.as_list) == (
        ("done", "cheese", "olives"),
        ("ham",),
        True,
    )
    turn = play(*TO_REVIEW[:5])
    assert turn.state is not None
    assert turn.state.answers["toppings"] == ["ham", "olives"]


def test_choices_that_are_typed_together_are_complete() -> None:
    turn = play(Started(), Replied("pizza"), Replied("ham\ncheese"))
    assert question(turn).name == "order.day"


def test_done_needs_a_choice_and_an_unknown_one_is_refused() -> None:
    for wrong in ("done", "bread", "ham\nbread"):
        refused = question(play(Started(), Replied("pizza"), Replied(wrong)))
        assert refused.preface == "order.toppings.invalid"


def test_a_call_gets_the_answers_and_its_result_is_one() -> None:
    turn = play(*TO_REVIEW[:6])
    assert turn.state is not None
    assert turn.state.awaiting_call
    wait, call = turn.effects
    assert isinstance(wait, Say)
    assert wait.key == "order.price.wait"
    assert isinstance(call, RunCall)
    assert call.answers == {"what": "pizza", "toppings": ["ham", "olives"], "day": "2999-05-03"}
    partly: Order = order.filled_in(call.answers)
    assert partly.day == date(2999, 5, 3)
    assert advance(order, turn.state, CallEnded("1", turn.state.turn - 1)) == Turn(turn.state)
    assert advance(order, turn.state, Replied("hurry")).effects == (Say("common.one_moment"),)


@pytest.mark.parametrize("ended", [CallFailed(0), CallEnded("cheap", 0)])
def test_a_call_that_fails_leads_where_the_flow_says(ended: Event) -> None:
    turn = play(*TO_REVIEW[:6], ended)
    said = turn.effects[0]
    assert isinstance(said, Say)
    assert said.key == "order.price.failed"
    assert question(turn).name == "order.day"


def test_a_review_shows_what_was_answered_on_the_way() -> None:
    asked = question(play(*TO_REVIEW))
    assert asked.options == ("yes", "no", "change")
    assert [(one.step, one.shown_as) for one in asked.reviewed] == [
        ("what", "title"),
        ("toppings", "title"),
        ("day", "date"),
    ]


def test_a_change_asks_one_question_and_comes_back() -> None:
    turn = play(*TO_REVIEW, Replied("change"))
    assert question(turn).name == "order.sure.change"
    assert question(turn).options == ("what", "toppings", "day")
    turn = play(
        *TO_REVIEW,
        *(Replied("change"), Replied("toppings"), Replied("cheese"), Replied("done")),
        CallEnded(12, 0),
    )
    assert question(turn).name == "order.sure"
    assert {one.step: one.value for one in question(turn).reviewed}["toppings"] == ["cheese"]


def test_a_change_of_what_a_call_was_told_calls_again() -> None:
    turn = play(*TO_REVIEW, Replied("change"), Replied("day"), Replied("4 May 2999"))
    assert any(isinstance(effect, RunCall) for effect in turn.effects)
    turn = play(
        *TO_REVIEW, Replied("change"), Replied("day"), Replied("4 May 2999"), CallEnded(9, 0)
    )
    assert question(turn).name == "order.sure"


def test_a_change_of_a_branch_asks_what_it_lacks() -> None:
    changed = (*TO_REVIEW, Replied("change"), Replied("what"), Replied("cake"))
    assert question(play(*changed)).name == "order.candles"
    turn = play(*changed, Replied("30 candles"), CallEnded(20, 0))
    assert question(turn).name == "order.sure"
    [record] = play(*changed, Replied("30"), CallEnded(20, 0), Replied("yes")).effects
    assert isinstance(record, SaveRecord)
    assert (record.fields["toppings"], record.fields["candles"]) == (None, 30)


def test_a_tap_on_the_review_still_counts_while_a_field_is_chosen() -> None:
    turn = play(*TO_REVIEW, Replied("change"), Replied("yes"))
    assert turn.state is None
    refused = question(play(*TO_REVIEW, Replied("change"), Replied("hm")))
    assert refused.preface == "order.sure.change.invalid"


def test_going_back_passes_by_a_call() -> None:
    assert question(play(*TO_REVIEW, WentBack())).name == "order.day"


def test_who_comes_back_is_asked_whether_to_go_on() -> None:
    away = (Started(), Replied("cake"), TimerFired("remind", 2), CameBack())
    assert question(play(*away)).name == "order.candles.resume"
    assert question(play(*away, Replied("go_on"))).name == "order.candles"
    assert question(play(*away, Replied("start_again"))).name == "order.what"
    assert question(play(*away, Replied("12"))).name == "order.day"


class Report(BaseModel):
    photo: Photo
    place: Place | str
    voice: Voice | None = None


report = Flow(
    name="report",
    version=1,
    form=Report,
    steps=(Ask("photo"), Ask("place"), Ask("voice"), Review()),
    finish=lambda report: [],
)
PHOTO = Sent("image", {"id": "m1", "mime_type": "image/jpeg", "caption": "The door"})


def test_files_and_places_are_answers() -> None:
    turn = play(
        Started(), PHOTO, Sent("location", {"latitude": 4.6, "longitude": -74}), flow=report
    )
    assert question(turn).wants == ("voice",)
    assert turn.state is not None
    assert turn.state.answers["photo"]["caption"] == "The door"  # type: ignore[index]
    assert turn.state.answers["place"]["latitude"] == 4.6  # type: ignore[index]
    assert question(play(Started(), PHOTO, Replied("26 Quay"), flow=report)).name == "report.voice"


@pytest.mark.parametrize(
    ("event", "key"),
    [
        (Replied("here it is"), "common.send.photo"),
        (Sent("video", {"id": "m1"}), "common.send.photo"),
        (Sent("image", {}), "common.send.photo"),
        (Sent("document", {"id": "m1", "mime_type": "application/pdf"}), "common.send.photo"),
    ],
)
def test_another_kind_is_told_what_to_send(event: Event, key: str) -> None:
    asked = question(play(Started(), event, flow=report))
    assert (asked.name, asked.preface) == ("report.photo", key)


def test_a_picture_that_was_sent_as_a_document_is_one() -> None:
    sent = Sent("document", {"id": "m1", "mime_type": "image/png"})
    assert question(play(Started(), sent, flow=report)).name == "report.place"


class Numbers(BaseModel):
    whole: int
    part: Decimal
    day: FutureDate


numbers = Flow(
    name="numbers",
    version=1,
    form=Numbers,
    steps=(Ask("whole"), Ask("part"), Ask("day", options_from=NextDays(3))),
    finish=lambda numbers: [],
)


@pytest.mark.parametrize(
    ("field", "typed", "read"),
    [
        ("whole", "a table for 4", 4),
        ("whole", "1.250", 1250),
        ("whole", "٤", 4),
        ("part", "12,50 €", "12.50"),
        ("part", "1.250,50", "1250.50"),
        ("part", "1,250.50", "1250.50"),
        ("day", "3 de mayo de 2999", "2999-05-03"),
        ("day", "3/5/2999", "2999-05-03"),
    ],
)
def test_numbers_and_days_are_read_as_they_are_typed(field: str, typed: str, read: object) -> None:
    assert numbers.parse(field, typed) == read


def test_a_call_that_fails_may_not_leave_a_field_empty() -> None:
    with pytest.raises(FlowDefinitionError, match="may end without asking: price"):
        Flow(
            name="order",
            version=1,
            form=Order,
            steps=(
                *(Ask("what"), Ask("day")),
                *(Call("price", handler=find_price, on_failure="sure"), Ask("sure")),
            ),
            finish=finish,
        )


class Toppings(BaseModel):
    several: list[Literal["ham", "cheese"]] = []
    many: Literal["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] | None = None
    nine: Literal["a", "b", "c", "d", "e", "f", "g", "h", "i"] | None = None
    needed: str


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("several", 'takes several choices, so it cannot be optional.*add a choice such as "none"'),
        ("many", "has at most 9 options: one row of the list is for leaving it out"),
        ("needed", "so its field needs a default"),
    ],
)
def test_what_cannot_be_left_out_is_told_at_the_start(name: str, fault: str) -> None:
    steps = (Ask("needed", optional=name == "needed"), Ask(name, optional=True))
    with pytest.raises(FlowDefinitionError, match=f"{name} .*{fault}"):
        Flow("toppings", 1, Toppings, steps[name == "needed" :], lambda _: [])


def test_nine_options_have_room_for_leaving_them_out() -> None:
    Flow("toppings", 1, Toppings, (Ask("needed"), Ask("nine", optional=True)), lambda _: [])


def test_a_list_needs_options() -> None:
    class Tags(BaseModel):
        tags: list[str]

    with pytest.raises(FlowDefinitionError, match="tags is a list, but of what"):
        Flow("tags", 1, Tags, (Ask("tags"),), lambda tags: [])


@pytest.mark.parametrize(
    ("kind", "typed", "read"),
    [
        (PhoneNumber, "+57 300 123 4567", "+573001234567"),
        (PhoneNumber, "my number is 0057-300-1234567", "+573001234567"),
        (PhoneNumber, "+٥٧ ٣٠٠ ١٢٣ ٤٥٦٧", "+573001234567"),  # noqa: RUF001
        (PhoneNumber, "12345", None),
        (PhoneNumber, "+57 300", None),
        (PhoneNumber, "+57 300 123 4567 or +57 300 123 4568", None),
        (MailAddress, "It is Ana.P@Example.COM.", "Ana.P@example.com"),
        (MailAddress, "josé@correo.es", "josé@correo.es"),
        (MailAddress, "ana at example", None),
        (MailAddress, "a@b.co, c@d.co", None),
    ],
)
def test_numbers_and_addresses_are_found_in_a_sentence(
    kind: Any, typed: str, read: str | None
) -> None:
    form = create_model("Form", reach=(kind, ...))
    flow = Flow("reach", 1, form, (Ask("reach"),), lambda form: [])
    assert (flow.parse("reach", typed) if flow.takes("reach", typed) else None) == read
