"""Several answers in one message, and values that are named in a sentence."""

from typing import Any

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness

from flow_engine import Turn
from flow_engine.advance import advance

BRUNA = "5511987654321"


@pytest.mark.parametrize(
    ("who", "start", "said", "asked"),
    [
        (JOHN, "register", "Thomas O'Neil passport", "What is its number?"),
        (JOHN, "register", "Thomas O'Neil, passport AB1020300", "When were you born?"),
        (JOHN, "register", "Thomas O'Neil passport AB1020300", "When were you born?"),
        (JOHN, "register", "Ana Maria Gomez CC 1020300, 3 May 1990", "Tell us a little"),
        (ANA, "registrarme", "Ana Gómez Ruiz pasaporte", "¿Cuál es el número"),
        (BRUNA, "cadastrar", "Bruna Souza passaporte", "Qual é o número dele?"),
    ],
)
async def test_a_name_and_a_document_in_one_breath(
    town: BotHarness, who: str, start: str, said: str, asked: str
) -> None:
    await town.say(start, who)
    [question] = await town.say(said, who)
    assert question.startswith(asked)


@pytest.mark.parametrize("text", ["dance in the park ", "a, ", "passport and ", "12 yes "])
async def test_a_message_of_thousands_of_words_is_compared_so_many_times(
    town: BotHarness, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Each comparison holds everybody up, and their number must not grow with the square."""
    tried = 0

    def counted(*given: Any) -> Turn:
        nonlocal tried
        tried += 1
        return advance(*given)

    monkeypatch.setattr("services.conversations.further_answers.advance", counted)
    for said in ("register", "Grace Hopper", "passport", "AB1020300", "25/12/1990"):
        await town.say((text * 1000)[:4096], JOHN)
        await town.say(said, JOHN)
    [refused] = await town.say((text * 1000)[:4096], JOHN)
    assert refused.startswith("Please write a word or more, up to 1,000 characters.")
    assert tried < 300


@pytest.mark.parametrize("name", ["Ana Maria Gomez", "Thomas O'Neil Jr", "Maria de la Cruz"])
async def test_a_name_alone_is_taken_whole(town: BotHarness, name: str) -> None:
    await town.say("register", JOHN)
    assert await town.say(name, JOHN) == ["Which identity document do you have?"]


async def register(town: BotHarness) -> list[str]:
    for said in ("register", "Grace Hopper", "passport", "AB1020300", "25/12/1990"):
        await town.say(said, JOHN)
    return await town.say("I like workshops and music", JOHN)


@pytest.mark.parametrize(
    "said",
    [
        "my name is Grace Murray Hopper",
        "my name should be Grace Murray Hopper",
        "change my name to Grace Murray Hopper",
    ],
)
async def test_a_name_in_a_sentence_is_not_lost_at_what_would_you_like_to_change(
    town: BotHarness, said: str
) -> None:
    await register(town)
    await town.say("change", JOHN)
    [review] = await town.say(said, JOHN)
    assert review.startswith("Corrected.")
    assert "*Name:* Grace Murray Hopper\n" in review
    await town.say("yes", JOHN)
    for sentence in ("edit my data", said.replace("Murray ", "Brewster ")):
        await town.say(sentence, JOHN)
    assert (await town.user(JOHN)).full_name == "Grace Brewster Hopper"


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("wait the date is wrong", "When were you born?"),
        ("the number is wrong", "What is its number?"),
        ("the name is wrong", "What is your full name?"),
    ],
)
async def test_what_is_wrong_is_asked_again(town: BotHarness, said: str, asked: str) -> None:
    await register(town)
    [question] = await town.say(said, JOHN)
    assert question.startswith(asked)


async def test_a_change_is_asked_for_and_told_in_one_sentence(town: BotHarness) -> None:
    await register(town)
    await town.say("yes", JOHN)
    [done] = await town.say("change my name to Grace Murray Hopper", JOHN)
    assert done.startswith("Done, Grace!")
    assert (await town.user(JOHN)).full_name == "Grace Murray Hopper"
    [asked] = await town.say("change my name", JOHN)
    assert asked == "What is your full name?"


async def test_in_a_form_too(town: BotHarness) -> None:
    await town.say("register", JOHN)
    await town.say("Grace Hopper", JOHN)
    [asked] = await town.say("please change my name to Grace Murray Hopper", JOHN)
    assert asked.startswith("Corrected.")


@pytest.mark.parametrize(
    ("who", "start", "answers", "said"),
    [
        (
            *(JOHN, "register", ("Grace Hopper", "passport", "AB1020300", "25/12/1990")),
            "nah changed my mind, forget it",
        ),
        (
            *(ANA, "registrarme", ("Ana Gómez", "pasaporte", "AB1020300", "25/12/1990")),
            "no, mejor no, dejémoslo así",
        ),
        (
            *(BRUNA, "cadastrar", ("Bruna Souza", "passaporte", "AB1020300", "25/12/1990")),
            "ah não quero mais, deixa pra lá",
        ),
    ],
)
async def test_a_change_of_mind_is_no_text_about_oneself(
    town: BotHarness, who: str, start: str, answers: tuple[str, ...], said: str
) -> None:
    for one in (start, *answers):
        await town.say(one, who)
    [left] = await town.say(said, who)
    assert left.split(".")[0] in ("Cancelled", "Cancelado")
