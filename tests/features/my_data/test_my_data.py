"""People see what the bot keeps about them, in their own terms."""

from datetime import UTC, datetime

import pytest
from tests.conversations.test_conversations import register
from tests.fakes.bot import ANA, JOHN, BotHarness

from features.my_data.records import SavedRecord, records_of
from features.my_data.summary import DECISIONS, described, shown
from storage.engine.group_commit import Transaction
from storage.engine.write import execute_writes
from storage.tables import records
from storage.tables.consents import CONSENT_EVENTS


@pytest.mark.parametrize(
    "words", ["mis datos", "¿Qué saben de mí?", "quiero ver mis datos", "muéstrame mis datos"]
)
async def test_a_member_sees_titles_and_dates(town: BotHarness, words: str) -> None:
    await register(town)
    [told] = await town.say(words)
    assert "*Documento:* Cédula (CC) 1020300" in told
    assert "*Idioma:*" not in told  # nobody chose one
    assert "*Política de privacidad aceptada:*" in told
    assert "+573001234567" in told
    assert "borrar mis datos" in told


@pytest.mark.parametrize("words", ["show me my data", "what do you know about me?", "my data"])
async def test_a_stranger_has_told_nothing(town: BotHarness, words: str) -> None:
    [told] = await town.say(words, JOHN)
    assert "You haven't told us anything else." in told
    assert "*Number:* +15551234567" in told


async def test_in_a_form_it_is_shown_and_the_form_goes_on(town: BotHarness) -> None:
    [question] = await town.say("register", JOHN)
    [told] = await town.say("what do you know about me?", JOHN)
    assert told.startswith("*What we keep about you*")
    assert told.endswith(question)


async def test_in_portuguese(town: BotHarness) -> None:
    [told] = await town.say("o que vocês sabem de mim?", "5511987654321")
    assert told.startswith("*O que guardamos sobre você*")


async def test_it_is_in_the_topics(town: BotHarness) -> None:
    await town.say("topics", JOHN)
    [told] = await town.tap("topics.my_data", JOHN)
    assert told.startswith("*What we keep about you*")


async def test_what_flows_saved_is_shown_and_goes_with_the_rest(town: BotHarness) -> None:
    await register(town)
    user = await town.user()
    saved = records.add("bookings", {"sure": "yes"}, user_key=user.key, at=datetime.now(UTC))
    await town.database.submit(Transaction(lambda c, _: execute_writes(c, [saved])))
    assert "*Bookings (" in (await town.say("mis datos"))[0]
    await town.say("borrar mis datos")
    await town.tap("sure.yes")
    assert "No nos has contado nada más." in (await town.say("mis datos"))[0]
    kept = await town.database.submit(Transaction(lambda c, _: records_of(c, user.key)))
    assert kept == []


def test_values_are_shown_as_people_saw_them(town: BotHarness) -> None:
    texts = town.bot.parts.context.texts
    assert shown(texts, "en", "id_type", "PASSPORT") == "Passport"
    assert shown(texts, "en", "day", "2026-12-25") == "25 December 2026"
    assert shown(texts, "en", "paid", True) == "Yes"
    assert shown(texts, "en", "days", ["2026-12-25", "soon"]) == "25 December 2026, soon"
    record = SavedRecord("table_orders", {"id_type": "CC"}, datetime(2026, 1, 2, tzinfo=UTC))
    assert described(texts, "en", record) == "*Table orders (2 January 2026):* Citizen ID (CC)"


async def test_decisions_and_deliveries_are_named(town: BotHarness) -> None:
    await town.say("hello", JOHN)
    await town.say("stop", JOHN)
    await town.wait(1, JOHN)
    await town.say("start", JOHN)
    [told] = await town.say("my data", JOHN)
    assert "*Your decisions:*" in told
    assert "messages stopped;" in told
    assert "messages wanted again" in told
    assert "stays for 90 days" in told


async def test_every_event_of_the_consent_log_has_words(town: BotHarness) -> None:
    assert DECISIONS.keys() == set(CONSENT_EVENTS)


@pytest.mark.parametrize(
    ("who", "said", "known"),
    [
        (JOHN, "who am i?", "Your WhatsApp profile says Tess"),
        (JOHN, "do you know my name", "Your WhatsApp profile says Tess"),
        (ANA, "quien soy", "En tu perfil de WhatsApp dice Tess"),
        (ANA, "kien soy yo", "En tu perfil de WhatsApp dice Tess"),
        ("5511987654321", "vc sabe quem eu sou?", "No seu perfil do WhatsApp está Tess"),
    ],
)
async def test_who_asks_who_they_are_hears_by_which_name_the_bot_knows_them(
    town: BotHarness, who: str, said: str, known: str
) -> None:
    town.person(who).name = "Tess"
    await town.say("ok", who)
    [told] = await town.say(said, who)
    assert told.startswith(known)
    assert len(told) < 120


async def test_who_asks_who_answers_is_not_told_who_they_are(town: BotHarness) -> None:
    await town.say("hi", JOHN)
    [told] = await town.say("who am i talking to", JOHN)
    assert "bot" in told
