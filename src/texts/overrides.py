"""Texts that operators write instead of those of the files, checked like those."""

from collections.abc import Collection, Mapping
from copy import deepcopy
from dataclasses import dataclass
from string import Formatter
from typing import Any

from schemas.cloud_api_limits import (
    MAX_BODY_CHARS,
    MAX_BUTTON_TITLE_CHARS,
    MAX_FOOTER_CHARS,
    MAX_ROW_DESCRIPTION_CHARS,
    MAX_ROW_TITLE_CHARS,
    MAX_TEXT_CHARS,
    utf16_length,
)
from texts.filling import uses_of
from texts.filters import filter_problem
from utils.visible_text import is_blank

#: Longest texts in characters, by the last part of their key; others are messages of their own.
MAX_CHARS = {
    "ask": MAX_BODY_CHARS,
    "footer": MAX_FOOTER_CHARS,
    "button": MAX_BUTTON_TITLE_CHARS,
    "description": MAX_ROW_DESCRIPTION_CHARS,
}
#: Tables that hold words and dates, which are not said.
NOT_SAID = ("words", "phrases", "triggers", "common.locale")
NO_SUCH_KEY = "there is no text with the key"

Languages = Mapping[str, Mapping[str, Any]]


class WrongText(ValueError):
    """A text cannot take the place of that of the files; the words are for operators."""


@dataclass(frozen=True, slots=True)
class Override:
    """A text instead of that of the files."""

    language: str
    key: str
    text: str


def check_override(languages: Languages, one: Override, given: Collection[str]) -> str:
    """Return the text of the files; raise WrongText if the new one cannot take its place.

    `given` are names that are filled in besides those that the files have there.
    """
    default = _find(languages.get(one.language, next(iter(languages.values()))), one.key)
    is_said = not any(one.key == name or one.key.startswith(f"{name}.") for name in NOT_SAID)
    problems = []
    if one.language not in languages:
        problems.append(f"Language is one of {', '.join(sorted(languages))}")
    if not isinstance(default, str) or not is_said:
        problems.append(f"{NO_SUCH_KEY} {one.key}")
    if problems or not isinstance(default, str):
        raise WrongText(". ".join(problems))
    if is_blank(one.text):
        raise WrongText("the text is blank")
    most = _max_chars(one.key, default)
    if (length := utf16_length(one.text)) > most:
        raise WrongText(f"it has {length} characters; WhatsApp takes {most}")
    named = {name for texts in languages.values() for name in _safe_names(_find(texts, one.key))}
    _check_names(one.text, named | {*given})
    if is_blank(_said_always(one.text)) and not is_blank(_said_always(default)):
        raise WrongText("it says nothing where what it names is empty: add a word")
    return default


def _check_names(text: str, given: Collection[str]) -> None:
    """Raise WrongText for a name that is not filled in, and for a filter that does not exist."""
    try:
        uses = list(uses_of(text))
    except ValueError as error:
        raise WrongText(f"its braces do not match: {error}") from error
    for name, spec in uses:
        if name not in given:
            known = ", ".join(f"{{{one}}}" for one in sorted(given)) or "nothing"
            raise WrongText(f"{{{name}}} is not filled in here; what is: {known}")
        if problem := filter_problem(spec):
            raise WrongText(f"{{{name}:{spec}}}: {problem}")


def overridden(
    languages: Languages, overrides: list[Override], given: Mapping[str, Collection[str]]
) -> dict[str, dict[str, Any]]:
    """Return all texts with some replaced; those that do not fit (any more) are left out."""
    changed: dict[str, dict[str, Any]] = {name: dict(texts) for name, texts in languages.items()}
    copied: set[tuple[str, str]] = set()
    for one in overrides:
        try:
            check_override(languages, one, given.get(one.key, ()))
        except WrongText:
            continue
        first, *parts = one.key.split(".")
        texts = changed[one.language]
        if (one.language, first) not in copied:
            texts[first] = deepcopy(texts[first])
            copied.add((one.language, first))
        if not parts:
            texts[first] = one.text
            continue
        for part in (first, *parts[:-1]):
            texts = texts[part]
        texts[parts[-1]] = one.text
    return changed


def _max_chars(key: str, default: str) -> int:
    role = key.rpartition(".")[2]
    if role == "title":  # of a button, unless the file's is already too long for one
        is_row = utf16_length(default) > MAX_BUTTON_TITLE_CHARS
        return MAX_ROW_TITLE_CHARS if is_row else MAX_BUTTON_TITLE_CHARS
    return MAX_CHARS.get(role, MAX_TEXT_CHARS)


def _find(texts: Mapping[str, Any], key: str) -> Any:
    found: Any = texts
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _said_always(text: str) -> str:
    """Return a text without what is filled in; "" for braces that do not match."""
    try:
        return "".join(literal for literal, *_ in Formatter().parse(text))
    except ValueError:
        return ""


def _safe_names(text: object) -> set[str]:
    try:
        return {name for name, _ in uses_of(text)} if isinstance(text, str) else set()
    except ValueError:
        return set()
