"""The state of an object and of all that it holds, as JSON and back.

Every attribute is kept. What cannot be kept is an error, unless the class names the attribute in
its `NOT_KEPT`: so nothing that is added later can be forgotten. `MOST_KEPT` of a class limits how
many of the newest items of an attribute are kept.
"""

import importlib
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from itertools import islice
from typing import Any

#: Package whose objects are kept.
PACKAGE = "emulator."
#: Bytes from which a value is kept in a file of its own.
MIN_BLOB_BYTES = 1_024
#: Types that JSON has as well.
PLAIN = frozenset({bool, int, float, str})
SEQUENCES: Mapping[str, Callable[[Any], Collection[Any]]] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
}


class UnreadableState(ValueError):
    """The state was written by another version of the emulator."""


class StateWriter:
    """Turns one object into JSON; `blobs` are the long values, by name."""

    def __init__(self, blob_name: Callable[[bytes], str]) -> None:
        self._blob_name = blob_name
        self.blobs: dict[str, bytes] = {}
        #: numbers of the objects that are written already
        self._written: dict[int, int] = {}

    def write(self, value: Any) -> Any:
        """Return a value as JSON has it. Raise TypeError for one that cannot be kept."""
        if value is None or type(value) in PLAIN:
            return value
        if isinstance(value, Mapping):
            return self._mapping(value)
        if isinstance(value, list):
            return [self.write(one) for one in value]
        if isinstance(value, bytes):
            return self._bytes(value)
        if isinstance(value, deque):
            return {"$deque": [self.write(one) for one in value], "most": value.maxlen}
        if type(value).__name__ in SEQUENCES:
            return {f"${type(value).__name__}": [self.write(one) for one in value]}
        return self._object(value)

    def _mapping(self, value: Mapping[Any, Any]) -> Any:
        if all(type(key) is str and not key.startswith("$") for key in value):
            return {key: self.write(one) for key, one in value.items()}
        return {"$dict": [[self.write(key), self.write(one)] for key, one in value.items()]}

    def _bytes(self, value: bytes) -> Any:
        if len(value) < MIN_BLOB_BYTES:
            return {"$bytes": b64encode(value).decode()}
        name = self._blob_name(value)
        self.blobs[name] = value
        return {"$blob": name}

    def _object(self, value: object) -> Any:
        kind = type(value)
        if not kind.__module__.startswith(PACKAGE):
            raise TypeError(f"{kind.__qualname__} cannot be kept: name its attribute in NOT_KEPT")
        if isinstance(value, Enum):
            return {"$enum": _name_of(kind), "value": value.value}
        if id(value) in self._written:
            return {"$same": self._written[id(value)]}
        number = self._written[id(value)] = len(self._written)
        kept = {name: self._attribute(value, name) for name in kept_names(value)}
        return {"$object": _name_of(kind), "number": number, "kept": kept}

    def _attribute(self, owner: object, name: str) -> Any:
        value, most = getattr(owner, name), getattr(type(owner), "MOST_KEPT", {}).get(name)
        if most is not None and len(value) > most:
            newest = islice(
                value.items() if isinstance(value, dict) else value, len(value) - most, None
            )
            value = dict(newest) if isinstance(value, dict) else list(newest)
        return self.write(value)


class StateReader:
    """Turns JSON into objects; those that are there already take their state over."""

    def __init__(self, blob: Callable[[str], bytes]) -> None:
        self._blob = blob
        self._read: dict[int, object] = {}

    def read(self, node: Any, current: Any = None) -> Any:
        """Return a value; `current` is the one that was there before it."""
        if isinstance(node, list):
            return [self.read(one) for one in node]
        if not isinstance(node, dict):
            return node
        kind = next((key for key in node if key.startswith("$")), None)
        if kind is None or kind == "$dict":
            return self._mapping(node.items() if kind is None else node[kind], current)
        if kind in ("$bytes", "$blob"):
            return b64decode(node[kind]) if kind == "$bytes" else self._blob(node[kind])
        if kind == "$deque":
            return deque(map(self.read, node[kind]), maxlen=node["most"])
        if kind == "$enum":
            return _class(node[kind])(node["value"])
        if kind == "$same":
            return self._read[node[kind]]
        if kind == "$object":
            return self._object(node, current)
        return SEQUENCES[kind.removeprefix("$")](map(self.read, node[kind]))

    def _mapping(self, items: Any, current: Any) -> Any:
        made = {self.read(key): self.read(value) for key, value in items}
        if not isinstance(current, dict):
            return made
        current.clear()
        current.update(made)  # which may be ordered, or make what is missing
        return current

    def _object(self, node: Mapping[str, Any], current: Any) -> Any:
        kind, kept = _class(node["$object"]), node["kept"]
        if type(current) is kind:
            self._read[node["number"]] = current
            names = frozenset(kept_names(current))
            for name in (one for one in kept if one in names):  # as they were written
                setattr(current, name, self.read(kept[name], getattr(current, name)))
            return current
        if not is_dataclass(kind):
            raise UnreadableState(f"{kind.__name__} is not made anew from a file.")
        known = {one.name for one in fields(kind)}
        make: Any = kind
        made: object = make(**{name: self.read(one) for name, one in kept.items() if name in known})
        self._read[node["number"]] = made
        return made


def kept_names(value: object) -> Iterator[str]:
    """Yield the attributes of an object that are kept."""
    names = [one.name for one in fields(value)] if is_dataclass(value) else vars(value)
    return (name for name in names if name not in getattr(type(value), "NOT_KEPT", ()))


def _name_of(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _class(name: str) -> Any:
    module, _, within = name.partition(":")
    if not module.startswith(PACKAGE):
        raise UnreadableState(f"{name} is no part of the emulator.")
    return getattr(importlib.import_module(module), within)
