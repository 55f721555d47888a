"""A first name alone is no full name: the last one is asked, and people may have none."""

import pytest
from tests.fakes.form_chat import FormChat

from app.composition.catalogue import load_texts
from flow_engine.partial_names import whole_name

TEXTS = load_texts()


@pytest.mark.parametrize(
    ("language", "said", "asked"),
    [
        ("en", "ana", "Thanks, Ana. And your last name?"),
        ("en", "my name is Grace", "Thanks, Grace. And your last name?"),
        ("es", "Lucía", "Gracias, Lucía. ¿Y tu apellido?"),
        ("en", "hiya its tom", "Thanks, Tom. And your last name?"),
        ("en", "Im Priya", "Thanks, Priya. And your last name?"),
        ("en", "Teller", "Thanks, Teller. And your last name?"),  # nearly a "taller"
        ("es", "hola aquí camila", "Gracias, Camila. ¿Y tu apellido?"),
        ("pt", "pode me chamar de Duda", "Certo, Duda. E o seu sobrenome?"),
        ("pt", "Cíntia falando", "Certo, Cíntia. E o seu sobrenome?"),
        ("es", "soy pedro", "Gracias, Pedro. ¿Y tu apellido?"),
        ("pt", "joão", "Certo, João. E o seu sobrenome?"),
        ("pt", "me chamo Maria", "Certo, Maria. E o seu sobrenome?"),
    ],
)
async def test_the_last_name_is_asked_by_the_first(language: str, said: str, asked: str) -> None:
    assert await FormChat(language).say(said) == asked


@pytest.mark.parametrize(
    ("language", "first", "then", "name"),
    [
        ("en", "ana", "ruiz", "Ana ruiz"),
        ("en", "Ana", "it's Ruiz", "Ana Ruiz"),
        ("en", "Ana", "my last name is Ruiz", "Ana Ruiz"),
        ("en", "Ana", "Ruiz is my surname", "Ana Ruiz"),
        ("en", "Ana", "Anna Ruiz", "Anna Ruiz"),
        ("en", "Ana", "my name is Mary Ruiz", "Mary Ruiz"),
        ("es", "Ana", "Ruiz Gómez", "Ana Ruiz Gómez"),
        ("es", "Pedro", "el apellido es Bueno", "Pedro Bueno"),
        ("pt", "João", "da Silva", "João da Silva"),
        ("pt", "Maria", "sobrenome: Souza", "Maria Souza"),
    ],
)
async def test_the_last_name_completes_the_first(
    language: str, first: str, then: str, name: str
) -> None:
    chat = FormChat(language)
    await chat.say(first, then)
    assert (chat.step, chat.answers["full_name"]) == ("id_type", name)


@pytest.mark.parametrize(
    ("language", "said", "name"),
    [
        ("en", ["Ana", "Ana"], "Ana"),
        ("en", ["Sukarno", "I only have one name"], "Sukarno"),
        ("en", ["Teller", "no"], "Teller"),
        ("en", ["Teller. I don't have a last name"], "Teller"),
        ("es", ["Lucía", "no tengo apellido"], "Lucía"),
        ("es", ["Lucía, solo tengo un nombre"], "Lucía"),
        ("pt", ["Pelé", "só tenho esse nome"], "Pelé"),
        ("pt", ["Pelé", "não tenho sobrenome"], "Pelé"),
    ],
)
async def test_people_may_have_one_name(language: str, said: list[str], name: str) -> None:
    chat = FormChat(language)
    await chat.say(*said)
    assert (chat.step, chat.answers["full_name"]) == ("id_type", name)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Hello"),
        ("en", "passport"),
        ("en", "ok"),
        ("es", "Gracias"),
        ("es", "pasaporte"),
        ("pt", "Oi"),
        ("pt", "sim"),
    ],
)
async def test_a_word_that_means_something_is_no_first_name(language: str, said: str) -> None:
    chat = FormChat(language)
    await chat.say(said)
    assert chat.state is not None
    assert (chat.step, chat.state.begun) == ("full_name", "")


@pytest.mark.parametrize(
    ("language", "first", "then"),
    [
        ("en", "Ana", "passport"),
        ("en", "Ana", "ok"),
        ("en", "Ana", "what do you need it for"),
        ("es", "Ana", "¿para qué?"),
        ("es", "Ana", "pasaporte"),
        ("pt", "Ana", "pra que?"),
        ("pt", "Ana", "oi"),
    ],
)
async def test_what_is_no_last_name_leaves_the_first(language: str, first: str, then: str) -> None:
    chat = FormChat(language)
    said = await chat.say(first, then)
    assert chat.step == "full_name"
    assert said.count(TEXTS.say(language, "common.which_last_name", {"begun": "Ana"})) == 1
    await chat.say("Ríos")
    assert chat.answers["full_name"] == "Ana Ríos"


def test_a_name_in_another_spelling_is_the_whole_one() -> None:
    assert whole_name("Ana", "Anna Ruiz") == "Anna Ruiz"
    assert whole_name("Ana", "Ruiz Gómez") == "Ana Ruiz Gómez"
    assert whole_name("Ana", "ana") == "Ana"
