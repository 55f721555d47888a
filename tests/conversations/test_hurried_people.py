"""People in a hurry: short forms, questions left out, parts of answers, and a change of mind."""

import pytest
from tests.fakes.bot import BotHarness

PEOPLE = {"en": "447700900123", "es": "573001112233", "pt": "5511987654321"}
#: What leads to the question about oneself.
BEFORE = ("Grace Hopper", "passport", "AB123456", "25/12/1990")


async def reach_about(town: BotHarness, language: str) -> str:
    who = PEOPLE[language]
    await town.say({"en": "register", "es": "registrarme", "pt": "cadastro"}[language], who)
    for answer in BEFORE:
        said = await town.say(answer, who)
    assert [one["title"] for one in town.choices(who)][-1] in ("Skip", "Saltar", "Pular")
    return said[-1]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "skip"),
        ("en", "no i dont want to tell u"),
        ("en", "no idea"),
        ("es", "paso"),
        ("es", "nada"),
        ("es", "prefiero no decirlo"),
        ("pt", "pular"),
        ("pt", "sei lá"),
    ],
)
async def test_a_question_may_be_left_out_in_words(
    town: BotHarness, language: str, said: str
) -> None:
    await reach_about(town, language)
    [review] = await town.say(said, PEOPLE[language])
    assert "Grace Hopper" in review
    assert "None" not in review
    assert said not in review


async def test_a_question_may_be_left_out_by_its_button(town: BotHarness) -> None:
    await reach_about(town, "en")
    [review] = await town.tap("about.skip", PEOPLE["en"])
    assert "*About you:*" not in review
    await town.tap("consent.yes", PEOPLE["en"])
    user = await town.user(PEOPLE["en"])
    assert user.is_registered
    assert user.about is None


@pytest.mark.parametrize("word", ["music", "designer", "cook"])
async def test_one_word_is_enough(town: BotHarness, word: str) -> None:
    await reach_about(town, "en")
    [review] = await town.say(word, PEOPLE["en"])
    assert f"*About you:* {word}" in review


@pytest.mark.parametrize("then", ["ab", "that's all", "yes", "skip"])
async def test_a_short_text_is_asked_for_once_more_and_then_taken(
    town: BotHarness, then: str
) -> None:
    await reach_about(town, "en")
    [refused] = await town.say("ab", PEOPLE["en"])
    assert refused.startswith("Please write a word or more")
    [review] = await town.say(then, PEOPLE["en"])
    assert "*About you:* ab" in review


async def test_a_question_that_is_needed_says_why(town: BotHarness) -> None:
    await town.say("register", PEOPLE["en"])
    [said] = await town.say("why do u need my name", PEOPLE["en"])
    assert said.startswith("So that we know who is coming")
    for answer in ("Grace Hopper", "passport"):
        await town.say(answer, PEOPLE["en"])
    [said] = await town.say("skip", PEOPLE["en"])
    assert said.startswith("I can't leave this one out, sorry. To register you")
    assert said.endswith("What is its number?")


async def test_two_choices_at_once_are_shown_and_any_other_one_still_counts(
    town: BotHarness,
) -> None:
    who = PEOPLE["es"]
    await town.say("registrarme", who)
    await town.say("Ana Pérez", who)
    before = len(town.choices(who))
    [asked] = await town.say("pasaporte y cédula", who)
    assert asked.startswith("De una en una")
    assert [one["title"] for one in town.choices(who)][before:] == ["Cédula (CC)", "Pasaporte"]
    [number] = await town.say("extranjería", who)
    assert number == "¿Cuál es el número de tu documento?"


async def test_the_rest_of_a_date_is_asked(town: BotHarness) -> None:
    who = PEOPLE["es"]
    for answer in ("registrarme", "Ana Pérez", "pasaporte", "AB123456"):
        await town.say(answer, who)
    assert await town.say("nací un 3 de marzo", who) == ["¿Y de qué año?"]
    [about] = await town.say("del 90", who)
    assert about.startswith("Cuéntanos")
    [review] = await town.say("paso", who)
    assert "3 de marzo de 1990" in review


@pytest.mark.needs("kept_forms")
async def test_nothing_is_lost_by_asking_for_something_else_at_the_first_question(
    town: BotHarness,
) -> None:
    who = PEOPLE["en"]
    await town.say("events", who)
    assert await town.say("actually i want to register", who) == ["What is your full name?"]
    await town.say("Grace Hopper", who)
    [asked] = await town.say("events", who)
    assert asked == "Which event interests you?"


