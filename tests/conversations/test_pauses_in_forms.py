"""What people say of a question that answers it never: they wait, or ask what they may choose."""

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness

BRUNA = "5511987654321"
#: What people answer, one question after the other.
ANSWERS = {
    JOHN: ("register", "Grace Hopper", "passport", "AB1020300", "3 may 1990", "skip"),
    ANA: ("registrarme", "Ana Gómez", "cc", "1020300", "3 mayo 1990", "omitir"),
    BRUNA: ("quero me cadastrar", "Bruna Souza", "passaporte", "AB1020300", "3 maio 1990", "pular"),
}
TAKE_YOUR_TIME = {
    JOHN: "Sure, take your time.",
    ANA: "Claro, tómate tu tiempo.",
    BRUNA: "Claro, sem pressa.",
}
DOCUMENTS = {
    JOHN: "We accept three documents",
    ANA: "Aceptamos tres documentos",
    BRUNA: "Aceitamos três documentos",
}


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (
            JOHN,
            ("hang on getting it", "one sec", "dont know it by heart", "gotta grab my passport"),
        ),
        (ANA, ("no me lo sé de memoria", "espera lo busco", "un toque", "ahorita te digo")),
        (BRUNA, ("peraí", "vou pegar", "não sei de cabeça", "pera ai que vou pegar")),
    ],
)
async def test_a_pause_is_no_answer_at_any_question(
    town: BotHarness, who: str, said: tuple[str, ...]
) -> None:
    for place, answer in enumerate(ANSWERS[who]):
        [question] = await town.say(answer, who)
        for one in said[place % 2 :: 2]:
            [told] = await town.say(one, who)
            assert told == f"{TAKE_YOUR_TIME[who]}\n\n{question}", one


@pytest.mark.parametrize(
    ("who", "asked"),
    [
        (JOHN, ("what id do you accept", "which documents", "wat docs u accept")),
        (ANA, ("que documentos aceptan", "cuales documentos sirven", "q documentos")),
        (BRUNA, ("quais documentos", "que documento vcs aceitam", "quais tipos de documento")),
    ],
)
async def test_what_may_be_chosen_is_told_at_any_question(
    town: BotHarness, who: str, asked: tuple[str, ...]
) -> None:
    for place, answer in enumerate(ANSWERS[who]):
        [question] = await town.say(answer, who)
        [told] = await town.say(asked[place % 3], who)
        assert told.startswith(DOCUMENTS[who]), told
        assert told.endswith(question) or place == len(ANSWERS[who]) - 1


@pytest.mark.parametrize("said", ["passport", "the passport please", "i have a passport"])
async def test_a_named_option_is_chosen(town: BotHarness, said: str) -> None:
    for answer in ANSWERS[JOHN][:2]:
        await town.say(answer, JOHN)
    assert await town.say(said, JOHN) == ["What is its number?"]


async def test_a_pause_may_say_why(town: BotHarness) -> None:
    for answer in ANSWERS[JOHN][:2]:
        [question] = await town.say(answer, JOHN)
    [told] = await town.say("hold on, boss is calling", JOHN)
    assert told == f"{TAKE_YOUR_TIME[JOHN]}\n\n{question}"
