"""Webhooks, Graph calls and decisions of the bot, each with its answer."""

from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from emulator.feed import Feed

#: Exchanges that are kept; the oldest go first.
MAX_KEPT_EXCHANGES = 1_000
#: The same of what is kept in a file: of the newest.
MAX_FILED_EXCHANGES = 300


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. Headers are left out: they hold the secrets."""

    number: int
    #: start, in seconds since 1970
    at: float
    #: "webhook" (to the bot), "graph" (from the bot), or "step" (what the bot decided)
    kind: str
    method: str
    url: str
    milliseconds: float
    request: Any
    #: HTTP status; None without an answer
    status: int | None = None
    response: Any = None
    #: people concerned
    wa_ids: list[str] = field(default_factory=list)
    #: notes for the reader of the inspector
    notes: list[str] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


class TrafficLog:
    """The most recent exchanges; `feed` publishes each."""

    NOT_KEPT: ClassVar = frozenset({"_clock", "feed"})
    MOST_KEPT: ClassVar = {"_kept": MAX_FILED_EXCHANGES}

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.feed = Feed()
        self._kept: deque[Exchange] = deque(maxlen=MAX_KEPT_EXCHANGES)
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
        """Keep an exchange that has just ended, or that began `at` a time."""
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

    def forget(self, wa_ids: Collection[str]) -> None:
        """Forget the exchanges that concern these people alone."""
        left = [one for one in self._kept if not one.wa_ids or not set(one.wa_ids) <= set(wa_ids)]
        self._kept.clear()
        self._kept.extend(left)

    def find(self, number: int) -> Exchange | None:
        return next((one for one in self._kept if one.number == number), None)
