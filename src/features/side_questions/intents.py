"""The intents of the texts: examples of what people ask, by intent and language.

Any file of texts may have some, `src/texts/en.toml` as well as those of features:

    [intents.parking]
    answer = "You can park behind the house, free of charge."
    examples = ["where (can|do) i park", "is there [any] parking"]
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from flow_engine.phrases import expand
from texts.catalogue import Texts

#: What is no question of these: names, commands, questions of the FAQ.
NONE = "none"
#: Most phrases of one pattern that are learnt from: others say little more.
MAX_PHRASES = 12
#: A step through the phrases of a pattern that meets all its words.
STRIDE = 7919


@dataclass(frozen=True, slots=True)
class Examples:
    """What the texts of one language have for one intent."""

    intent: str
    language: str
    patterns: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"{self.intent}.{self.language}"

    @property
    def digest(self) -> str:
        """Return what changes with the examples."""
        return sha256("\n".join(self.patterns).encode()).hexdigest()[:12]

    def phrases(self) -> Iterator[str]:
        """Yield what is learnt from."""
        for pattern in self.patterns:
            found = expand(pattern)
            count = min(len(found), MAX_PHRASES)
            places = dict.fromkeys(at * STRIDE % len(found) for at in range(count))
            yield from filter(None, (found[place] for place in places))


def read_examples(texts: Texts) -> Sequence[Examples]:
    """Return all examples of the texts, in a fixed order."""
    return [
        Examples(name, language, tuple(table["examples"]))
        for language in sorted(texts.languages)
        for name, table in sorted(_tables(texts.of(language)))
    ]


def _tables(texts: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    found = texts.get("intents", {})
    yield from ((name, one) for name, one in found.items() if one.get("examples"))
