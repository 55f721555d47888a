"""What stands around a choice or a value and says nothing: "*I'll go with* the passport *then*"."""

from collections.abc import Collection, Sequence
from functools import cached_property, lru_cache

from flow_engine.languages import LANGUAGES
from flow_engine.phrases import Phrases
from flow_engine.short_forms import spelled_out
from flow_engine.typos import Typos, all_unstretched, unstretched
from flow_engine.words import as_keyword, normalise
from texts.option_names import Found
from texts.vocabulary import MAX_QUESTION_START, Vocabulary

#: Groups of words that say nothing there, and groups that do.
FRAMES = (
    *("courtesy", "filler", "linking", "apology", "correction", "yes", "yes_start", "agreement"),
    *("thanks", "greeting", "laughter", "option_nouns"),
)
UNFRAMED = ("asking", "negation", "doubt")
#: Most words of a message in which one word may describe an option: "my British passport".
MAX_DESCRIBED_WORDS = 3
#: Shortest word of a refusal that may have a typo, in characters.
MIN_TYPO_CHARS = 5
#: Sets of phrases of the texts that are kept as they are searched for.
MAX_KEPT_SETS = 200
#: Stands for the name of an option.
_NAMED = "\0"


class Frames:
    """Tells such words from those that say something, in any language."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = vocabulary

    def is_framed(self, text: str, said: Collection[str], around: Collection[str]) -> bool:
        """Return whether a message has nothing besides some phrases that says anything.

        `said` are phrases of this message, `around` those that may stand in any.
        """
        return not self._unframed(as_keyword(text), said, around)

    def says_only(self, words: Sequence[str], found: Found, around: Collection[str]) -> bool:
        """Return whether words say nothing besides the names of options at some places.

        Of a short sentence, one unknown word beside a name only describes it.
        """
        named = {at for _, (start, end) in found for at in range(start, end)}
        line = " ".join(_NAMED if at in named else word for at, word in enumerate(words))
        beside = self._unframed(line, (_NAMED,), around)
        if len(beside) != 1 or len(words) > MAX_DESCRIBED_WORDS:
            return not beside
        [word] = beside
        is_next = f"{word} {_NAMED}" in line or f"{_NAMED} {word}" in line
        return is_next and word not in self._words.words(*UNFRAMED, "no", "wrong")

    def withholds(self, text: str) -> bool:
        """Return whether a message refuses to tell or to give something: "i wont tell u that"."""
        words = spelled_out(as_keyword(text)).split()
        long = (one for one in words if len(one) >= MIN_TYPO_CHARS)  # "date" is no "darte"
        is_given = not self._words.words("giving").isdisjoint(words) or any(
            map(self._giving.find, long)
        )
        return is_given and (self._words.denies(words) or self._words.has_any("no", words))

    def only_withholds(self, text: str) -> bool:
        """Return whether a message only says that nothing is told: "no kiero desir"."""
        words = spelled_out(as_keyword(text)).split()
        long = (one for one in words if len(one) >= MIN_TYPO_CHARS)
        giving = tuple(filter(self._giving.find, long))
        around = self._words.words("giving", "negation", "no", "oneself")
        return self.withholds(text) and self.is_framed(text, giving, around)

    @cached_property
    def _giving(self) -> Typos:
        return Typos(self._words.words("giving"))

    def opens_question(self, text: str) -> bool:
        """Return whether a message begins as a question, and not as a request: "can I have"."""
        words = spelled_out(as_keyword(text)).split()
        starts = {" ".join(words[:length]) for length in range(1, MAX_QUESTION_START + 1)}
        asking = self._words.words("question", "asking") - self._words.words("courtesy")
        return not asking.isdisjoint(starts)

    def _unframed(self, line: str, said: Collection[str], around: Collection[str]) -> Sequence[str]:
        words = spelled_out(unstretched(line)).split()
        beside = (_plain_phrases(said), _kept_phrases(frozenset(around)), self._frames)
        places = (place for phrases in beside for place in phrases.find(words))
        framed = {at for start, end in places for at in range(start, end)}
        return [word for at, word in enumerate(words) if at not in framed]

    @cached_property
    def _frames(self) -> Phrases:
        common = {word for one in LANGUAGES.values() for word in one.search.common.split()}
        framing = self._words.words(*FRAMES) | frozenset(map(normalise, common))
        framing = (framing - self._words.words(*UNFRAMED)) | self._words.words("choosing")
        return _plain_phrases(framing)


def _plain_phrases(phrases: Collection[str]) -> Phrases:
    return Phrases(frozenset((*phrases, *all_unstretched(phrases))))


@lru_cache(MAX_KEPT_SETS)
def _kept_phrases(phrases: frozenset[str]) -> Phrases:
    return _plain_phrases(phrases)
