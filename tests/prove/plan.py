"""What will break in a run, and when: a pure function of the seed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

#: Shortest and longest time between two faults.
CALM_SECONDS = (0.5, 3.0)


@dataclass(frozen=True, slots=True)
class Step:
    """A fault of the plan."""

    #: Seconds after the fault before.
    after: float
    #: A name of `tests.prove.faults.FAULTS`.
    kind: str
    #: 0 to 1: which of the processes that the kind is about.
    victim: float = 0.0
    #: Seconds that the fault lasts, where that is a choice: 0 to 1.
    seconds: float = 0.5


def make_plan(seed: int, kinds: Mapping[str, float]) -> Iterator[Step]:
    """Yield faults without end. `kinds` are their weights by name.

    Each kind comes once before any comes again.
    """
    chance = Random(f"plan {seed}")
    first = list(kinds)
    chance.shuffle(first)
    while True:
        kind = first.pop() if first else chance.choices(list(kinds), list(kinds.values()))[0]
        yield Step(chance.uniform(*CALM_SECONDS), kind, chance.random(), chance.random())
