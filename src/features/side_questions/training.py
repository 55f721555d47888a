"""Learns a model from examples: logistic regression, one example at a time, in plain Python."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import exp, sqrt

from features.side_questions.intents import NONE, Examples
from features.side_questions.model import ALWAYS, Model, as_characters
from features.side_questions.spelling import grams_of

#: How often all examples are gone through, and how far a mistake moves a weight at first.
ROUNDS, RATE = 4, 0.3
#: Mistakes up to this size are no reason to change anything.
SMALL = 0.01
#: Fewest phrases that have a gram.
MIN_PHRASES = 3
#: Each time the same model is learnt from the same examples.
SEED = 1


def train(examples: Iterable[Examples]) -> Model:
    """Return a model of these examples; it takes about two seconds.

    Raises ValueError for a pattern that cannot be read.
    """
    examples = list(examples)
    phrases = {(one.intent, text): None for one in examples for text in one.phrases()}
    intents = sorted({NONE, *(intent for intent, _ in phrases)})
    learnt = _Learning(intents)
    known = [(intents.index(intent), grams_of(text)) for intent, text in phrases]
    counts = Counter(gram for _, grams in known for gram in grams)
    lines = [
        (intent, sorted(gram for gram in grams if counts[gram] >= MIN_PHRASES), len(grams))
        for intent, grams in known
    ]
    order = random.Random(SEED)
    for _ in range(ROUNDS):
        order.shuffle(lines)
        for intent, grams, count in lines:
            learnt.learn(intent, grams, count)
    weights = {gram: as_characters(one) for gram, one in learnt.weights.items()}
    return Model(intents, {one.key: one.digest for one in examples}, weights)


class _Learning:
    """The weights so far, and how much each has moved."""

    def __init__(self, intents: Sequence[str]) -> None:
        nothing = [0.0] * len(intents)
        self.weights: dict[str, list[float]] = defaultdict(nothing.copy)
        self._moved: dict[str, list[float]] = defaultdict([1e-8 for _ in intents].copy)
        self._intents = range(len(intents))

    def learn(self, intent: int, grams: Sequence[str], count: int) -> None:
        """Move the weights of one example's grams, the less the more they have moved already."""
        scale = 1 / sqrt(count + 1)
        there = [*grams, ALWAYS]
        columns = zip(*(self.weights[gram] for gram in there), strict=True)
        totals = [scale * sum(column) for column in columns]
        highest = max(totals)
        powers = [exp(one - highest) for one in totals]
        whole = sum(powers)
        wrong = [power / whole - (place == intent) for place, power in enumerate(powers)]
        moves = [(at, wrong[at] * scale) for at in self._intents if abs(wrong[at]) > SMALL]
        for gram in there:
            weights, moved = self.weights[gram], self._moved[gram]
            for at, move in moves:
                moved[at] += move * move
                weights[at] -= RATE * move / sqrt(moved[at])
