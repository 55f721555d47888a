"""A stored state that this version cannot read never leaves a person without an answer."""

import json
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import text
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.fakes.captured_log import captured_log

from services.conversations.state import ConversationState, StateSlot
from storage.engine.group_commit import Transaction

COUNT = StateSlot("count", TypeAdapter(int), 0)
WHOLE = {"flow": "registration", "version": 1, "step": "full_name", "turn": 1}


async def store(town: BotHarness, state: Any) -> None:
    def write(connection: Any, _now: float) -> None:
        statement = text("update lane set state = :state where name like 'in:%'")
        assert connection.execute(statement, {"state": json.dumps(state)}).rowcount == 1

    await town.database.submit(Transaction(write))


async def corrupt(town: BotHarness, odd: str) -> None:
    """Of everybody who has one, the state is no object of JSON."""
    statement = text("update lane set state = :odd where name like 'in:%'")
    await town.database.submit(Transaction(lambda c, _: c.execute(statement, {"odd": odd})))


async def unreadable(town: BotHarness) -> list[str]:
    """What was put aside, while nobody else was about."""
    query = text("select unreadable from lane where unreadable is not null")
    return await town.database.submit(Transaction(lambda c, _: list(c.scalars(query))))


@pytest.mark.parametrize(
    "state",
    [
        {"flow": "registration"},
        {"flow": {**WHOLE, "turn": None}},
        {"flow": {"flow": "registration"}},
        {"menu": 5},
        {"talk": "on"},
        [1],
    ],
    ids=repr,
)
async def test_the_person_gets_the_menu_and_may_stop(town: BotHarness, state: Any) -> None:
    await town.say("hola")
    await store(town, state)
    assert await town.say("hola", ANA) == ["¡Hola! ¿Qué te gustaría hacer?"]
    await store(town, state)
    assert "STOP" not in (await town.say("STOP", ANA))[0]


def test_what_can_be_read_is_kept() -> None:
    state = ConversationState.read({"menu": 5, "flow": WHOLE, "count": 2})
    assert (state.menu, state.flow is not None, COUNT.read(state)) == (None, True, 2)


def test_a_part_of_a_feature_that_cannot_be_read_counts_as_not_stored() -> None:
    assert COUNT.read(ConversationState.read({"count": "many"})) == 0


@pytest.mark.parametrize("odd", ["not JSON", '{"flow":', '"registration"'])
async def test_a_state_that_is_no_object_of_json_keeps_nobody_waiting(
    town: BotHarness, odd: str
) -> None:
    """Neither that person nor anybody else; STOP is obeyed, and operators see that it happened."""
    for who in (ANA, JOHN):
        await town.say("hola", who)
    await corrupt(town, odd)
    assert await town.say("hola", ANA) == ["¡Hola! ¿Qué te gustaría hacer?"]
    assert await town.say("hello", JOHN) != []
    await corrupt(town, odd)
    assert await town.say("STOP", ANA) != []
    assert (await town.user(ANA)).opted_out_at is not None
    assert await unreadable(town) == [odd, odd]
    _, checks = await town.state.health.readiness()
    assert checks["unreadable_states"] == 2
    assert "bot_unreadable_states 2.0" in (await town.state.health.metrics()).decode()


async def test_of_a_state_with_an_odd_part_the_rest_is_used_and_all_of_it_kept(
    town: BotHarness,
) -> None:
    """A part of the core, or of a feature: both are put aside in the same way."""
    await town.say("hola")
    for odd in ({"menu": 5, "count": 2}, {"menu": "main", "count": "many"}):
        await store(town, odd)
        with captured_log() as log:
            await town.say("hola")
        assert [json.loads(text) for text in await unreadable(town)] == [odd]
        assert log.getvalue().count("unreadable parts") == 1
        assert "many" not in log.getvalue()


async def test_who_comes_back_to_a_form_of_another_version_is_asked_as_it_is_now(
    town: BotHarness,
) -> None:
    """The question that they were asked is no longer part of the form."""
    await town.say("register", JOHN)
    await store(town, {"flow": {**WHOLE, "version": 0, "step": "height", "answers": {}}})
    told = await town.say("are you a bot?", JOHN)
    assert "What is your full name?" in told[-1], told
