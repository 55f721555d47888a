"""A stored state that this version cannot read never leaves a person without an answer."""

import json
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import text
from tests.fakes.bot import ANA, BotHarness

from services.conversations.state import ConversationState, StateSlot
from storage.engine.group_commit import Transaction

COUNT = StateSlot("count", TypeAdapter(int), 0)
WHOLE = {"flow": "registration", "version": 1, "step": "full_name", "turn": 1}


async def store(town: BotHarness, state: Any) -> None:
    def write(connection: Any, _now: float) -> None:
        statement = text("update lane set state = :state where name like 'in:%'")
        assert connection.execute(statement, {"state": json.dumps(state)}).rowcount == 1

    await town.database.submit(Transaction(write))


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
