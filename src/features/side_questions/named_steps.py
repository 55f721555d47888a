"""Which question of a form somebody speaks of: "why do you need my passport?"."""

from collections.abc import Iterator
from typing import Any

from flow_engine import Flow
from flow_engine.words import as_keyword, normalise
from texts.catalogue import Texts

#: Fewest letters of a word that names a question: "of" in "kind of document" does not.
MIN_LETTERS = 4


def named_step(texts: Texts, flow: Flow[Any], text: str, open_step: str) -> str:
    """Return the step whose label, name or options a text has most words of.

    The open step is meant if none is named, and rather than another one that is named as well.
    """
    said = {one.removesuffix("s") for one in as_keyword(text).split() if len(one) >= MIN_LETTERS}
    counts = {
        step.name: len(said.intersection(_names(texts, flow, step.name))) for step in flow.steps
    }
    most = max(counts.values(), default=0)
    is_open = not most or counts.get(open_step) == most
    return open_step if is_open else next(name for name, count in counts.items() if count == most)


def _names(texts: Texts, flow: Flow[Any], name: str) -> Iterator[str]:
    key = f"{flow.name}.{name}"
    for language in texts.languages:
        named = (texts.find(language, f"{key}.{one}") for one in ("label", "name"))
        for text in filter(None, named):
            yield from (one.removesuffix("s") for one in normalise(text).split())
    for option in flow.options(name):
        yield from texts.words_of_option(key, option)
