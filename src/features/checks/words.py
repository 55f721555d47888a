"""Marks what a person wrote, or a model made of it, through everything that a template does.

Liquid's filters return plain texts. So each of them is wrapped: a result that words went into is
words too, and an output that holds any is data. A value of an unknown type counts as words.
"""

from collections.abc import Callable
from datetime import date
from functools import wraps
from numbers import Number
from typing import Any

from liquid import Environment, Undefined
from liquid.exceptions import FilterArgumentError, UndefinedError

from features.checks.limits import check_filter

#: Types whose values cannot hold an instruction.
_HARMLESS = (Number, date, range, Undefined, type(None))


class Words(str):
    """What a person wrote, or a model: always data."""

    __slots__ = ()


def as_words(value: Any) -> Any:
    """Return a value with all of its texts marked, names of fields too; numbers stay numbers."""
    if isinstance(value, str):
        return Words(value)
    if isinstance(value, list | tuple):
        return [as_words(one) for one in value]
    if isinstance(value, dict):
        return {as_words(key): as_words(one) for key, one in value.items()}
    return value if isinstance(value, _HARMLESS) else Words(value)


def has_words(value: object) -> bool:
    """Return whether any text in a value is marked; an empty text says nothing."""
    if isinstance(value, str):
        return isinstance(value, Words) and value != ""
    if isinstance(value, list | tuple):
        return any(map(has_words, value))
    if isinstance(value, dict):
        return any(map(has_words, value)) or any(map(has_words, value.values()))
    return not isinstance(value, _HARMLESS)


def keeping_words(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter whose result is marked if anything that it is given holds words.

    What it raises names types and no values: errors are logged. It is a LiquidError, always.
    """

    @wraps(function)
    def keeping(*values: Any, **named: Any) -> Any:
        given = [one for one in (*values, *named.values()) if not isinstance(one, Environment)]
        check_filter(name, given)
        try:
            result = function(*values, **named)
        except UndefinedError:
            raise
        except Exception:  # noqa: BLE001 # filters raise what Python does, with values in it
            types = ", ".join(_name_of(one) for one in given)
            raise FilterArgumentError(f"a filter cannot take {types}", token=None) from None
        return as_words(result) if has_words(given) else result

    return keeping


def _name_of(value: object) -> str:
    return "text" if isinstance(value, str) else type(value).__name__
