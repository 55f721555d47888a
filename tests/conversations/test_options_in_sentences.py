"""Words that say nothing else choose an option; other sentences are answered or asked back."""

import pytest
from tests.fakes.bot import BotHarness

PEOPLE = {"en": "447700900123", "es": "573001112233", "pt": "5511987654321"}
STARTS = {
    "en": ("register", "Grace Hopper"),
    "es": ("registrarme", "Ana Pérez"),
    "pt": ("cadastro", "Bruna Souza"),
}
NUMBER = {"en": "What is its number?", "es": "¿Cuál es el número", "pt": "Qual é o número"}
MEANT = {
    "en": "Do you mean *Passport*?",
    "es": "¿Te refieres a *Pasaporte*?",
    "pt": "Você quer dizer *Passaporte*?",
}


async def reach_document(town: BotHarness, language: str) -> None:
    for said in STARTS[language]:
        await town.say(said, PEOPLE[language])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "I'll go with passport mate"),
        ("en", "my nigerian passport"),
        ("en", "passport, hurry up"),
        ("es", "ando con pasaporte nomás"),
        ("es", "me quedo con el pasaporte"),
        ("pt", "fico com o passaporte mesmo"),
        ("pt", "passaporte brasileiro"),
    ],
)
async def test_words_around_an_option_choose_it(town: BotHarness, language: str, said: str) -> None:
    await reach_document(town, language)
    [asked] = await town.say(said, PEOPLE[language])
    assert asked.startswith(NUMBER[language]), asked


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "why you are asking only passport"),
        ("en", "is passport better than the id"),
        ("en", "my passport expired last week"),
        ("en", "anything but passport"),
        ("en", "i dont think i have a passport"),
        ("es", "por qué solo pasaporte"),
        ("es", "me robaron el pasaporte"),
        ("es", "el pasaporte es carísimo"),
        ("pt", "minha mulher tem passaporte"),
        ("pt", "tô tirando o passaporte"),
    ],
)
async def test_a_sentence_about_an_option_does_not_choose_it(
    town: BotHarness, language: str, said: str
) -> None:
    await reach_document(town, language)
    [asked] = await town.say(said, PEOPLE[language])
    assert not asked.startswith(NUMBER[language]), asked


@pytest.mark.parametrize(
    ("language", "said", "yes", "no"),
    [
        ("en", "they only gave me a passport back then", "yes", "no"),
        ("es", "me dieron pasaporte hace poco", "sí", "no"),
        ("pt", "me deram passaporte faz pouco", "sim", "não"),
    ],
)
async def test_an_option_beside_other_things_is_asked_about(
    town: BotHarness, language: str, said: str, yes: str, no: str
) -> None:
    who = PEOPLE[language]
    await reach_document(town, language)
    assert await town.say(said, who) == [MEANT[language]]
    [again] = await town.say(no, who)
    assert again != MEANT[language]
    await town.say(said, who)
    [asked] = await town.say(yes, who)
    assert asked.startswith(NUMBER[language]), asked


@pytest.mark.parametrize("said", ["my passport is AB123456", "passport, AB123456"])
async def test_an_option_beside_the_next_answer_is_chosen(town: BotHarness, said: str) -> None:
    await reach_document(town, "en")
    [asked] = await town.say(said, PEOPLE["en"])
    assert asked.startswith("When were you born?")


@pytest.mark.parametrize("name", ["Perez", "Parra", "perez"])
async def test_a_last_name_that_is_nearly_a_word_is_a_name(town: BotHarness, name: str) -> None:
    for said in ("registrarme", "Juan", name):
        [asked] = await town.say(said, PEOPLE["es"])
    assert asked.startswith("¿Qué documento"), asked


async def test_later_is_no_last_name(town: BotHarness) -> None:
    for said in ("registrarme", "Juan", "luego t digo"):
        [asked] = await town.say(said, PEOPLE["es"])
    assert asked.endswith("Gracias, Juan. ¿Y tu apellido?")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("no kiero desir", "Este dato no lo puedo dejar en blanco"),
        (
            "soy menor de edad, tengo 15",
            "Es para tu registro, y porque el taller es desde los 14 años",
        ),
        ("5 d mayo 1988", "Cuéntanos algo de ti"),
    ],
)
async def test_what_is_said_instead_of_a_date(town: BotHarness, said: str, answer: str) -> None:
    await reach_document(town, "es")
    for one in ("pasaporte", "AB123456"):
        await town.say(one, PEOPLE["es"])
    [asked] = await town.say(said, PEOPLE["es"])
    assert asked.startswith(answer), asked


@pytest.mark.parametrize("said", ["quiero corregir mi cedula", "kiero cambiar mi pasaporte"])
async def test_who_is_registered_names_what_to_change(town: BotHarness, said: str) -> None:
    await reach_document(town, "es")
    for one in ("pasaporte", "AB123456", "25/12/1990", "nada", "sí"):
        await town.say(one, PEOPLE["es"])
    [asked] = await town.say(said, PEOPLE["es"])
    assert asked == "¿Cuál es el número de tu documento?"
