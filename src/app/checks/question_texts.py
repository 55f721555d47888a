"""Checks the texts of questions and menus: what they lack, and what WhatsApp would cut."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.checks.language_file import LanguageFile, placeholders
from flow_engine import Call, Fault, Flow, Menu
from flow_engine.faults import did_you_mean
from flow_engine.registry import Definition
from flow_engine.state import SHARED_OPTIONS
from schemas.cloud_api_limits import MAX_BUTTONS, utf16_length
from utils.visible_text import is_blank

#: Most characters (UTF-16 units) that Meta takes, by what holds the text.
MAX_CHARS = {
    "ask": 1024,
    "label": 24,
    "footer": 60,
    "button": 20,
    "title of a button": 20,
    "title of a row": 24,
    "description": 72,
}


@dataclass(frozen=True, slots=True)
class QuestionTexts:
    """A question of a flow, or a menu, as its texts have to fit it."""

    name: str
    options: tuple[str, ...]
    as_list: bool = False
    #: options that are known only when the question is asked
    has_loaded_options: bool = False


def questions_of(definition: Definition) -> Iterator[QuestionTexts]:
    """Yield what a flow or a menu asks."""
    if isinstance(definition, Menu):
        yield QuestionTexts(definition.name, tuple(definition.choices))
        return
    yield from _questions_of_flow(definition)


def _questions_of_flow(flow: Flow[Any]) -> Iterator[QuestionTexts]:
    for step in flow.steps:
        if isinstance(step, Call):
            continue
        options = flow.options(step.name)
        is_loaded = step.options_from is not None
        as_list = step.as_list or flow.is_several(step.name)
        yield QuestionTexts(f"{flow.name}.{step.name}", options, as_list, is_loaded)


def question_faults(file: LanguageFile, question: QuestionTexts) -> Iterator[Fault]:
    """Yield what is wrong with the texts of a question, besides missing ones."""
    for role in ("ask", "label", "footer", "button"):
        yield from _role_faults(file, f"{question.name}.{role}", role)
    is_row = question.as_list or len(question.options) > MAX_BUTTONS
    title = "title of a row" if is_row else "title of a button"
    keys = {option: f"{question.name}.options.{option}" for option in question.options}
    has_titles = any(file.find(key) is not None for key in keys.values())
    for option, key in keys.items():
        if file.find(key) is None:  # the option is shown by its own name
            yield from _too_long(file, key, option, title)
            if has_titles and option not in SHARED_OPTIONS:
                yield file.fault(key, "is missing; other options of the question have texts")
            continue
        yield from _role_faults(file, f"{key}.title", title)
        yield from _role_faults(file, f"{key}.description", "description")
        also = file.find(f"{key}.also")
        if also is not None and not is_list_of_texts(also):
            yield file.fault(f"{key}.also", f'is not a list of texts: write ["{also}"]')
    yield from _equal_titles(file, question)
    if not question.has_loaded_options:
        yield from _odd_options(file, question)


def title_faults(file: LanguageFile, key: str) -> Iterator[Fault]:
    """Yield what is wrong with the title of a button that is in no question."""
    yield from _role_faults(file, key, "title of a button")


def _equal_titles(file: LanguageFile, question: QuestionTexts) -> Iterator[Fault]:
    """Yield options that nobody could tell apart; WhatsApp refuses buttons with one title."""
    first: dict[str, str] = {}
    for option in question.options:
        key = f"{question.name}.options.{option}.title"
        title = file.find(key)
        if isinstance(title, str) and first.setdefault(title.strip(), option) != option:
            yield file.fault(key, f"is the title of {first[title.strip()]} too")


def is_list_of_texts(value: object) -> bool:
    """Return whether a value of TOML is a list of texts, and not one text."""
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _role_faults(file: LanguageFile, key: str, role: str) -> Iterator[Fault]:
    text = file.find(key)
    if text is None:
        return
    if not isinstance(text, str):
        yield file.fault(key, f"is not a text: {text!r}")
        return
    if is_blank(text):
        yield file.fault(key, "is empty")
    yield from _too_long(file, key, text, role)
    if role != "ask" and (names := _named(text)):
        yield file.fault(key, f"names {{{names[0]}}}, but only questions are filled in")


def _named(text: str) -> list[str]:
    try:
        return sorted(name for name in placeholders(text) if name.isidentifier())
    except ValueError:
        return []  # shown as it is


def _too_long(file: LanguageFile, key: str, text: str, role: str) -> Iterator[Fault]:
    length = utf16_length(text.strip())
    if length > MAX_CHARS[role]:
        yield file.fault(key, f"has {length} characters; WhatsApp shows {MAX_CHARS[role]}")


def _odd_options(file: LanguageFile, question: QuestionTexts) -> Iterator[Fault]:
    """Yield texts of options that the question does not have: they would never be shown."""
    table = file.find(f"{question.name}.options")
    for name in table if isinstance(table, Mapping) else ():
        is_option = any(f"{option}.".startswith(f"{name}.") for option in question.options)
        if not is_option and name not in SHARED_OPTIONS:
            hint = did_you_mean(name, question.options)
            yield file.fault(f"{question.name}.options.{name}", f"is no option there{hint}")
