"""Keeps what was made of objects that have no value to compare: they are the same by identity."""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class KeptByIdentity(Generic[Made]):
    """Makes something once for the same objects; keeps the newest `most` of all that it made."""

    def __init__(self, most: int) -> None:
        self._most = most
        #: With the objects themselves: while one is kept, no other has its id.
        self._kept: dict[Hashable, tuple[Made, object]] = {}

    def get(self, objects: Iterable[object], make: Callable[[], Made], *more: Hashable) -> Made:
        """Return what was made of the same objects, and equal values of `more`, or make it."""
        parts = tuple(objects)
        key = (*more, *map(id, parts))
        if key not in self._kept:
            made = make()
            while len(self._kept) >= self._most:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = (made, parts)
        return self._kept[key][0]

    def clear(self) -> None:
        """Make everything anew from now on."""
        self._kept.clear()