@pytest.mark.parametrize("said", ["hi", "sorry i was busy", "go on", "ok", "what was the question"])
async def test_people_who_are_back_are_not_corrected(town: BotHarness, said: str) -> None:
    who = PEOPLE["en"]
    for answer in ("register", "Grace Hopper", "passport"):
        await town.say(answer, who)
    assert await town.say(said, who) == ["What is its number?"]


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("it's uh A B one two three four five", "AB12345"),
        ("é um dois três quatro cinco", "12345"),
        ("es el uno cero dos cero", "1020"),
        ("it is um AB12345", "AB12345"),
    ],
)
async def test_a_number_is_read_as_it_is_spoken(town: BotHarness, said: str, number: str) -> None:
    who = PEOPLE["en"]
    for answer in ("register", "Grace Hopper", "passport", said, "25/12/1990", "skip"):
        [told] = await town.say(answer, who)
    assert number in told.split("\n")[4]


@pytest.mark.parametrize(
    ("language", "said", "told"),
    [
        ("en", "i only have a driver's license", "Registering isn't possible"),
        ("en", "dont know", "Please choose one of these."),
        ("es", "tengo dni", "Aceptamos tres documentos"),
        ("es", "43 567 890", "Escribiste «43 567 890»."),
        ("pt", "só tenho RG", "Sem um destes três"),
    ],
)
async def test_what_is_no_option_is_explained_to_those_who_name_it(
    town: BotHarness, language: str, said: str, told: str
) -> None:
    who = PEOPLE[language]
    await town.say({"en": "register", "es": "registrarme", "pt": "cadastro"}[language], who)
    await town.say("Grace Hopper", who)
    [reply] = await town.say(said, who)
    assert reply.startswith(told)


REVIEWED = ("Grace Hopper", "passport", "AB123456", "25/12/1990", "skip")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("so am i in?", "You are not registered yet."),
        ("whats next", "This answer is still missing."),
        ("yea go", "You're registered."),
        ("ta thats right now x", "You're registered."),
        ("sisas", "You're registered."),
    ],
)
async def test_people_agree_in_their_own_words_or_ask_whether_they_are_done(
    town: BotHarness, said: str, told: str
) -> None:
    who = PEOPLE["en"]
    for answer in ("register", *REVIEWED):
        await town.say(answer, who)
    reply, *_ = await town.say(said, who)
    assert reply.startswith(told)


@pytest.mark.parametrize(
    ("language", "said", "told"),
    [
        ("en", "delete everything u have", "Delete all your data?"),
        ("es", "borra todo", "¿Borramos todos tus datos?"),
        ("pt", "apaga tudo por favor", "Apagamos todos os seus dados?"),
        ("en", "what do u have saved on me", "*What we keep about you*"),
        ("es", "que tienen guardado de mi", "*Lo que guardamos sobre ti*"),
        ("pt", "o que vcs tem guardado de mim", "*O que guardamos sobre você*"),
    ],
)
async def test_data_is_shown_and_deleted_in_peoples_own_words(
    town: BotHarness, language: str, said: str, told: str
) -> None:
    reply, *_ = await town.say(said, PEOPLE[language])
    assert reply.startswith(told)


@pytest.mark.parametrize("said", ["ill do it later, pause", "i'll come back later"])
async def test_a_form_waits_for_people_who_have_no_time(town: BotHarness, said: str) -> None:
    who = PEOPLE["en"]
    for answer in ("register", *REVIEWED[:2]):
        await town.say(answer, who)
    [reply] = await town.say(said, who)
    assert reply.startswith("No problem: your answers wait here")
    assert await town.say("continue", who) == ["What is its number?"]


UNDECIDED = ("ok wait", "ok?", "yes?", "sure hold on", "the first one")


@pytest.mark.parametrize("said", UNDECIDED)
async def test_nobody_agrees_by_words_that_decide_nothing(town: BotHarness, said: str) -> None:
    who = PEOPLE["en"]
    for answer in ("register", *REVIEWED):
        await town.say(answer, who)
    await town.say(said, who)
    assert not (await town.user(who)).is_registered


async def test_nothing_is_deleted_by_words_that_decide_nothing(town: BotHarness) -> None:
    who = PEOPLE["en"]
    for answer in ("register", *REVIEWED, "yes", "delete my data", *UNDECIDED):
        await town.say(answer, who)
    assert (await town.user(who)).is_registered
    await town.say("yes", who)
    assert not (await town.user(who)).is_registered
