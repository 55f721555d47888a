"""People refer to what was described last: "sign me up for that"."""

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness

BRAZIL = "5511987654321"
ANSWERS = ("Ana Gómez", "1", "AB1020300", "25/12/1990", "Bots, música y libros", "1")
SAID = {
    JOHN: (
        *(
            "sign me up for that",
            "sign me up",
            "im in",
            "count me in",
            "i want to go",
            "book me in",
        ),
        *("can i join?", "put me down for it", "how do i sign up for that", "id like to come"),
    ),
    ANA: (
        *("apuntame", "apúntame a ese", "me apunto", "anotame", "quiero ir", "inscríbeme en eso"),
        *("cómo me apunto?", "resérvame un cupo", "me interesa ese", "cuenten conmigo"),
    ),
    BRAZIL: (
        *("me inscreve nessa", "quero ir", "inscreve-me nisso", "quero participar", "tô dentro"),
        *("como faço pra participar?", "reserva minha vaga", "me coloca na lista", "eu vou"),
    ),
}
LINES = [(who, said) for who, lines in SAID.items() for said in lines]
EVENTS = {JOHN: "events", ANA: "eventos", BRAZIL: "eventos"}
NAME = {JOHN: "What is your full name?", ANA: "¿Cuál es tu nombre completo?"}
FREE = {JOHN: "There is no need to sign up", ANA: "Las puertas abiertas no", BRAZIL: "As portas"}
MEMBER = {JOHN: "You are registered", ANA: "Ya tienes tu registro", BRAZIL: "Seu cadastro está"}
START = {JOHN: "register", ANA: "registrarme", BRAZIL: "cadastro"}


@pytest.mark.parametrize(("who", "said"), LINES)
async def test_the_workshop_needs_a_registration(town: BotHarness, who: str, said: str) -> None:
    await town.say(EVENTS[who], who)
    await town.say("2", who)
    [asked] = await town.say(said, who)
    assert asked == NAME.get(who, "Qual é o seu nome completo?")


@pytest.mark.parametrize(("who", "said"), LINES)
async def test_the_open_day_needs_none(town: BotHarness, who: str, said: str) -> None:
    await town.say(EVENTS[who], who)
    await town.say("1", who)
    [told] = await town.say(said, who)
    assert told.startswith(FREE[who])


@pytest.mark.parametrize("who", START)
async def test_members_are_in_already(town: BotHarness, who: str) -> None:
    for said in (START[who], *ANSWERS, EVENTS[who], "2"):
        await town.say(said, who)
    [told] = await town.say(SAID[who][0], who)
    assert told.startswith(MEMBER[who])


async def test_without_anything_described_it_starts_the_registration(town: BotHarness) -> None:
    assert await town.say("sign me up for that", JOHN) == [NAME[JOHN]]


async def test_later_it_means_nothing_of_that_kind(town: BotHarness) -> None:
    await town.say("open day", JOHN)
    await town.wait(13 * 3600, JOHN)
    assert await town.say("sign me up for that", JOHN) == [NAME[JOHN]]
