"""A sentence becomes nobody's name, and an unusual name is asked about."""

import pytest
from tests.conversations.test_corrections_at_the_end import ANSWERS, fill_in, shown
from tests.fakes.bot import ANA, JOHN, BotHarness


@pytest.mark.parametrize("name", ["No Ah", "Si Vale"])
async def test_a_name_of_ordinary_words_is_asked_about(town: BotHarness, name: str) -> None:
    await town.say("register", JOHN)
    assert await town.say(name, JOHN) == [f"Just to be sure: is your name *{name}*?"]
    [question] = await town.tap("right", JOHN)
    assert question.startswith("Which identity document")


@pytest.mark.parametrize(
    "name", ["Si Nguyen", "Angel Bueno", "Clara Si", "Vale Ortiz", "Ana New", "rosa diaz"]
)
async def test_a_name_with_one_ordinary_word_is_a_name(town: BotHarness, name: str) -> None:
    await town.say("register", JOHN)
    [question] = await town.say(name, JOHN)
    assert question.startswith("Which identity document")


async def test_another_name_may_follow_at_once(town: BotHarness) -> None:
    await town.say("register", JOHN)
    await town.say("No Ah", JOHN)
    [question] = await town.say("no, my name is Will Smith", JOHN)
    assert question.startswith("Which identity document")


@pytest.mark.parametrize("said", ["Ada Lovelace", "one sec", "mira, que raro"])
async def test_words_in_the_list_of_changes_are_no_name(town: BotHarness, said: str) -> None:
    await fill_in(town, JOHN)
    await town.tap("consent.change", JOHN)
    await town.say(said, JOHN)
    [review] = await town.say("back", JOHN)
    assert ANSWERS[JOHN][1] in shown(review).values()


async def test_the_last_one_is_the_last_answer(town: BotHarness) -> None:
    await fill_in(town, ANA)
    await town.tap("consent.change", ANA)
    [question] = await town.say("lo ultimo", ANA)
    assert question.startswith("Cuéntanos algo de ti")


@pytest.mark.parametrize("said", ["nothing its fine", "nada, todo bien", "nada, ta certo", "no"])
async def test_nothing_to_change_leads_back_to_the_review(town: BotHarness, said: str) -> None:
    await fill_in(town, JOHN)
    await town.tap("consent.change", JOHN)
    [review] = await town.say(said, JOHN)
    assert ANSWERS[JOHN][1] in shown(review).values()


async def test_the_answers_are_shown_once(town: BotHarness) -> None:
    await fill_in(town, JOHN)
    [again] = await town.say("purple elephants", JOHN)
    assert again == (
        "I'm not sure what you mean by “purple elephants”. If one of your answers is wrong, just"
        " tell me which one.\n\nMay we store the answers above to register you?"
    )
    assert "registered" in (await town.say("yeh all good", JOHN))[0]


async def test_no_with_what_to_change_refuses_nothing(town: BotHarness) -> None:
    await fill_in(town, ANA)
    [question] = await town.say("no, cambia el nombre", ANA)
    assert question == "¿Cuál es tu nombre completo?"
    [question] = await town.say("oye no, la fecha", ANA)
    assert question.startswith("¿Cuándo naciste?")


async def test_another_flow_instead_is_no_description(town: BotHarness) -> None:
    await fill_in(town, JOHN, most=5)
    [asked] = await town.say("wait no can i just do the open day one instead", JOHN)
    assert asked.startswith("Let's finish this first, or send *cancel*.")


async def test_a_refusal_with_a_word_of_the_yes_is_one(town: BotHarness) -> None:
    await fill_in(town, ANA)
    [refused] = await town.say("no estoy de acuerdo", ANA)
    assert refused.startswith("Entendido. Sin tu autorización")
