"""The phone numbers of the bot: that of the settings, and those that a feature adds.

A job of a person acts as the number in the name of its lane: what it sends leaves from there, with
the token of that number (`acting_as`). Everything else acts as the number of the settings.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from services.clients.cloud_api.client import CloudApi, NumberAccess
from services.clients.cloud_api.errors import Unavailable

_acting: ContextVar[str | None] = ContextVar("acting number", default=None)


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number that the bot answers from."""

    #: Meta's id of the number.
    id: str
    #: None: that of the settings.
    token: SecretStr | None = None
    #: None: that of the settings.
    messages_per_second: float | None = None
    #: The number as people see it, digits only; empty if unknown.
    display: str = ""


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

    def replace(self, numbers: Iterable[Number]) -> None:
        """Have the bot answer from these numbers, and always from that of the settings."""
        given = {one.id: one for one in numbers}
        self.first = given.pop(self.first.id, self.first)
        self._by_id = {self.first.id: self.first, **given}
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


class ActingApi(CloudApi):
    """The Cloud API for all numbers of the bot, as the one that the code which uses it acts as.

    `token` is that of numbers without their own, `phone_number_id` the number of the settings.
    """

    def __init__(
        self, http: httpx.AsyncClient, *, token: str, phone_number_id: str, **more: Any
    ) -> None:
        super().__init__(http, token=token, phone_number_id=phone_number_id, **more)
        #: The numbers that the bot answers from.
        self.numbers = Numbers(Number(phone_number_id))
        self._token = token
        #: How to act as each number, and the number that it was made for.
        self._made = {phone_number_id: (self.numbers.first, self._own)}

    @property
    def access(self) -> NumberAccess:
        """How the next request acts as a number.

        Raise Unavailable for a number that is not the bot's: another process may know it before
        this one does.
        """
        number = self.numbers.of(self.numbers.acting_id)
        if number is None:
            problem = "the number to send from is not one of this bot: `watch.py numbers add`"
            raise Unavailable(problem, ambiguous=False)
        made = self._made.get(number.id)
        if made is None or made[0] is not number:
            token = number.token.get_secret_value() if number.token else self._token
            made = (number, NumberAccess(self._root, number.id, token))
            self._made[number.id] = made
        return made[1]
