"""Compares programs by turns: ratios to the first one, and how sure they are."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

#: Resamples of an interval, and the share of them that lies in it.
RESAMPLES, SURENESS = 2_000, 0.95


class Spent(NamedTuple):
    """What a turn took, in seconds."""

    processor: float
    wall: float


#: Lets a program do its work once.
Turn = Callable[[], Spent]
#: Ratios of turns, in groups: those of a group have the same processes.
Ratios = Sequence[Sequence[float]]


class Interval(NamedTuple):
    """A median, and between what it lies."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:.3f} to {self.high:.3f}"

    def verdict(self, most: float) -> str:
        """Return whether the median is at most this, as far as that is sure."""
        if self.high <= most:
            return f"at most {most:g}: holds"
        return f"over {most:g}" if self.low > most else f"at most {most:g}: undecided"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The turns of all programs, by group and name."""

    groups: Sequence[Mapping[str, Sequence[Spent]]]

    def ratios(self, name: str, to: str, of: Callable[[Spent], float]) -> Interval:
        """Return how much one program takes beside another one."""
        found = [
            [of(one) / of(other) for one, other in zip(group[name], group[to], strict=True)]
            for group in self.groups
        ]
        return interval(found)

    def cheapest(self, name: str) -> float:
        """Return the least processor time of a turn, in seconds."""
        return min(one.processor for group in self.groups for one in group[name])


def compare(
    programs: Mapping[str, Callable[[], AbstractContextManager[Turn]]], groups: int, turns: int
) -> Comparison:
    """Start all programs `groups` times anew; let them take turns, each time in another order.

    What a process costs depends a little on where its memory is: so no process says it alone.
    """
    chance = random.Random(1)
    found = []
    for _ in range(groups):
        with ExitStack() as stack:
            turn_of = {name: stack.enter_context(begin()) for name, begin in programs.items()}
            for turn in turn_of.values():
                turn()  # warms up
            seen: dict[str, list[Spent]] = {name: [] for name in programs}
            for _ in range(turns):
                for name in chance.sample(list(programs), len(programs)):
                    seen[name].append(turn_of[name]())
            found.append(seen)
    return Comparison(found)


def interval(groups: Ratios) -> Interval:
    """Return the median of ratios with its interval, by resampling groups, then their turns."""
    chance = random.Random(1)
    medians = sorted(
        median(
            ratio
            for group in chance.choices(groups, k=len(groups))
            for ratio in chance.choices(group, k=len(group))
        )
        for _ in range(RESAMPLES)
    )
    left = int(RESAMPLES * (1 - SURENESS) / 2)
    return Interval(
        median(ratio for group in groups for ratio in group), medians[left], medians[-1 - left]
    )


def processor_seconds(pid: int) -> float:
    """Return the processor time of another process, to the nanosecond.

    The clock of a process has its number (clock_getcpuclockid of Linux); `/proc` counts in 10 ms.
    """
    return time.clock_gettime(~pid << 3 | 2)
