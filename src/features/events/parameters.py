"""What fills the variables of a template: fields of an event, written as people write them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from texts.filters import Wording, filter_problem, is_currency, write

#: (data of the event, language of the template) -> the words
Fill = Callable[[Any, str], str]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One variable of a template; its name counts where the template has named variables."""

    name: str
    fill: Fill
    #: Fields of the data that it reads, which are checked at the start.
    fields: tuple[str, ...] = ()
    #: What is wrong with it; told at the start.
    problem: str | None = None


def plain(field: str) -> Parameter:
    """Return the parameter that shows a field as it is."""
    return Parameter(field, lambda data, _: shown(getattr(data, field)), (field,))


def formatted(field: str, filter_: str, *, name: str = "") -> Parameter:
    """Return a field as a filter of the texts writes it: `formatted("due", "date")`."""

    def fill(data: Any, language: str) -> str:
        return write(wording(language), field, shown(getattr(data, field)), filter_)

    return Parameter(name or field, fill, (field,), filter_problem(filter_))


def money(amount: str, currency: str = "currency", *, name: str = "") -> Parameter:
    """Return an amount in the currency that another field names: "1.234,50 €"."""

    def fill(data: Any, language: str) -> str:
        value, code = shown(getattr(data, amount)), shown(getattr(data, currency)).upper()
        if value and not is_currency(code):
            return f"{write(wording(language), amount, value, 'number')} {code}"
        return write(wording(language), amount, value, f"money {code}")

    return Parameter(name or amount, fill, (amount, currency))


def shown(value: object) -> str:
    """Return a value without a filter; empty for None, which no template takes."""
    if value is None:
        return ""
    return str(value.value if isinstance(value, Enum) else value)


def wording(language: str) -> Wording:
    """Return how people write who read a template of this language."""
    return Wording(language, "EUR", lambda _name, _value: None)
