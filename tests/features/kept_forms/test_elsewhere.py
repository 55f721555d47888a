"""Nobody is held in a form: what was answered waits, and people are led back to it."""

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness

BRAZIL = "5511987654321"
#: Words in a language: what starts the registration, what asks for the menu, for events, and back.
SPOKEN = {
    JOHN: ("register", "menu", "events", "continue", "What is its number?", "I have kept"),
    ANA: ("registrarme", "menú", "eventos", "continuar", "¿Cuál es el número", "Guardé tus"),
    BRAZIL: ("cadastro", "menu", "eventos", "continuar", "Qual é o número", "Guardei suas"),
}


async def begin(town: BotHarness, who: str) -> None:
    passport = "passport" if who == JOHN else "pasaporte" if who == ANA else "passaporte"
    for said in (SPOKEN[who][0], "Ana Gómez", passport):
        await town.say(said, who)


@pytest.mark.parametrize("who", SPOKEN)
async def test_the_menu_has_a_way_back(town: BotHarness, who: str) -> None:
    _, menu, _, go_on, number, kept = SPOKEN[who]
    await begin(town, who)
    [shown] = await town.say(menu, who)
    assert shown.startswith(kept)
    assert town.choices(who)[-1]["id"] == "exit.kept_form"
    [asked] = await town.tap("kept_form", who)
    assert asked.startswith(number)
    await town.say(menu, who)
    [asked] = await town.say(go_on, who)
    assert asked.startswith(number)


@pytest.mark.parametrize("who", SPOKEN)
async def test_another_flow_is_followed_by_the_question(town: BotHarness, who: str) -> None:
    await begin(town, who)
    [asked] = await town.say(SPOKEN[who][2], who)
    assert "event" in asked.lower()
    *_, described = await town.say("2", who)
    assert SPOKEN[who][4] in described


@pytest.mark.parametrize("said", ["workshop", "open day"])
async def test_a_flow_that_ends_at_once_offers_the_form(town: BotHarness, said: str) -> None:
    await begin(town, JOHN)
    *_, offered = await town.say(said, JOHN)
    assert offered.startswith("I have kept your answers")
    assert await town.tap("kept_form", JOHN) == ["What is its number?"]


@pytest.mark.parametrize("said", ["back", "go back", "back to the form", "finish my registration"])
async def test_ways_back(town: BotHarness, said: str) -> None:
    await begin(town, JOHN)
    await town.say("menu", JOHN)
    assert await town.say(said, JOHN) == ["What is its number?"]


async def test_the_form_is_asked_for_again_and_may_start_again(town: BotHarness) -> None:
    await begin(town, JOHN)
    await town.say("menu", JOHN)
    [offered] = await town.say("register", JOHN)
    assert offered == "We were at *Document number*. Shall we go on?"
    assert await town.say("start again", JOHN) == ["What is your full name?"]


async def test_the_menu_from_within_the_other_flow(town: BotHarness) -> None:
    await begin(town, JOHN)
    await town.say("events", JOHN)
    await town.say("menu", JOHN)
    assert await town.say("continue", JOHN) == ["What is its number?"]


async def test_a_form_that_waits_can_be_cancelled(town: BotHarness) -> None:
    await begin(town, JOHN)
    await town.say("menu", JOHN)
    [told] = await town.say("cancel", JOHN)
    assert told.startswith("Cancelled.")
    assert await town.say("register", JOHN) == ["What is your full name?"]


async def test_a_question_that_interrupts_ends_with_the_menu(town: BotHarness) -> None:
    await town.say("hello", JOHN)
    await town.say("delete my data", JOHN)
    [told] = await town.say("menu", JOHN)
    assert told.startswith("Cancelled. Your data was not deleted.")


@pytest.mark.parametrize(
    "said",
    ["help", "i dont understand", "what do i write here?", "what does this mean", "confused"],
)
async def test_help_explains_the_question(town: BotHarness, said: str) -> None:
    await begin(town, JOHN)
    await town.say("AB1020300", JOHN)
    [told] = await town.say(said, JOHN)
    assert told.startswith("To register you, and because the workshop is for ages 14 and up.")
    assert [one["id"] for one in town.choices(JOHN)[-2:]] == ["exit.back", "exit.cancel"]


