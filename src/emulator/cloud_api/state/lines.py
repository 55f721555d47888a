"""The phone numbers of the account: each has its chats, its windows and its speed limit."""

from collections.abc import Callable, Iterator
from typing import Any

from emulator.cloud_api.config import Config
from emulator.cloud_api.rules.limits import SpeedLimits
from emulator.cloud_api.state.people import Person


class Line:
    """One number. A person has a chat, and a 24-hour window, with each of them."""

    def __init__(
        self, config: Config, phone_number_id: str, display: str, clock: Callable[[], float]
    ) -> None:
        self.phone_number_id = phone_number_id
        self.display = display
        #: Whether it is the number that the account began with.
        self.is_first = phone_number_id == config.phone_number_id
        self.speed = SpeedLimits(
            per_second=config.messages_per_second, pairs=config.limit_pairs, clock=clock
        )

    @property
    def metadata(self) -> dict[str, str]:
        """What webhooks say of the number."""
        return {"display_phone_number": self.display, "phone_number_id": self.phone_number_id}

    @property
    def mark(self) -> dict[str, str]:
        """What entries of conversations say of the number: nothing if it is the first."""
        return {} if self.is_first else {"phone_number_id": self.phone_number_id}

    def wrote_at(self, person: Person) -> float | None:
        """When a person wrote to this number last, in seconds since 1970."""
        return person.wrote_at if self.is_first else person.wrote_to.get(self.phone_number_id)

    def note_written(self, person: Person, at: float) -> None:
        """A person wrote: the window is open."""
        if self.is_first:
            person.wrote_at = at
        else:
            person.wrote_to[self.phone_number_id] = at


class Lines:
    """All numbers of the account, by their id."""

    def __init__(self, config: Config, clock: Callable[[], float]) -> None:
        numbers = {config.phone_number_id: config.display_phone_number, **config.more_numbers}
        self._by_id = {
            number: Line(config, number, display, clock) for number, display in numbers.items()
        }
        self.first = self._by_id[config.phone_number_id]

    def __iter__(self) -> Iterator[Line]:
        return iter(self._by_id.values())

    def of(self, phone_number_id: Any) -> Line | None:
        """Return the number of this id; the first for None; None if there is none."""
        return self.first if phone_number_id is None else self._by_id.get(str(phone_number_id))
