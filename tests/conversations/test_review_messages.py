"""What people write where all answers are shown is taken, or asked back in their own words."""

import pytest
from tests.conversations.test_corrections_at_the_end import BRUNA, CHANGE, fill_in, shown
from tests.fakes.bot import ANA, JOHN, BotHarness

BIRTH = {JOHN: "Birth date", ANA: "Fecha de nacimiento", BRUNA: "Data de nascimento"}


@pytest.mark.parametrize(
    ("who", "said", "answer"),
    [
        (BRUNA, "tá errado, nasci em 97", "25 de dezembro de 1997"),
        (BRUNA, "é dia 26, não 25", "26 de dezembro de 1990"),
        (ANA, "el año es 97, no 90", "25 de diciembre de 1997"),
        (ANA, "nací en noviembre no en diciembre", "25 de noviembre de 1990"),
        (JOHN, "its the 26th not the 25th", "26 December 1990"),
        (JOHN, "can you change the year to 1997?", "25 December 1997"),
        (JOHN, "born in '97", "25 December 1997"),
    ],
)
@pytest.mark.parametrize("is_listed", [False, True])
async def test_a_part_of_a_date_is_changed(
    town: BotHarness, who: str, said: str, answer: str, is_listed: bool
) -> None:
    await fill_in(town, who)
    if is_listed:
        await town.tap("consent.change", who)
    [review] = await town.say(said, who)
    assert shown(review)[BIRTH[who]] == answer, review


@pytest.mark.parametrize(
    ("who", "said", "changed"),
    [
        (ANA, "en verdad me llamo Catalina Andrea", {"Nombre": "Catalina Andrea"}),
        (ANA, "es Gomes", {"Nombre": "Ana Gomes"}),
        (ANA, "puse cédula pero es pasaporte", {"Documento": "Pasaporte"}),
        (ANA, "el número termina en 88", {"Número de documento": "1020388"}),
        (JOHN, "wrong, AB1020301", {"Document number": "AB1020301"}),
        (
            BRUNA,
            "meu nome é Bruna Sousa e nasci em 97",
            {"Nome": "Bruna Sousa", "Data de nascimento": "25 de dezembro de 1997"},
        ),
    ],
)
async def test_other_answers_are_taken(
    town: BotHarness, who: str, said: str, changed: dict[str, str]
) -> None:
    await fill_in(town, who)
    [review] = await town.say(said, who)
    assert changed.items() <= shown(review).items(), review


@pytest.mark.parametrize(
    ("who", "said", "asked"),
    [
        (JOHN, "thats not my bday", "When were you born?"),
        (ANA, "esa no es mi fecha", "¿Cuándo naciste?"),
        (ANA, "kiero cambiar el numero", "¿Cuál es el número de tu documento?"),
        (BRUNA, "nasci em 05", "Quando você nasceu?"),
    ],
)
async def test_what_is_called_wrong_is_asked(
    town: BotHarness, who: str, said: str, asked: str
) -> None:
    await fill_in(town, who)
    [question] = await town.say(said, who)
    assert question.startswith(asked), question


@pytest.mark.parametrize("is_listed", [False, True])
async def test_what_is_not_given_is_needed(town: BotHarness, is_listed: bool) -> None:
    await fill_in(town, ANA)
    if is_listed:
        await town.tap("consent.change", ANA)
    [answer] = await town.say("no kiero dar mi fecha", ANA)
    assert answer.startswith("Este dato no lo puedo dejar en blanco"), answer


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (ANA, "no, ni en pedo les doy eso"),
        (JOHN, "no way am i giving u that"),
        (JOHN, "my cousin told me to come"),
        (BRUNA, "não foi isso que eu falei"),
    ],
)
@pytest.mark.parametrize("is_listed", [False, True])
async def test_what_is_not_taken_is_said_back(
    town: BotHarness, who: str, said: str, is_listed: bool
) -> None:
    await fill_in(town, who)
    if is_listed:
        await town.tap("consent.change", who)
    [asked] = await town.say(said, who)
    assert said in asked, asked
    assert (await town.user(who)).full_name is None


@pytest.mark.parametrize(
    ("who", "wrong", "yes"),
    [
        (BRUNA, "tem algo errado aí", "sim pode guardar"),
        (BRUNA, "não foi isso que eu falei", "pode guardar"),
        (ANA, "algo está mal", "sí, guárdalas"),
        (ANA, "nono", "todo bien"),
        (JOHN, "that is wrong", "yes, store them"),
    ],
)
async def test_what_was_called_wrong_is_shown_before_a_yes_stores_it(
    town: BotHarness, who: str, wrong: str, yes: str
) -> None:
    await fill_in(town, who)
    await town.say(wrong, who)
    [review] = await town.say(yes, who)
    assert shown(review) != {}, review
    assert (await town.user(who)).full_name is None
    await town.say(yes, who)
    assert (await town.user(who)).full_name is not None


@pytest.mark.parametrize(
    "said", ["i registered in 2019 already", "we are 26 people", "is it in november?", "Marcos"]
)
async def test_numbers_and_months_of_something_else_change_nothing(
    town: BotHarness, said: str
) -> None:
    await fill_in(town, JOHN)
    before = shown((await town.say("change", JOHN) and await town.say("back", JOHN))[0])
    await town.say(said, JOHN)
    await town.say("change", JOHN)
    [review] = await town.say("back", JOHN)
    assert shown(review) == before


async def test_nothing_is_asked_back_of_a_plain_no_in_a_list(town: BotHarness) -> None:
    await fill_in(town, JOHN)
    await town.tap("consent.change", JOHN)
    [asked] = await town.say("that one there", JOHN)
    assert asked.endswith(CHANGE[JOHN])
