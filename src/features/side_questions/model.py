"""Says how sure it is of each intent: a linear model over the words of a message and their parts.

`model.txt` has a line of JSON, and then one line for each gram with the weights of all intents, a
character each. `python3 watch.py intents --train` writes it from the examples.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp, sqrt
from pathlib import Path

from features.side_questions.intents import NONE, Examples
from features.side_questions.spelling import grams_of

FILE = Path(__file__).with_name("model.txt")
#: The gram that every message has.
ALWAYS = "*"
#: Weights are written in steps of this size, as characters around MIDDLE.
STEP, MIDDLE, FARTHEST = 0.08, ord("P"), 44


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt from examples."""

    intents: Sequence[str]
    #: Of the examples that it was learnt from, by "intent.language".
    digests: Mapping[str, str]
    #: A character for each intent, by gram.
    weights: Mapping[str, str]

    def knows(self, examples: Iterable[Examples]) -> bool:
        """Return whether it was learnt from these examples, and perhaps from others."""
        return all(self.digests.get(one.key) == one.digest for one in examples)

    def shares(self, text: str) -> Mapping[str, float]:
        """Return how sure it is of each intent, from 0 to 1, the best one first."""
        grams = grams_of(text)
        found = [one for gram in grams if (one := self.weights.get(gram)) is not None]
        always = self.weights[ALWAYS]
        scale = STEP / sqrt(len(grams) + 1)
        totals = [
            scale * sum(map(ord, column)) for column in zip(always, *found, strict=True)
        ]  # MIDDLE is in all of them alike
        highest = max(totals)
        powers = [exp(one - highest) for one in totals]
        shares = zip(self.intents, (one / sum(powers) for one in powers), strict=True)
        return dict(sorted(shares, key=lambda pair: -pair[1]))

    def reasons(self, text: str, intent: str) -> Sequence[tuple[str, float]]:
        """Return the grams that speak most for an intent, against an ordinary message."""
        place, other = self.intents.index(intent), self.intents.index(NONE)
        found = [
            (gram, (ord(weights[place]) - ord(weights[other])) * STEP)
            for gram in grams_of(text)
            if (weights := self.weights.get(gram)) is not None
        ]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def write(self, file: Path) -> None:
        """Keep it for the next start."""
        head = json.dumps({"intents": self.intents, "digests": self.digests})
        lines = (f"{gram}\t{weights}" for gram, weights in sorted(self.weights.items()))
        file.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")


@cache
def read_model(file: Path = FILE) -> Model:
    """Return the model of a file; one that knows no intent if there is no such file."""
    if not file.is_file():
        return Model((NONE,), {}, {ALWAYS: chr(MIDDLE)})
    head, _, rest = file.read_text(encoding="utf-8").partition("\n")
    told = json.loads(head)
    weights = dict(line.split("\t") for line in rest.splitlines())
    return Model(tuple(told["intents"]), told["digests"], weights)


def as_characters(weights: Iterable[float]) -> str:
    """Return the weights of a gram as a file has them."""
    steps = (max(-FARTHEST, min(FARTHEST, round(one / STEP))) for one in weights)
    return "".join(chr(MIDDLE + one) for one in steps)
