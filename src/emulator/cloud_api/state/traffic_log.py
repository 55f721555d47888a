"""What went between the bot and the emulator: webhooks and Graph calls, each with its answer."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from emulator.feed import Feed

#: The oldest are forgotten.
KEPT_EXCHANGES = 1_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. Headers are left out: they hold the secrets."""

    number: int
    #: when it began, in seconds since 1970
    at: float
    #: "webhook" (to the bot), "graph" (from the bot), or "step" (what the bot decided)
    kind: str
    method: str
    url: str
    milliseconds: float
    request: Any
    #: None: no answer
    status: int | None = None
    response: Any = None
    #: the people it is about
    wa_ids: list[str] = field(default_factory=list)
    #: what a reader should know of it
    notes: list[str] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


class Exchanges:
    """The most recent of them; `feed` tells of each."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.feed = Feed()
        self._kept: deque[Exchange] = deque(maxlen=KEPT_EXCHANGES)
        self._count = 0

    def add(
        self,
        kind: str,
        method: str = "",
        url: str = "",
        *,
        wa_ids: Iterable[str],
        milliseconds: float = 0.0,
        at: float | None = None,
        **rest: Any,
    ) -> None:
        """Of what has just ended, unless it says when it began (`at`)."""
        self._count += 1
        if at is None:
            at = self._clock() - milliseconds / 1000
        people = sorted(set(wa_ids))
        made = Exchange(
            self._count,
            at,
            kind,
            method,
            url,
            wa_ids=people,
            milliseconds=milliseconds,
            **rest,
        )
        self._kept.append(made)
        self.feed.publish(made.shown())

    def all(self) -> list[dict[str, Any]]:
        return [one.shown() for one in self._kept]

    def find(self, number: int) -> Exchange | None:
        return next((one for one in self._kept if one.number == number), None)
