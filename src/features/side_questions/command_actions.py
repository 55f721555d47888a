"""What `watch.py intents` prints, and the model that it writes."""

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import features
import texts
from features.side_questions.intents import read_examples
from features.side_questions.model import FILE
from features.side_questions.reader import SURE, SURE_OF_ANSWER, SURE_OF_QUESTION, Reader
from features.side_questions.training import train
from texts.catalogue import Texts, TextsError
from utils.commands import CommandError

#: Most intents, and most reasons for the first of them, that are printed for a message.
SHOWN_INTENTS, SHOWN_REASONS = 3, 6


def load() -> Texts:
    """Return the texts of the core and of the features that are there."""
    folders = sorted(path for root in features.__path__ for path in Path(root).glob("*/texts"))
    try:
        return Texts.load(Path(texts.__path__[0]), *folders)
    except TextsError as error:
        raise CommandError(str(error)) from error


def learn() -> int:
    """Learn the examples, and keep the model. Return the exit code."""
    examples, began = read_examples(load()), perf_counter()
    try:
        model = train(examples)
    except ValueError as error:
        raise CommandError(f"An example of an intent cannot be read: {error}") from error
    model.write(FILE)
    seconds, size = perf_counter() - began, FILE.stat().st_size // 1000
    print(f"{len(model.intents)} intents learnt in {seconds:.1f} s: {FILE.name}, {size} kB")
    return 0


def explain(messages: Sequence[str]) -> int:
    """Print what is read in each message, and why. Return the exit code."""
    loaded = load()
    reader = Reader(read_examples(loaded), loaded.vocabulary)
    for part in (part for message in messages for part in reader.read(message)):
        shares = list(reader.model.shares(part.text).items())[:SHOWN_INTENTS]
        print(f"“{part.text}”: {part.intent or 'no question of these'}")
        print("  " + ", ".join(f"{intent} {share:.2f}" for intent, share in shares))
        reasons = reader.model.reasons(part.text, shares[0][0])[:SHOWN_REASONS]
        print("  because of " + ", ".join(f"“{gram}” {weight:+.1f}" for gram, weight in reasons))
    print(
        f"It is read from {SURE} on, from {SURE_OF_QUESTION} where it looks like a question, and "
        f"from {SURE_OF_ANSWER} where the form would take it as an answer."
    )
    return 0


def show() -> int:
    """Print the intents, and how many examples each language has. Return the exit code."""
    for one in read_examples(load()):
        print(f"{one.language}  {one.intent:12} {len(one.patterns):4} examples")
    return 0
