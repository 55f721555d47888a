"""Which keys a part of the config file may have, to say which one was meant."""

import difflib
from collections.abc import Collection, Hashable, Iterator
from typing import Any, get_args

from pydantic import BaseModel


def keys_at(annotation: Any, path: tuple[Hashable, ...]) -> set[str]:
    """Return the keys that the type of a part has at a path."""
    kinds: list[Any] = list(_models_and_values(annotation))
    for key in path:
        kinds = [inner for kind in kinds for inner in _inner(kind, key)]
    found = [one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)]
    return {str(info.alias or name) for one in found for name, info in one.model_fields.items()}


def _inner(kind: Any, key: Hashable) -> Iterator[Any]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        info = kind.model_fields.get(str(key))
        yield from _models_and_values(info.annotation) if info else ()
    elif arguments := get_args(kind):
        yield from _models_and_values(next(one for one in reversed(arguments) if one is not ...))


def _models_and_values(annotation: Any) -> Iterator[Any]:
    """Yield a type; of a union, each of its types."""
    arguments = get_args(annotation)
    is_container = getattr(annotation, "__origin__", None) in (dict, list, tuple)
    if arguments and not is_container:
        for one in arguments:
            yield from _models_and_values(one)
    else:
        yield annotation


def unknown(what: str, name: str, known: Collection[str]) -> str:
    """Return what to say of a word that is none of those known."""
    nearest = difflib.get_close_matches(name, known, n=1)
    return f"unknown {what}: did you mean {nearest[0]}?" if nearest else f"unknown {what}"


def drop(parts: dict[str, Any], path: tuple[Hashable, ...]) -> tuple[Hashable, ...]:
    """Take out what is at a path, or the last of its keys that is there; return its own path.

    A list goes as a whole: the places of its items mean something.
    """
    holder: Any = parts
    found: list[tuple[dict[Any, Any], Hashable]] = []
    for key in path:
        if not isinstance(holder, dict) or key not in holder:
            break
        found.append((holder, key))
        holder = holder[key]
    if found:
        inner, last = found[-1]
        del inner[last]
    return tuple(key for _, key in found)
