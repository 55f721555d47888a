"""Which kinds of values of YAML a setting takes: else a list would pass for a text."""

from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Annotated, Any, get_args, get_origin

COLLECTIONS = (tuple, frozenset, list)


def fault_of(value: Any, annotation: Any) -> str | None:
    """Return what is wrong with the kind of a value; None if a setting of this type may have it.

    Texts are read as the environment has them, so a text or a number may be any setting.
    """
    kinds = [*_plain(annotation)]
    if isinstance(value, dict):
        return "expected a value, not keys with values below"
    if isinstance(value, list):
        return _fault_of_list(value, kinds)
    if isinstance(value, bool) and bool not in kinds:
        return "expected a text or a number: put the word true or false into quotes"
    return None


def _fault_of_list(values: list[Any], kinds: list[Any]) -> str | None:
    lists = [kind for kind in kinds if get_origin(kind) in COLLECTIONS]
    if not lists:
        return "expected one value, not a list"
    takes_objects = any(is_dataclass(one) for kind in lists for one in get_args(kind))
    for position, one in enumerate(values, 1):
        if takes_objects and not isinstance(one, dict):
            return f"expected keys with values as item {position} of the list"
        if not takes_objects and isinstance(one, dict | list | bool | None):
            return f"expected a text or a number as item {position} of the list"
    return None


def _plain(annotation: Any) -> Iterator[Any]:
    """Yield a type; of a union, each of its types."""
    if get_origin(annotation) is Annotated:
        yield from _plain(get_args(annotation)[0])
    elif get_args(annotation) and get_origin(annotation) not in COLLECTIONS:
        for one in get_args(annotation):
            yield from _plain(one)
    else:
        yield annotation
