"""Names of the lanes of people: `pool:number:person`."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class LaneKey:
    """The lane of one person at one business number, in one pool of workers."""

    pool: str
    #: Meta's phone number id of the business number
    number: str
    #: key of the person
    person: str

    @property
    def name(self) -> str:
        return f"{self.pool}:{self.number}:{self.person}"

    @classmethod
    def parse(cls, name: str) -> Self:
        """Return the parts of a lane's name; ValueError if it is not the lane of a person."""
        pool, number, person = name.split(":", 2)
        return cls(pool, number, person)


def lane_name(pool: str, phone_number_id: str, user_key: str) -> str:
    """Return the name of the lane of a person at one business number, in a pool."""
    return LaneKey(pool, phone_number_id, user_key).name


def parts_of(lane: str) -> tuple[str, str, str]:
    """Return (pool, number, person) of the name of such a lane."""
    key = LaneKey.parse(lane)
    return key.pool, key.number, key.person
