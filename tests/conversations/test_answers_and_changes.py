"""What people write beside an answer, or in place of one, while they are asked about themselves."""

import pytest
from tests.fakes.form_chat import ANSWERS, FormChat

from app.composition.catalogue import load_texts

TEXTS = load_texts()
#: What is told of another answer, and what changes one: language, words, the answer, its value.
TOLD = [
    ("en", "passport number is XK123456", "id_number", "XK123456"),
    ("en", "date of birth 4 May 1990", "birth_date", "1990-05-04"),
    ("en", "my name is Ana Ríos", "full_name", "Ana Ríos"),
    ("es", "mi fecha de nacimiento es 5 de mayo de 1991", "birth_date", "1991-05-05"),
    ("es", "el número de mi pasaporte es XK123456", "id_number", "XK123456"),
    ("pt", "meu passaporte é XK123456", "id_number", "XK123456"),
    ("pt", "data de nascimento 4 de maio de 1991", "birth_date", "1991-05-04"),
]
CHANGES = [
    ("en", "set my birth date to 4 May 1991", "birth_date", "1991-05-04"),
    ("en", "I got the date wrong, it's 4 May 1991", "birth_date", "1991-05-04"),
    ("en", "change my passport number to XK12", "id_number", "XK12"),
    ("es", "cambie la fecha a 4 de mayo de 1991", "birth_date", "1991-05-04"),
    ("es", "me equivoqué de fecha, es 4 de mayo de 1991", "birth_date", "1991-05-04"),
    ("es", "corrige el número de pasaporte a XK12", "id_number", "XK12"),
    ("pt", "troca minha data pra 4 de maio de 1991", "birth_date", "1991-05-04"),
    ("pt", "errei a data, é 4 de maio de 1991", "birth_date", "1991-05-04"),
    ("pt", "muda o número do passaporte pra XK12", "id_number", "XK12"),
]
#: What changes the name to Ana Ríos.
NAME_CHANGES = [
    ("en", "change my name to Ana Ríos"),
    ("en", "put my name as Ana Ríos"),
    ("en", "I got my surname wrong, it's Ríos"),
    ("en", "my surname is Ríos not Gómez"),
    ("es", "cambia mi nombre a Ana Ríos"),
    ("es", "ponme el nombre como Ana Ríos"),
    ("es", "me equivoqué de apellido, es Ríos"),
    ("es", "mi apellido es Ríos, no Gómez"),
    ("pt", "troca meu nome pra Ana Ríos"),
    ("pt", "altere meu nome para Ana Ríos"),
    ("pt", "errei o sobrenome, é Ríos"),
    ("pt", "meu sobrenome é Ríos não Gómez"),
]


@pytest.mark.parametrize(
    ("language", "said", "about", "step", "value"),
    [
        ("en", "i'm a dentist, my date is wrong", "i'm a dentist", "birth_date", None),
        ("en", "my name is wrong, i'm a dentist", "i'm a dentist", "full_name", None),
        ("en", "nurse in Leeds but change my name to Ana Ríos", "nurse in Leeds", "", "Ana Ríos"),
        ("es", "soy dentista, mi fecha está mal", "soy dentista", "birth_date", None),
        (
            "es",
            "trabajo en un banco pero mi número de pasaporte es XK999",
            "trabajo en un banco",
            "",
            "XK999",
        ),
        (
            "es",
            "me gusta el cine\nperdón mi apellido es Ríos, no Gómez",
            "me gusta el cine",
            "",
            "Ana Ríos",
        ),
        ("pt", "sou dentista … minha data ta errada", "sou dentista", "birth_date", None),
        (
            "pt",
            "sou dentista e minha data ta errada, é 4 de maio de 1991",
            "sou dentista",
            "",
            "1991-05-04",
        ),
        (
            "pt",
            "sou enfermeira e meu sobrenome é Costa não Gómez",
            "sou enfermeira",
            "",
            "Ana Costa",
        ),
    ],
)
async def test_the_answer_is_kept_and_the_other_one_changed(
    language: str, said: str, about: str, step: str, value: str | None
) -> None:
    chat = FormChat(language, "about")
    await chat.say(said)
    assert chat.answers["about"] == about
    assert chat.step == (step or "consent")
    assert value is None or value in chat.answers.values()


@pytest.mark.parametrize(
    ("language", "step", "said", "then", "changed"),
    [
        ("en", "id_type", "passport, and my surname is Ríos not Gómez", "id_number", "Ana Ríos"),
        ("es", "id_number", "XK12 y mi apellido es Ríos, no Gómez", "birth_date", "Ana Ríos"),
        ("pt", "birth_date", "3 de maio de 1990, meu passaporte é XK1234", "about", "XK1234"),
    ],
)
async def test_any_question_takes_its_answer_beside_a_change(
    language: str, step: str, said: str, then: str, changed: str
) -> None:
    chat = FormChat(language, step)
    await chat.say(said)
    assert (chat.step, changed in chat.answers.values()) == (then, True)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "ana@example.com"),
        ("en", "my email is ana@example.com"),
        ("en", "my number is 447700900111"),
        ("en", "?"),
        ("en", "thanks"),
        ("en", "yes"),
        ("es", "mi correo es ana@example.com"),
        ("es", "en portugués por favor"),
        ("es", "???"),
        ("es", "gracias"),
        ("pt", "meu email é ana@example.com"),
        ("pt", "meu número é 5511912345678"),
        ("pt", "em espanhol por favor"),
        ("pt", "sim"),
    ],
)
async def test_what_is_no_description_is_not_stored_as_one(language: str, said: str) -> None:
    chat = FormChat(language, "about")
    for _ in range(2):  # also of people who insist
        await chat.say(said)
        assert (chat.step, chat.answers.get("about")) == ("about", None)


@pytest.mark.parametrize(
    ("at", "language", "said", "step", "value"),
    [
        *(("about", *one) for one in (*TOLD, *CHANGES)),
        *(
            (at, *one, "full_name", "Ana Ríos")
            for at in ("id_number", "birth_date", "about", "consent")
            for one in NAME_CHANGES
        ),
    ],
)
async def test_another_answer_is_taken_at_once(
    at: str, language: str, said: str, step: str, value: str
) -> None:
    chat = FormChat(language, at)
    await chat.say(said)
    assert (chat.step, chat.answers[step]) == (at, value)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "I have a passport and love to travel"),
        ("en", "I teach since 3 May 2010, and like music"),
        ("en", "My name is short, but I like long stories"),
        ("en", "I am a nurse, no children, two dogs"),
        ("es", "Me gusta cambiar de trabajo, y el cine"),
        ("es", "Soy mamá, tengo dos hijos y un perro"),
        ("pt", "Troco de emprego todo ano, e gosto de música"),
        ("pt", "Sou professora há 10 anos, mas gosto mesmo de cozinhar"),
    ],
)
async def test_a_description_stays_whole(language: str, said: str) -> None:
    chat = FormChat(language, "about")
    await chat.say(said)
    assert chat.answers == {**ANSWERS, "about": said}


@pytest.mark.parametrize(
    ("language", "said"), [("en", "no"), ("en", "no thanks"), ("es", "no"), ("pt", "não")]
)
async def test_no_leaves_out_what_may_be_left_out(language: str, said: str) -> None:
    chat = FormChat(language, "about")
    await chat.say(said)
    assert (chat.step, chat.answers["about"]) == ("consent", None)


async def test_a_bare_question_mark_asks_why() -> None:
    why = TEXTS.say("en", "registration.about.why")
    assert (await FormChat("en", "about").say("?")).startswith(why)
