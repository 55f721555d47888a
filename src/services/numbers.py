"""The phone numbers of the bot: that of the settings, and those that a feature adds.

A job of a person acts as the number in the name of its lane: what it sends leaves from there, with
the token of that number (`acting_as`). Everything else acts as the number of the settings.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from pydantic import SecretStr

_acting: ContextVar[str | None] = ContextVar("acting number", default=None)


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number that the bot answers from."""

    #: Meta's id of the number.
    id: str
    #: None: that of the settings.
    token: SecretStr | None = None
    #: None: that of the settings.
    account_id: str | None = None
    #: None: that of the settings.
    messages_per_second: float | None = None
    #: The number as people see it, digits only; empty if unknown.
    display: str = ""
    #: What the business calls it.
    label: str = ""


class Numbers:
    """The numbers by Meta's id; they may change while the bot runs."""

    def __init__(self, first: Number) -> None:
        #: The number of the settings.
        self.first = first
        self._by_id = {first.id: first}
        self._displayed: frozenset[str] = frozenset()

    def __contains__(self, phone_number_id: str) -> bool:
        return phone_number_id in self._by_id

    def __iter__(self) -> Iterator[Number]:
        return iter(self._by_id.values())

    def of(self, phone_number_id: str) -> Number | None:
        """Return the number with this id of Meta; None if it is not one of the bot's."""
        return self._by_id.get(phone_number_id)

    def displays(self, digits: str) -> bool:
        """Return whether people see one of the numbers as these digits."""
        return digits in self._displayed

    def replace(self, others: Iterable[Number]) -> None:
        """Have the bot answer from these numbers, beside that of the settings."""
        kept = {one.id: one for one in others if one.id != self.first.id}
        self._by_id = {self.first.id: self.first, **kept}
        self._displayed = frozenset(one.display for one in self if one.display)

    @property
    def acting_id(self) -> str:
        """The id of the number that the code which asks acts as."""
        return _acting.get() or self.first.id


@contextmanager
def acting_as(phone_number_id: str) -> Iterator[None]:
    """Have what runs inside, and the tasks that it starts, act as a number."""
    token = _acting.set(phone_number_id)
    try:
        yield
    finally:
        _acting.reset(token)
