"""People are answered in the language that they write in, whatever their number suggests."""

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness

BRUNA = "5511987654321"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("¿cuánto cuesta el taller?", "El taller cuesta 40.000"),
        ("quiero registrarme por favor", "¿Cuál es tu nombre completo?"),
        ("¿eres un bot o una persona?", "Soy un bot"),
        ("quero me cadastrar por favor", "Qual é o seu nome completo?"),
        ("vocês abrem aos sábados?", "no primeiro sábado"),
    ],
)
async def test_a_sentence_is_answered_in_its_language(
    town: BotHarness, said: str, answer: str
) -> None:
    [told] = await town.say(said, JOHN)
    assert answer in told


async def test_a_word_that_only_english_has_is_answered_in_english(town: BotHarness) -> None:
    assert await town.say("register", ANA) == ["What is your full name?"]


async def test_a_stop_in_words_is_confirmed_in_its_language(town: BotHarness) -> None:
    [told] = await town.say("no me escriban más por favor", JOHN)
    assert "Envía *ALTA*" in told


async def test_an_answer_in_a_form_changes_the_language(town: BotHarness) -> None:
    for text in ("register", "Juan de la Cruz", "passport", "AB1020300"):
        await town.say(text, JOHN)
    [question] = await town.say("25/12/1990", JOHN)
    assert question.startswith("Tell us")
    [review] = await town.say("Me gusta la cerámica y quiero aprender más", JOHN)
    assert "Fecha de nacimiento" in review


async def test_names_change_nothing(town: BotHarness) -> None:
    await town.say("register", JOHN)
    [question] = await town.say("María de los Ángeles de la Cruz", JOHN)
    assert question == "Which identity document do you have?"


async def test_a_followed_language_is_no_choice(town: BotHarness) -> None:
    await town.say("hola", JOHN)
    [told] = await town.say("Sorry, I want to register please", JOHN)
    assert told == "What is your full name?"


async def test_a_chosen_language_stays(town: BotHarness) -> None:
    await town.say("English please", JOHN)
    [told] = await town.say("quiero registrarme por favor", JOHN)
    assert told == "What is your full name?"


async def test_thanks_in_another_language_change_nothing(town: BotHarness) -> None:
    await town.say("hi", JOHN)
    assert await town.say("gracias", JOHN) == ["¡Con gusto!"]
    [menu] = await town.say("menu", JOHN)
    assert menu.startswith("Hello")


async def test_english_from_a_number_that_suggests_spanish(town: BotHarness) -> None:
    await town.say("hola", ANA)
    [told] = await town.say("I would like to know the price of the workshop", ANA)
    assert "costs" in told
    assert (await town.user(ANA)).language == "en"


@pytest.mark.parametrize(
    ("who", "first", "words", "asked"),
    [
        (ANA, "hola", ("register", "ok", "hello", "John Smith"), "¿Qué documento"),
        (ANA, "quiero informacion", ("register", "John Smith"), "¿Qué documento"),
        (BRUNA, "oi", ("hola", "register", "ok", "John Smith"), "Qual documento"),
        (JOHN, "hi", ("hola", "registrarme", "Juan Ruiz"), "Which identity document"),
    ],
)
async def test_one_word_of_another_language_changes_nothing(
    town: BotHarness, who: str, first: str, words: tuple[str, ...], asked: str
) -> None:
    for said in (first, *words):
        [*_, question] = await town.say(said, who)
    assert question.startswith(asked)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("in english pls", "Let's continue in English.\n\nTell us"),
        ("puede ser en español", "Sigamos en español.\n\nCuéntanos"),
        ("en español por favor", "Sigamos en español.\n\nCuéntanos"),
        ("pode ser em português?", "Vamos continuar em português.\n\nConte"),
        ("english", "Let's continue in English.\n\nTell us"),
    ],
)
@pytest.mark.parametrize("who", [ANA, JOHN, BRUNA])
async def test_a_language_is_named_where_any_text_is_an_answer(
    town: BotHarness, who: str, said: str, told: str
) -> None:
    starts = {ANA: "registrarme", JOHN: "register", BRUNA: "quero me cadastrar"}
    for text in (starts[who], "Juan de la Cruz", "CC", "1020300", "25/12/1990"):
        await town.say(text, who)
    [question] = await town.say(said, who)
    assert question.startswith(told)
