"""Options that are the languages themselves: `options = "languages"` in the texts of a question."""

from collections.abc import Mapping
from typing import Any

from flow_engine.languages import LANGUAGES

#: What stands for the table of options.
MARK = "languages"


def fill_language_options(languages: Mapping[str, dict[str, Any]]) -> None:
    """Put the names of all languages where a table says so, each as its own speakers call it."""
    options = {
        code: {"title": _name(code), "also": texts.get("words", {}).get("language", [])}
        for code, texts in languages.items()
    }
    for texts in languages.values():
        _fill(texts, options)


def _name(code: str) -> str:
    return LANGUAGES[code].name if code in LANGUAGES else code


def _fill(table: dict[str, Any], options: Mapping[str, Any]) -> None:
    for name, value in table.items():
        if name == "options" and value == MARK:
            table[name] = options
        elif isinstance(value, dict):
            _fill(value, options)
