"""The pure core, driven without a network, a database or a clock."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from types import ModuleType
from typing import Annotated, Any, Literal, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, FutureDate, ValidationError, model_validator
from tests.fakes.flows import linked, load_flows
from tests.sample import flows

from app.cli.diagram import to_mermaid
from flow_engine import (
    END,
    Ask,
    Cancelled,
    DeleteProfile,
    Effect,
    Event,
    Flow,
    FlowDefinitionError,
    FlowState,
    LoadOptions,
    Menu,
    OptionsLoaded,
    Question,
    Replied,
    SaveRecord,
    Say,
    SetTimer,
    ShowMenu,
    Started,
    StartFlow,
    Timeout,
    TimerFired,
    Turn,
    WayOut,
    advance,
    resume,
)
from flow_engine.words import normalise


class Booking(BaseModel):
    guests: Annotated[int, Field(ge=1, le=12)]
    day: Literal["today", "another_day"]
    date: FutureDate | None = None
    time: str
    confirm: Literal["yes", "change"]


def finish(booking: Booking) -> list[Effect]:
    return [SaveRecord("bookings", booking.model_dump(mode="json", exclude={"confirm"}))]


booking = Flow(
    name="booking",
    version=1,
    form=Booking,
    triggers=("book", "reservar"),
    steps=(
        Ask("guests"),
        Ask("day", then={"another_day": "date"}, otherwise="time"),
        Ask("date"),
        Ask("time", options_from="free_times"),
        Ask("confirm", then={"change": "guests"}, otherwise=END),
    ),
    finish=finish,
)
TIMES = ("20:00", "21:00")


def play(*events: Event | tuple[str, ...], flow: Flow[Any] = booking) -> Turn:
    """Events in order; a tuple of options arrives for whichever turn asked for them."""
    turn = Turn(flow.begin())
    for event in events:
        assert turn.state is not None
        if isinstance(event, tuple):
            event = OptionsLoaded(event, turn.state.turn)
        turn = advance(flow, turn.state, event)
    return turn


def kinds(turn: Turn, kind: type[Any]) -> list[Any]:
    return [effect for effect in turn.effects if isinstance(effect, kind)]


def test_the_first_question_is_asked_with_both_deadlines() -> None:
    turn = play(Started())
    assert kinds(turn, Question) == [Question("booking.guests")]
    assert kinds(turn, SetTimer) == [SetTimer("remind", 1), SetTimer("cancel", 1)]


def test_a_flow_may_have_deadlines_of_its_own() -> None:
    hours = Timeout(timedelta(hours=1), timedelta(hours=2))
    turn = play(Started(), flow=replace(booking, timeout=hours))
    assert [timer.after for timer in kinds(turn, SetTimer)] == [
        *(timedelta(hours=h) for h in (1, 2))
    ]


@pytest.mark.parametrize("wrong", ["thirteen", "13", "0", ""])
def test_a_wrong_answer_is_explained_and_asked_again(wrong: str) -> None:
    turn = play(Started(), Replied(wrong))
    [asked] = kinds(turn, Question)
    assert asked == Question(
        "booking.guests", preface="booking.guests.invalid", way_out=WayOut.HINT
    )


def test_a_literal_becomes_a_menu_and_a_branch_is_taken() -> None:
    assert (
        Question("booking.day", ("today", "another_day")) in play(Started(), Replied("4")).effects
    )
    assert play(Started(), Replied("4"), Replied("today")).effects == (
        LoadOptions("free_times", 3),
    )


def test_the_end_saves_what_was_answered() -> None:
    turn = play(Started(), Replied("4"), Replied("today"), TIMES, Replied("20:00"), Replied("yes"))
    saved = {"guests": 4, "day": "today", "date": None, "time": "20:00"}
    assert turn == Turn(None, (SaveRecord("bookings", saved),))


def test_answers_of_an_abandoned_branch_are_forgotten() -> None:
    first = (Started(), Replied("4"), Replied("another_day"), Replied("2999-01-01"), TIMES)
    again = (Replied("20:00"), Replied("change"), Replied("2"), Replied("today"), TIMES)
    turn = play(*first, *again, Replied("20:00"), Replied("yes"))
    assert turn.effects[0].fields["date"] is None  # type: ignore[union-attr]


def test_a_question_knows_what_was_answered_on_every_way_to_it() -> None:
    before = booking.answered_before
    assert before["guests"] == frozenset()
    assert before["date"] == {"guests", "day"}
    assert before["time"] == {"guests", "day"}, "a date is not always asked for"
    assert before["confirm"] == {"guests", "day", "time"}


def test_cancelling_ends_it_from_anywhere() -> None:
    assert play(Started(), Replied("4"), Cancelled()) == Turn(None, (Say("common.cancelled"),))


def test_a_reminder_repeats_the_question_and_keeps_the_turn() -> None:
    turn = play(Started(), TimerFired("remind", 1))
    assert turn.effects == (Say("common.reminder"), Question("booking.guests"))
    assert turn.state is not None
    assert turn.state.turn == 1


def test_a_timer_of_an_earlier_turn_is_ignored() -> None:
    assert play(Started(), Replied("4"), TimerFired("cancel", 1)).effects == ()


def test_the_last_deadline_ends_the_conversation() -> None:
    assert play(Started(), TimerFired("cancel", 1)) == Turn(None, (Say("common.timed_out"),))


def test_options_that_arrive_late_or_twice_are_ignored() -> None:
    assert play(Started(), OptionsLoaded(TIMES, turn=0)).effects == ()
    state = play(Started(), Replied("4"), Replied("today"), TIMES).state
    assert state is not None
    assert advance(booking, state, OptionsLoaded(TIMES, state.turn)).effects == ()


def test_an_answer_while_options_are_loaded_is_held_off() -> None:
    turn = play(Started(), Replied("4"), Replied("today"), Replied("20:00"))
    assert turn.effects == (Say("common.one_moment"),)


def test_long_lists_come_in_pages() -> None:
    many = tuple(f"{hour:02}:00" for hour in range(24))
    turn = play(Started(), Replied("4"), Replied("today"), many)
    pages = []
    for _ in range(4):
        pages.append(kinds(turn, Question)[0].options)
        assert turn.state is not None
        turn = advance(booking, turn.state, Replied("more"))
    assert [len(page) for page in pages] == [10, 10, 7, 10]
    assert {time for page in pages[:3] for time in page} == {*many, "more"}
    assert pages[3] == pages[0]


def test_a_newer_form_keeps_the_answers_that_still_fit() -> None:
    old = FlowState(flow="booking", version=0, step="when", answers={"guests": 4, "when": "soon"})
    turn = resume(booking, old)
    assert turn.state is not None
    assert (turn.state.step, turn.state.answers) == ("day", {"guests": 4})
    assert turn.effects[0] == Say("common.form_updated")


def test_a_newer_form_asks_again_for_what_it_refuses() -> None:
    turn = resume(booking, FlowState(flow="booking", version=0, step="day", answers={"guests": 40}))
    assert turn.state is not None
    assert turn.state.step == "guests"


def test_the_same_version_changes_nothing() -> None:
    state = FlowState(flow="booking", version=1, step="day", answers={"guests": 4})
    assert resume(booking, state) == Turn(state)


def test_an_answer_that_went_stale_is_asked_again() -> None:
    waiting = {"guests": 4, "day": "another_day", "date": "2020-01-01", "time": "20:00"}
    state = FlowState(flow="booking", version=1, step="confirm", answers=waiting)
    assert kinds(advance(booking, state, Replied("yes")), Question) == [Question("booking.date")]


def test_a_rule_across_fields_sends_the_person_back() -> None:
    class Fussy(Booking):
        @model_validator(mode="after")
        def no_big_parties_today(self) -> Self:
            if self.day == "today" and self.guests > 3:
                raise ValueError("too many for today")
            return self

    answers = {"guests": 4, "day": "today", "time": "20:00"}
    state = FlowState(flow="booking", version=1, step="confirm", answers=answers)
    turn = advance(replace(booking, form=Fussy), state, Replied("yes"))
    assert turn.state is not None
    [asked] = kinds(turn, Question)
    assert asked.preface == "booking.confirm.invalid"


@pytest.mark.parametrize(
    ("steps", "complaint"),
    [
        pytest.param((), "no steps", id="empty"),
        pytest.param((Ask("guests"), Ask("guests")), "twice", id="repeated-step"),
        pytest.param((Ask("colour"),), "not a field", id="no-such-field"),
        pytest.param((Ask("guests", then={"1": "moon"}),), "no such step", id="no-such-target"),
        pytest.param((Ask("guests"), Ask("day", then={"noon": END})), "such answer", id="answer"),
        pytest.param((Ask("guests"), Ask("day"), Ask("time")), "without asking", id="required"),
        pytest.param((Ask("guests", otherwise=END), Ask("day")), "never reached", id="stranded"),
    ],
)
def test_a_wrong_flow_is_refused(steps: tuple[Ask, ...], complaint: str) -> None:
    with pytest.raises(FlowDefinitionError, match=complaint):
        replace(booking, steps=steps)


def menu(choices: Iterable[Effect], **more: Any) -> Menu:
    return Menu("menu", {str(number): (one,) for number, one in enumerate(choices)}, **more)


@pytest.mark.parametrize(
    ("definitions", "complaint"),
    [
        pytest.param(lambda: [menu([])], "1 to 10 choices", id="empty-menu"),
        pytest.param(lambda: [menu([DeleteProfile()] * 11)], "1 to 10 choices", id="long-menu"),
        pytest.param(lambda: [booking, booking], "used twice", id="same-name"),
        pytest.param(
            lambda: [booking, menu([ShowMenu()], triggers=("Bóok",))],
            "already starts",
            id="trigger",
        ),
        pytest.param(lambda: [menu([StartFlow("moon")])], "flow that is not there", id="no-flow"),
        pytest.param(lambda: [menu([ShowMenu("moon")])], "menu that is not there", id="no-menu"),
    ],
)
def test_definitions_that_do_not_fit_together_are_refused(definitions: Any, complaint: str) -> None:
    with pytest.raises(FlowDefinitionError, match=complaint):
        linked(definitions())


def test_shipped_flows_are_found_without_a_list() -> None:
    shipped = load_flows(flows)
    assert {"registration", "events", "main_menu", "topics"} <= {one.name for one in shipped}
    assert shipped.triggered_by("¡Registrarme!") is shipped.flow("registration")


def test_a_package_without_flows_is_empty() -> None:
    package = ModuleType("nothing")
    package.__path__ = []
    assert list(load_flows(package)) == []


def test_diagrams_are_drawn_from_the_definitions() -> None:
    assert "day --> date: another_day" in to_mermaid(booking)
    assert "confirm --> [*]" in to_mermaid(booking)
    assert "menu --> booking: 0" in to_mermaid(menu([StartFlow("booking")]))


@pytest.mark.parametrize("typed", [" Sí! ", "SI", "¿si?", "«sí»"])
def test_words_are_compared_without_case_accents_and_punctuation(typed: str) -> None:
    assert normalise(typed) == "si"


@pytest.mark.parametrize(
    ("field", "typed", "read"),
    [
        ("full_name", "ana maría o'connor", "Ana María O'Connor"),
        ("full_name", "JEAN-LUC PICARD", "Jean-Luc Picard"),
        ("full_name", "Ludwig van Beethoven", "Ludwig van Beethoven"),
        ("full_name", "Seán  O’Casey", "Seán O’Casey"),
        ("full_name", "मीरा देवी", "मीरा देवी"),
        ("full_name", "\u200fأحمد علي", "أحمد علي"),
        ("full_name", "王小明", "王小明"),
        ("full_name", "García, Ana", "García Ana"),
        ("full_name", "Ana María 😊", "Ana María"),
        ("id_number", "1.020.300", "1020300"),
        ("id_number", "ab-12345", "AB12345"),
        ("birth_date", "25/12/1990", "1990-12-25"),
        ("birth_date", "5.1.1990", "1990-01-05"),
        ("birth_date", "1990-12-25", "1990-12-25"),
        ("birth_date", "1990/12/25", "1990-12-25"),
        ("birth_date", "25/12/1990.", "1990-12-25"),
        ("birth_date", "٢٥/١٢/١٩٩٠", "1990-12-25"),
    ],
)
def test_answers_are_read_as_people_type_them(field: str, typed: str, read: str) -> None:
    assert load_flows(flows).flow("registration").parse(field, typed) == read


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("full_name", "Ana"),
        ("full_name", "Ana 2"),
        ("full_name", "- -"),
        ("id_number", "12"),
        ("id_number", "🎉🎉🎉"),
        ("id_number", "I lost it"),
        ("birth_date", "0"),
        ("birth_date", "-86400"),
        ("birth_date", "1e3"),
        ("birth_date", "31/02/1990"),
        ("birth_date", "25/12/1800"),
        ("birth_date", date.max.isoformat()),
        ("about", "no"),
    ],
)
def test_other_answers_are_refused(field: str, typed: str) -> None:
    with pytest.raises(ValidationError):
        load_flows(flows).flow("registration").parse(field, typed)


replies = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["4", "today", "another_day", "2999-01-01", "20:00", "yes", "change", "more"]),
).map(Replied)
events = st.one_of(
    replies,
    st.just(Cancelled()),
    st.builds(OptionsLoaded, st.just(TIMES), st.integers(0, 6)),
    st.builds(TimerFired, st.sampled_from(["remind", "cancel"]), st.integers(0, 6)),
)


@given(st.lists(events, max_size=40))
def test_any_history_leaves_a_known_step_and_survives_storage(history: list[Event]) -> None:
    state = booking.begin()
    for event in [Started(), *history]:
        reloaded = FlowState.model_validate_json(state.model_dump_json())
        turn = advance(booking, state, event)
        assert advance(booking, reloaded, event) == turn
        assert len(kinds(turn, Say) + kinds(turn, Question)) <= 2, "never flood a person"
        if turn.state is None:
            return
        assert turn.state.step in booking.edges
        state = turn.state


@given(st.dictionaries(st.sampled_from(["guests", "day", "date", "when", "confirm"]), st.text()))
def test_any_stored_answers_can_be_resumed(answers: dict[str, object]) -> None:
    turn = resume(booking, FlowState(flow="booking", version=0, step="gone", answers=answers))
    assert turn.state is not None
    assert turn.state.step in booking.edges


GOOD = {"guests": "4", "day": "today", "date": "2999-01-01", "time": "20:00", "confirm": "yes"}


@given(st.lists(events, max_size=40))
def test_a_good_answer_always_moves_on(history: list[Event]) -> None:
    state = booking.begin()
    for event in [Started(), *history]:
        turn = advance(booking, state, event)
        if turn.state is None:
            return
        state = turn.state
    if state.awaiting_options:
        state = advance(booking, state, OptionsLoaded(TIMES, state.turn)).state or state
    after = advance(booking, state, Replied(GOOD[state.step])).state
    assert after is None or after.step != state.step
