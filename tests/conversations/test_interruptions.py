"""Requests that interrupt anything: people may always see their data, and have it deleted."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness

from domain.conversation_status import ConversationStatus
from storage.engine.group_commit import Transaction
from storage.engine.write import execute_writes
from storage.tables import users

BRUNA = "5511987654321"
PEOPLE = {
    "en": (JOHN, "register", "delete my data", "no", "What is your full name?"),
    "es": (ANA, "registrarme", "borrar mis datos", "no", "¿Cuál es tu nombre completo?"),
    "pt": (BRUNA, "cadastrar", "apagar meus dados", "não", "Qual é o seu nome completo?"),
}
SURE = "Delete all your data? This cannot be undone."


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[BotHarness]:
    bot = BotHarness(tmp_path, reminder_seconds=3600, flow_timeout_seconds=24 * 3600)
    await bot.start()
    yield bot
    await bot.stop()


async def hold(town: BotHarness, status: ConversationStatus = ConversationStatus.HUMAN) -> None:
    """Somebody else writes: the bot may not speak for eight hours from now."""
    key = (await town.user(JOHN)).key
    until = town.clock() + timedelta(hours=8)
    held = {"status": status.value, "held_since": town.clock(), "bot_paused_until": until}
    write = users.change(key, held)
    await town.database.submit(Transaction(lambda one, _: execute_writes(one, [write])))


@pytest.mark.parametrize("language", PEOPLE)
async def test_a_form_goes_on_after_data_were_not_deleted(town: BotHarness, language: str) -> None:
    who, start, delete, no, question = PEOPLE[language]
    assert await town.say(start, who) == [question]
    await town.say(delete, who)
    [kept] = await town.say(no, who)
    assert kept.endswith(f"\n\n{question}")
    assert kept != question


async def test_deleted_data_take_the_open_form_with_them(town: BotHarness) -> None:
    await town.say("register", JOHN)
    await town.say("Grace Hopper", JOHN)
    assert await town.say("please delete all my data", JOHN) == [SURE]
    [done] = await town.say("yes", JOHN)
    assert done.startswith("Your data has been deleted")
    assert await town.say("hello", JOHN) == ["Hello! What would you like to do?"]
    assert await town.say("register", JOHN) == ["What is your full name?"]


@pytest.mark.parametrize("way", ["no", "cancel", "never mind"])
async def test_each_way_out_of_the_question_leads_back_to_the_form(
    town: BotHarness, way: str
) -> None:
    await town.say("register", JOHN)
    await town.say("Grace Hopper", JOHN)
    await town.say("delete my data", JOHN)
    [asked] = await town.say(way, JOHN)
    assert asked.endswith("Which identity document do you have?")
    assert await town.tap("PASSPORT", JOHN) == ["What is its number?"]


async def test_a_second_request_does_not_lose_the_form(town: BotHarness) -> None:
    await town.say("register", JOHN)
    await town.say("delete my data", JOHN)
    assert await town.say("delete my data", JOHN) == [SURE]
    [asked] = await town.say("no", JOHN)
    assert asked.endswith("What is your full name?")


async def test_a_row_of_a_menu_interrupts_too(town: BotHarness) -> None:
    await town.say("topics", JOHN)
    await town.say("register", JOHN)
    assert await town.tap_id("topics.delete_profile", JOHN) == [SURE]
    [asked] = await town.say("no", JOHN)
    assert asked.endswith("What is your full name?")


async def test_a_text_of_a_form_may_tell_of_deleting(town: BotHarness) -> None:
    await town.say("register", JOHN)
    for answer in ("Grace Hopper", "passport", "AB1020300", "25/12/1990"):
        await town.say(answer, JOHN)
    [review] = await town.say("I repair phones, and I delete my data every single year", JOHN)
    assert "I repair phones" in review


async def test_whoever_is_silent_is_not_led_back(town: BotHarness) -> None:
    await town.say("register", JOHN)
    await town.say("delete my data", JOHN)
    await town.wait(3600)
    assert await town.wait(23 * 3600) == []
    assert await town.say("hello", JOHN) == ["Hello! What would you like to do?"]


@pytest.mark.parametrize("status", [ConversationStatus.HUMAN, ConversationStatus.PHONE])
async def test_while_somebody_else_answers(town: BotHarness, status: ConversationStatus) -> None:
    await town.say("hello", JOHN)
    await hold(town, status)
    assert await town.say("delete my data", JOHN) == [SURE]
    assert await town.say("no", JOHN) == ["Nothing was deleted."]
    assert await town.say("hello", JOHN) == []
    assert await town.say("delete my data", JOHN) == [SURE]
    assert await town.tap("sure.yes", JOHN) == ["Your data has been deleted."]
    assert (await town.user(JOHN)).status == status


async def test_a_yes_to_somebody_else_deletes_nothing(town: BotHarness) -> None:
    await town.say("hello", JOHN)
    await hold(town)
    await town.say("delete my data", JOHN)
    await town.wait(60)
    await hold(town)  # an operator asks something
    assert await town.say("yes", JOHN) == []
    await town.say("delete my data", JOHN)
    assert await town.say("it is about my order", JOHN) == []
    assert await town.say("yes", JOHN) == []
    assert await town.tap("sure.yes", JOHN) == [SURE]  # asked once more
    assert await town.tap("sure.yes", JOHN) == ["Your data has been deleted."]


async def test_the_form_before_the_owner_wrote_goes_on_when_the_bot_is_back(
    town: BotHarness,
) -> None:
    await town.say("register", JOHN)
    await hold(town, ConversationStatus.PHONE)
    assert await town.say("delete my data", JOHN) == [SURE]
    assert await town.say("no", JOHN) == ["Nothing was deleted."]
    assert await town.say("back to the bot", JOHN) == ["What is your full name?"]


async def test_a_reminder_is_no_reason_to_speak(town: BotHarness) -> None:
    await town.say("hello", JOHN)
    await hold(town)
    await town.say("delete my data", JOHN)
    assert await town.wait(3700) == []
    assert await town.say("yes", JOHN) == []


async def test_people_who_opted_out_have_the_same_rights(town: BotHarness) -> None:
    await town.say("STOP", JOHN)
    assert await town.say("delete my data", JOHN) == [SURE]
    assert await town.say("yes", JOHN) == ["Your data has been deleted."]
    assert (await town.user(JOHN)).opted_out_at is not None


@pytest.mark.parametrize("words", ["menu", "back to the bot", "exit", "end this chat"])
@pytest.mark.parametrize("status", [ConversationStatus.HUMAN, ConversationStatus.PHONE])
async def test_people_may_ask_for_the_bot_again(
    town: BotHarness, status: ConversationStatus, words: str
) -> None:
    await town.say("hello", JOHN)
    await hold(town, status)
    assert await town.say("thanks", JOHN) == []
    assert len(await town.say(words, JOHN)) == 1
    assert (await town.user(JOHN)).status is None


async def test_nobody_can_be_led_into_open_questions_by_an_interruption() -> None:
    from pydantic import BaseModel

    from flow_engine import Ask, Flow
    from flow_engine.faults import FlowDefinitionError

    class Reason(BaseModel):
        why: str

    with pytest.raises(FlowDefinitionError, match="why is asked whoever holds"):
        Flow(
            name="reason",
            version=1,
            form=Reason,
            steps=(Ask("why"),),
            finish=lambda _: (),
            interrupts=True,
        )


async def test_a_later_tap_on_what_opened_a_form_asks_the_question_again(
    town: BotHarness,
) -> None:
    await town.say("hello", JOHN)
    assert await town.tap("register", JOHN) == ["What is your full name?"]
    await town.wait(30)
    assert await town.tap("register", JOHN) == ["What is your full name?"]
    assert await town.tap("events", JOHN) == ["Which event interests you?"]
