"""Fills parameters into a text: {name}, {birth_date:date}, {id_type:title}."""

from collections.abc import Callable, Mapping
from datetime import date
from string import Formatter
from typing import Any

#: What turns a parameter into words: (its name, its value) -> the words.
Filter = Callable[[str, str | int], str]


def fill(text: str, given: Mapping[str, str | int], filters: Mapping[str, Filter]) -> str:
    """Return the text with its parameters; KeyError with the name of one that is not given."""
    if not any(f":{name}}}" in text for name in filters):
        return text.format_map(given)
    return _Filling(filters).vformat(text, (), given)


def as_date(value: str | int, pattern: str) -> str:
    """Return an ISO date by a pattern of `strftime`; anything else as it is."""
    try:
        return f"{date.fromisoformat(str(value)):{pattern}}"
    except ValueError:
        return str(value)


class _Filling(Formatter):
    def __init__(self, filters: Mapping[str, Filter]) -> None:
        self._filters = filters

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        return (field_name, kwargs[field_name]), field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        name, shown = value
        found = self._filters.get(format_spec)
        return format(shown, format_spec) if found is None else found(name, shown)
