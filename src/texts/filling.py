"""Fills parameters into a text: {name}, {birth_date:date}, {id_type:title}."""

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

from texts.filters import Wording, write


def fill(text: str, given: Mapping[str, object], wording: Wording) -> str:
    """Return the text with its parameters; KeyError with the name of one that is not given."""
    return _Filling(wording).vformat(text, (), given)


def uses_of(text: str) -> Iterator[tuple[str, str]]:
    """Yield (name, what follows the colon) for each parameter; ValueError for odd braces."""
    for _, name, spec, _ in Formatter().parse(text):
        if name is not None:
            yield name, spec or ""


class _Filling(Formatter):
    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        value, used = super().get_field(field_name, args, kwargs)
        return (field_name, value), used

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        return value

    def format_field(self, value: Any, format_spec: str) -> str:
        name, shown = value
        return write(self._wording, name, shown, format_spec)
