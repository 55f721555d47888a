"""Something is wrong where all answers are shown, and what is asked instead of answered."""

from collections.abc import Mapping, Sequence

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness

BRUNA = "5511987654321"
#: What people answer up to the review, and how its question and that of a change begin.
ANSWERS = {
    JOHN: (
        "register",
        "Grace Hopper",
        "passport",
        "AB1020300",
        "25/12/1990",
        "I like music and dancing",
    ),
    ANA: ("registrarme", "Ana Gómez", "CC", "1020300", "25/12/1990", "Me gusta mucho la música"),
    BRUNA: ("cadastrar", "Bruna Souza", "CC", "1020300", "25/12/1990", "Gosto muito de música"),
}
CHANGE = {
    JOHN: "What would you like to change?",
    ANA: "¿Qué quieres cambiar?",
    BRUNA: "O que você quer mudar?",
}


async def fill_in(town: BotHarness, who: str, most: int = 6) -> None:
    for said in ANSWERS[who][:most]:
        await town.say(said, who)


def shown(text: str) -> Mapping[str, str]:
    """The answers of a review, by their labels."""
    lines = (line.partition(":* ") for line in text.splitlines() if line.startswith("*"))
    return {label.strip("*"): answer for label, _, answer in lines}


@pytest.mark.parametrize(
    ("who", "said", "label", "answer"),
    [
        (JOHN, "no my birthday is wrong its 2 may 1990", "Birth date", "2 May 1990"),
        (ANA, "no, me equivoqué, nací el 6 de mayo de 1990", "Fecha de nacimiento", "6 de mayo de"),
        (JOHN, "no, it's a foreigner id", "Document", "Foreigner ID"),
        (BRUNA, "não é CC, é passaporte", "Documento", "Passaporte"),
        (BRUNA, "o documento tá errado, é passaporte", "Documento", "Passaporte"),
        (JOHN, "no thats wrong, my name is Wesley Hart", "Name", "Wesley Hart"),
    ],
)
async def test_a_no_with_a_correction_corrects(
    town: BotHarness, who: str, said: str, label: str, answer: str
) -> None:
    await fill_in(town, who)
    [review] = await town.say(said, who)
    assert shown(review)[label].startswith(answer), review


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (JOHN, "no thats wrong"),
        (JOHN, "no, something is wrong"),
        (ANA, "no, hay algo mal"),
        (BRUNA, "não, tem uma coisa errada"),
    ],
)
async def test_a_no_because_something_is_wrong_asks_what(
    town: BotHarness, who: str, said: str
) -> None:
    await fill_in(town, who)
    [asked] = await town.say(said, who)
    assert asked.startswith(CHANGE[who]), asked


@pytest.mark.parametrize(
    ("who", "said", "asked"),
    [
        (ANA, "no, la fecha está mal", "¿Cuándo naciste?"),
        (BRUNA, "não, errei a data", "Quando você nasceu?"),
        (JOHN, "no my birthday is wrong", "When were you born?"),
    ],
)
async def test_a_no_that_names_what_is_wrong_asks_for_that(
    town: BotHarness, who: str, said: str, asked: str
) -> None:
    await fill_in(town, who)
    [question] = await town.say(said, who)
    assert asked in question, question


@pytest.mark.parametrize(
    ("who", "said"),
    [(JOHN, "no"), (JOHN, "no, not today"), (ANA, "No, hoy no"), (BRUNA, "não, obrigada")],
)
async def test_a_plain_no_is_asked_back(town: BotHarness, who: str, said: str) -> None:
    await fill_in(town, who)
    [asked] = await town.say(said, who)
    assert asked.startswith(("Nothing has been saved", "Todavía no se guardó", "Ainda não"))
    assert [one["id"].rpartition(".")[2] for one in town.choices(who)[-2:]] == ["change", "no"]
    [again] = await town.say("back", who)
    assert shown(again) != {}
    assert (await town.user(who)).full_name is None


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (JOHN, "no don't store it"),
        (JOHN, "dont save anything pls"),
        (ANA, "no autorizo"),
        (ANA, "no guardes nada porfa"),
        (BRUNA, "nao guarda nada"),
        (BRUNA, "não concordo"),
    ],
)
@pytest.mark.parametrize("first", [(), ("no",)])
async def test_what_says_that_nothing_is_stored_refuses(
    town: BotHarness, who: str, said: str, first: Sequence[str]
) -> None:
    await fill_in(town, who)
    for one in first:
        await town.say(one, who)
    [refused] = await town.say(said, who)
    assert refused.startswith(("Understood. Without", "Entendido. Sin tu", "Tudo bem. Sem a"))


