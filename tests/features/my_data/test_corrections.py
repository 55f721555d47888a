"""People who are registered say what is wrong, in their own words, and far from the form."""

import pytest
from tests.fakes.bot import BotHarness

KWAME, NICO = "447700900123", "573001112233"
REGISTERED = {
    KWAME: (
        *("register", "Kwame Mensah", "passport", "K1234567", "12 may 90"),
        *("i am a plumber from leeds", "yes"),
    ),
    NICO: (
        *("registrarme", "Nico Fuentes", "pasaporte", "F12345678", "14 de marzo de 1988"),
        *("soy electricista y me gusta el mate", "si"),
    ),
}


async def register(town: BotHarness, who: str) -> None:
    for words in REGISTERED[who]:
        await town.say(words, who)
    assert (await town.user(who)).is_registered


@pytest.mark.parametrize(
    ("who", "said", "field", "value"),
    [
        (NICO, "el pasaporte esta malo, es F99345678", "id_number", "F99345678"),
        (NICO, "ah espere el año es 89 no 88", "birth_date", "1989-03-14"),
        (KWAME, "wait its 1991 not 1990", "birth_date", "1991-05-12"),
        (KWAME, "my surname is Boateng not Mensah", "full_name", "Kwame Boateng"),
    ],
)
async def test_an_answer_that_is_denied_is_replaced(
    town: BotHarness, who: str, said: str, field: str, value: str
) -> None:
    await register(town, who)
    await town.say(said, who)
    assert (await town.user(who)).answer(field) == value


@pytest.mark.parametrize(
    ("who", "said", "asked"),
    [
        (NICO, "quiero cambiar el número del pasaporte", "número de tu documento"),
        (NICO, "mentira el pasaporte es AX998878", "número de tu documento"),
        (KWAME, "my passport number is wrong, it is Z4455668, kindly correct", "document"),
        (KWAME, "my birthday is wrong", "When were you born?"),
        (KWAME, "my name is spelled wrong", "full name"),
    ],
)
async def test_what_is_wrong_and_not_told_for_sure_is_asked(
    town: BotHarness, who: str, said: str, asked: str
) -> None:
    await register(town, who)
    [question] = await town.say(said, who)
    assert asked in question
    await town.say("cancel", who)
    user = await town.user(who)
    assert user.answer("id_number") in ("K1234567", "F12345678")
    assert user.full_name in ("Kwame Mensah", "Nico Fuentes")


@pytest.mark.parametrize(
    "said",
    [
        *("can you change the date to 5 may", "change it to 5 may", "my mate was born in 1991"),
        *("Ana Perez", "AB998877", "i love my passport", "is a passport ok?", "12 may 1991"),
    ],
)
async def test_what_is_about_something_else_changes_nothing(town: BotHarness, said: str) -> None:
    await register(town, KWAME)
    before = await town.user(KWAME)
    await town.say(said, KWAME)
    after = await town.user(KWAME)
    fields = ("full_name", "id_number", "birth_date", "about")
    assert [after.answer(one) for one in fields] == [before.answer(one) for one in fields]


async def test_who_is_not_registered_corrects_nothing(town: BotHarness) -> None:
    [said] = await town.say("my passport number is wrong", KWAME)
    assert "What is the number" not in said