@pytest.mark.parametrize(
    ("who", "said"), [(ANA, "no entiendo"), (BRAZIL, "como assim"), (ANA, "ayuda")]
)
async def test_help_in_other_languages(town: BotHarness, who: str, said: str) -> None:
    await begin(town, who)
    [told] = await town.say(said, who)
    assert told.count("\n\n") == 1
    assert SPOKEN[who][4] in told


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (JOHN, "actually id rather do this later"),
        (JOHN, "maybe later"),
        (JOHN, "gotta go"),
        (JOHN, "bye"),
        (ANA, "orita no puedo"),
        (ANA, "mejor después"),
        (ANA, "lo hago luego"),
        (ANA, "ahorita no puedo"),
        (BRAZIL, "depois eu faço"),
        (BRAZIL, "agora não dá"),
        (BRAZIL, "prefiro fazer isso mais tarde"),
    ],
)
async def test_a_form_that_is_put_off_waits(town: BotHarness, who: str, said: str) -> None:
    _, _, _, go_on, number, _ = SPOKEN[who]
    await begin(town, who)
    [told] = await town.say(said, who)
    assert f"*{go_on}*" in told
    assert [one["id"] for one in town.choices(who)[-1:]] == ["exit.kept_form"]
    [asked] = await town.say(go_on, who)
    assert asked.startswith(number)


async def test_a_form_without_answers_is_left(town: BotHarness) -> None:
    await town.say("register", JOHN)
    [told] = await town.say("maybe later", JOHN)
    assert told.startswith("No problem, whenever you like.")


async def test_what_an_older_menu_promises_happens_in_a_form(town: BotHarness) -> None:
    await town.say("topics", JOHN)
    await begin(town, JOHN)
    card, question = await town.tap("contact_card", JOHN)
    assert (card, question) == ("[contacts]", "What is its number?")
    [asked] = await town.tap("topics.events", JOHN)
    assert asked.startswith("Which event")
    *_, question = await town.tap("workshop", JOHN)
    assert question.endswith("What is its number?")
    *_, question = await town.tap("open_day", JOHN)
    assert question.endswith("What is its number?")


async def test_a_language_is_chosen_in_a_form(town: BotHarness) -> None:
    await town.say("topics", JOHN)
    await begin(town, JOHN)
    [shown] = await town.tap("topics.language", JOHN)
    assert shown.startswith("I have kept your answers")
    assert await town.tap("choose_language.es", JOHN) == [
        "Sigamos en español.",
        "¿Cuál es el número de tu documento?",
    ]


async def test_another_menu_long_after_leads_to_no_form(town: BotHarness) -> None:
    await town.say("topics", JOHN)
    await begin(town, JOHN)
    await town.say("menu", JOHN)
    await town.wait(3600, JOHN)
    *_, shown = await town.tap("contact_card", JOHN)
    assert shown.startswith("Hello!")


async def test_buttons_for_members_lead_back_to_the_registration(town: BotHarness) -> None:
    await town.say("topics", JOHN)
    await begin(town, JOHN)
    [told] = await town.tap("topics.edit_profile", JOHN)
    assert told.startswith("You are not registered yet")
    assert told.endswith("What is its number?")
    [told] = await town.tap("topics.human", JOHN)
    assert told.endswith("What is its number?")


async def test_an_older_button_of_the_form_goes_on_with_it(town: BotHarness) -> None:
    for said in ("topics", "register", "Ana Gómez"):
        await town.say(said, JOHN)
    await town.tap("topics.events", JOHN)
    assert await town.tap("id_type.PASSPORT", JOHN) == ["What is its number?"]
    await town.say("maybe later", JOHN)
    [corrected] = await town.tap("id_type.CC", JOHN)
    assert corrected.endswith("What is its number?")