@pytest.mark.parametrize("said", ["yes", "no no", "nah"])
async def test_what_is_unclear_decides_nothing(town: BotHarness, said: str) -> None:
    await fill_in(town, JOHN)
    await town.say("no", JOHN)
    [asked] = await town.say(said, JOHN)
    assert "Nothing has been saved yet" in asked
    [done] = await town.tap("consent.yes", JOHN)
    assert "registered" in done


async def test_what_is_wrong_may_be_named_behind_a_no(town: BotHarness) -> None:
    await fill_in(town, ANA)
    await town.say("no", ANA)
    [question] = await town.say("la fecha", ANA)
    assert question.startswith("¿Cuándo naciste?")


@pytest.mark.parametrize("said", ["my name and the description", "the name please", "full name"])
async def test_what_to_change_is_named_and_no_value(town: BotHarness, said: str) -> None:
    await fill_in(town, JOHN)
    await town.tap("change", JOHN)
    [question] = await town.say(said, JOHN)
    assert question.endswith("What is your full name?")


@pytest.mark.parametrize(
    ("who", "said", "label", "answer"),
    [
        (JOHN, "wait no, its my foreigner id actually", "Document", "Foreigner ID"),
        (ANA, "espera, cambia el documento, es pasaporte", "Documento", "Pasaporte"),
        (BRUNA, "tá, passaporte", "Documento", "Passaporte"),
    ],
)
async def test_another_document_is_heard_at_the_next_question(
    town: BotHarness, who: str, said: str, label: str, answer: str
) -> None:
    await fill_in(town, who, most=4)
    await town.say(said, who)
    for further in ("25/12/1990", ANSWERS[who][5]):
        [review] = await town.say(further, who)
    assert shown(review)[label].startswith(answer), review


@pytest.mark.parametrize(
    "said",
    [
        "whats this for? do you share my data",
        "what happens if i say no?",
        "can i get my money back?",
        "is it required?",
    ],
)
async def test_a_question_is_no_description_of_somebody(town: BotHarness, said: str) -> None:
    await fill_in(town, JOHN, most=5)
    [asked] = await town.say(said, JOHN)
    assert asked.endswith("Tell us a little about yourself: what you do, what you like."), asked


@pytest.mark.parametrize(
    "said",
    [
        "What I like most is to dance",
        "Who knows, a cook of sorts!",
    ],
)
async def test_a_description_may_ask_something(town: BotHarness, said: str) -> None:
    await fill_in(town, JOHN, most=5)
    [review] = await town.say(said, JOHN)
    assert shown(review)["About you"] == said


async def test_a_question_to_the_bot_is_no_part_of_a_description(town: BotHarness) -> None:
    await fill_in(town, JOHN, most=5)
    [review] = await town.say("I bake bread. Do you like bread, too?", JOHN)
    assert review.startswith("I can't answer that here")
    assert shown(review)["About you"] == "I bake bread."


async def test_can_i_skip_this_loses_nothing(town: BotHarness) -> None:
    await fill_in(town, JOHN, most=4)
    await town.say("can i skip this?", JOHN)
    [question] = await town.say("25/12/1990", JOHN)
    assert question.startswith("Tell us a little")


async def test_a_yes_where_answers_are_listed_stores_nothing(town: BotHarness) -> None:
    await fill_in(town, JOHN)
    await town.tap("consent.change", JOHN)
    [asked] = await town.say("yes", JOHN)
    assert asked.endswith(CHANGE[JOHN])
    assert (await town.user(JOHN)).full_name is None


@pytest.mark.parametrize(
    ("who", "said"),
    [(JOHN, "no i mean its fine"), (ANA, "no, digo que está bien"), (BRUNA, "não, tá tudo certo")],
)
async def test_all_is_right_after_all(town: BotHarness, who: str, said: str) -> None:
    await fill_in(town, who)
    await town.say("no", who)
    [review] = await town.say(said, who)
    assert shown(review) != {}
    assert (await town.user(who)).full_name is None


@pytest.mark.parametrize(("who", "said"), [(BRUNA, "nada"), (ANA, "nada")])
async def test_nothing_is_no_refusal(town: BotHarness, who: str, said: str) -> None:
    await fill_in(town, who)
    [asked] = await town.say(said, who)
    assert not asked.startswith(("Entendido", "Tudo bem."))
