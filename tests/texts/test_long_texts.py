"""Whoever writes a book holds nobody else up."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, get_args

import pytest
from pydantic import BaseModel, HttpUrl, IPvAnyAddress, PastDate, TypeAdapter
from tests.fakes.hostile_texts import MAX_SECONDS, hostile_texts, slowest
from tests.fakes.web import text_message
from tests.sample import flows

from app.composition.conversations import load_conversations
from domain.phone import canonical
from flow_engine import Flow, answers
from flow_engine.registry import find_definitions
from flow_engine.words import normalise
from schemas.reading import MAX_TEXT_CHARS, read_inbound
from texts.splitting import split_text
from utils.lenient_json import read_lenient
from utils.logger import redact

Read = Callable[[str], object]


class Size(StrEnum):
    SMALL = "small"


#: Types that forms of others may use; those of `flow_engine.answers` and of the flows are found.
USUAL_TYPES: tuple[Any, ...] = (
    *(int, float, bool, Decimal, str, dt.date, dt.datetime, dt.time, dt.timedelta, PastDate),
    *(uuid.UUID, HttpUrl, IPvAnyAddress, Literal["yes", "no"], Size, list[str], BaseModel),
)


def _parsers_of_answers() -> Iterator[Any]:
    for flow in find_definitions(flows).definitions:
        if isinstance(flow, Flow):
            for step in flow.steps:
                name = step.name
                yield pytest.param(lambda text, f=flow, n=name: f.parse(n, text), id=name)
    shared = [name for name, kind in vars(answers).items() if name[0].isupper() and get_args(kind)]
    assert {"FullName", "DocumentNumber", "BirthDate", "LongText"} <= {*shared}
    for name in shared:
        yield pytest.param(TypeAdapter(getattr(answers, name)).validate_python, id=name)
    for kind in USUAL_TYPES:
        yield pytest.param(TypeAdapter(kind).validate_python, id=getattr(kind, "__name__", None))


def _other_readers() -> Iterator[Any]:
    defined, texts = load_conversations()
    options = texts.languages
    yield pytest.param(normalise, id="normalise")
    yield pytest.param(lambda text: texts.is_word("opt_out", text), id="opt-out")
    yield pytest.param(texts.vocabulary.is_greeting, id="greeting")
    yield pytest.param(defined.triggered_by, id="trigger")
    yield pytest.param(
        lambda text: texts.match_option("en", "main_menu", [*options], text), id="choice"
    )
    yield pytest.param(canonical, id="phone")
    yield pytest.param(redact, id="log")
    yield pytest.param(lambda text: read_lenient(text.encode()), id="JSON")
    yield pytest.param(lambda text: read_lenient(f'"{text}'.encode()), id="JSON text")
    yield pytest.param(split_text, id="split")


def test_of_a_book_only_the_beginning_is_read() -> None:
    message = text_message("wamid.1", "¡olé! 🎉" * 100_000)
    read = read_inbound({"phone_number_id": "1", "contact": None, "message": message})
    assert read.text == ("¡olé! 🎉" * 100_000)[:MAX_TEXT_CHARS]


@pytest.mark.parametrize("read", [*_parsers_of_answers(), *_other_readers()])
def test_no_text_of_a_person_takes_long_to_read(read: Read) -> None:
    seconds, text = slowest(read, hostile_texts())
    assert seconds < MAX_SECONDS, f"{seconds} s for {text!r}..."


def test_a_date_may_have_blanks_and_a_point_at_the_end() -> None:
    read = TypeAdapter(answers.BirthDate).validate_python
    for written in (
        "25 / 12 / 1990",
        "25 12 1990",
        " 25. 12. 1990. ",
        "1990 - 12 - 25",
        "25.12.1990",
    ):
        assert read(written) == dt.date(1990, 12, 25)


def test_a_long_text_is_no_keyword_even_if_it_begins_with_one() -> None:
    _, texts = load_conversations()
    assert texts.is_word("opt_out", "STOP" + " " * 9_000)
    assert not texts.is_word("opt_out", "STOP " + "x " * 9_000)
