"""Which option of a question people mean: by its name, its place, yes or no, inside a sentence."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from flow_engine.phrases import Phrases, is_made_of
from flow_engine.typos import unstretched
from flow_engine.words import as_keyword, normalise
from texts.agreement import agrees
from texts.frames import Frames
from texts.option_names import longest_spans_of, near_spans_of, spans_of
from texts.vocabulary import Vocabulary

#: Most words of a message that is searched for the name of an option.
MAX_CHOICE_WORDS = 12
#: Most words that begin a question what an option is: "na wetin be".
MAX_DEFINITION_WORDS = 4
#: Most words of a message that begins with yes, and goes on: "yes, please register me".
MAX_YES_WORDS = 8
#: Fewest letters of a word of a title that decides alone which of two options is meant.
MIN_OWN_LETTERS = 3

#: "2", "2nd", "2." or "2º": `normalise` makes letters of raised ones.
_PLACE = re.compile(r"(\d{1,3})(?:st|nd|rd|th|er|r?[oa]|d[oa]|t[oa])?")
#: A first word with a mark behind it: "no, please don't".
_FIRST_WORD = re.compile(r"^\W*([^\W\d_]+)\s*[,.;!]")


#: What refuses a whole question, and so does not deny the word behind it: "no keep it".
_PLAIN_NO = frozenset({"no", "nao"})
#: The "no." of a number, which denies nothing: "passport no AB1020".
_NUMBERED = re.compile(r"\bn(?:o|º|°|ro)\b\.?\s+(?=\S*\d)", re.IGNORECASE)
#: What ends a part of a sentence.
_PART_END = re.compile(r"[,;.!]+")


class Choices:
    """Reads choices with the words of all languages."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = vocabulary

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {
            normalise(word): place
            for numbers in self._words.numbers
            for place, words in enumerate(numbers, start=1)
            for word in words.split(",")
        }

    def place_of(self, text: str, nouns: Collection[str] = ()) -> int | None:
        """Return the number that a message is: 2 for "2", "2nd" or "number 2"."""
        readings = (self._without_noun(one, nouns) for one in self._words.readings(text))
        found = map(_PLACE.fullmatch, readings)
        return next((int(place[1]) for place in found if place), None)

    def _without_noun(self, reading: str, nouns: Collection[str]) -> str:
        """Return a reading without a last word that any option may be called: "2nd one"."""
        start, _, noun = reading.rpartition(" ")
        is_noun = noun in nouns or noun in self._words.words("option_nouns")
        return start if start and is_noun else reading

    def place_in_words(self, text: str, of: int, nouns: Collection[str] = ()) -> int | None:
        """Return the number that a message says in words: 2 for "two" or "the second one".

        `of` is the number of options, of which "the last one" is one.
        """
        whole = self._words.loose_readings(text)
        readings = [*whole, *(self._without_noun(one, nouns) for one in whole)]
        if not self._words.words("both", "any").isdisjoint(readings):
            return None
        if not self._words.words("last").isdisjoint(readings):
            return of
        found = (self._places.get(reading) for reading in readings)
        return next((place for place in found if place), None)

    def yes_or_no(self, text: str) -> str | None:
        """Return "yes" or "no" for a message that says so, with whatever people put around it."""
        if self.hesitates(text):
            return None
        is_yes, is_no = self._words.is_word("yes", text), self._words.is_word("no", text)
        if is_yes != is_no:
            return "yes" if is_yes else "no"
        words = unstretched(as_keyword(text)).split()
        if is_yes or not words or len(words) > MAX_CHOICE_WORDS:
            return None
        if is_made_of(words, self._words.phrases("no"), self._words.around):
            return "no"
        return self._beginning(text, words)

    def hesitates(self, text: str) -> bool:
        """Return whether a message asks, or wants time, and so decides nothing: "ok wait"."""
        return "?" in text or self._words.has_any("pause", as_keyword(text).split())

    def corrects(self, text: str) -> bool:
        """Return whether a message says what is right: "no, I was born on 6 May".

        Such a "no" refuses nothing.
        """
        words = as_keyword(text).split()
        links = self._words.phrases("linking")
        is_told = any(map(str.isdecimal, "".join(words))) or any(links.find(words))
        return is_told or self.says_wrong(text)

    def says_wrong(self, text: str) -> bool:
        """Return whether a message says that something is wrong."""
        corrections = self._words.phrases("wrong", "correction", "apology")
        return any(corrections.find(as_keyword(text).split()))

    def _beginning(self, text: str, words: Sequence[str]) -> str | None:
        """Decide on "yes, please register me" and "no, not today", if nothing takes it back."""
        vocabulary = self._words
        marked = _FIRST_WORD.match(text)
        first = unstretched(normalise(marked[1])) if marked else ""
        if any(vocabulary.phrases("asking", "doubt").find(words)) or len(words) > MAX_YES_WORDS:
            return None
        if first in vocabulary.words("no") and first in vocabulary.words("negation"):
            is_unclear = not vocabulary.words("yes").isdisjoint(words) or self.corrects(text)
            return None if is_unclear else "no"
        return "yes" if agrees(vocabulary, text, words, first) else None

    def one_of_two(self, text: str, yes: Collection[str], no: Collection[str]) -> str | None:
        """Return "yes" or "no" by words that only one of two options has; "" for unclear words.

        `yes` and `no` are the normalised names of the two options. None leaves the answer to the
        words for yes and no. "Yes, keep it" is a no where only that option has "keep"; words of
        both options, or of the one that does something with a no, are unclear.
        """
        if not self._words.words("no").isdisjoint(self._words.readings(text)):
            return None  # "no estoy de acuerdo" is one of its phrases
        words = unstretched(as_keyword(text)).split()
        own_yes, own_no = self._own(yes, no), self._own(no, yes)
        does, stays = any(own_yes.find(words)), any(own_no.find(words))
        if not does and not stays:
            return None
        refused = self._words.words("negation") | self._words.words("no")
        if does:
            if stays or "?" in text:
                return ""
            if not refused.isdisjoint(words):
                return "no" if self._denies_own(text, words) else ""
            beside = self._words.phrases("courtesy", "filler", "yes", "yes_start")
            return "yes" if is_made_of(words, own_yes, beside) else None
        is_clear = "?" not in text and len(words) <= MAX_CHOICE_WORDS
        return "no" if is_clear and not self._denies_before(text, words, own_no) else ""

    def _denies_before(self, text: str, words: Sequence[str], own: Phrases) -> bool:
        """Return whether something denies the word behind it: not "no keep it", but "don't"."""
        before = list(words[: min(start for start, _ in own.find(words))])
        beside = _PLAIN_NO | self._words.words("filler")
        while before and before[-1] in beside:
            before.pop()
        denying = self._words.words("negation")
        is_refusing = _FIRST_WORD.match(text) is not None
        return not denying.isdisjoint(before[1:] if is_refusing else before)

    def _denies_own(self, text: str, words: Sequence[str]) -> bool:
        """Return whether "do not delete it" is said, which "no, delete it" may not mean."""
        vocabulary = self._words
        if _FIRST_WORD.match(text) is not None:
            return False
        agreed = vocabulary.words("yes", "yes_start") - vocabulary.words("no", "negation")
        return self.yes_or_no(text) == "no" or not any(Phrases(agreed).find(words))

    def _own(self, names: Collection[str], others: Collection[str]) -> Phrases:
        """Return the words and whole names of an option that mean neither yes, no nor the other."""
        if (known := (frozenset(names), frozenset(others))) not in self._known_own:
            refusing = self._words.words("yes", "no", "yes_start")
            around = self._words.words("courtesy", "filler", "negation") | refusing
            shared = around | {word for name in others for word in name.split()}
            words = {word for name in names for word in name.split()} - shared
            whole = {" ".join(_without_start(name.split(), refusing)) for name in names}
            own = {word for word in words if len(word) >= MIN_OWN_LETTERS}
            own |= {name for name in whole if not set(name.split()) <= shared}
            self._known_own[known] = Phrases(frozenset(own))
        return self._known_own[known]

    @cached_property
    def _known_own(self) -> dict[tuple[frozenset[str], frozenset[str]], Phrases]:
        return {}

    def option_in(self, text: str, names: Mapping[str, Collection[str]]) -> str | None:
        """Return the only option that a sentence names; None if it asks, denies, or names more.

        `names` are the normalised names of each option. One letter of a name may be wrong, and a
        longer name counts more than one inside it.
        """
        text, names = self._without_denied(text, names)
        words = as_keyword(self.after_no(text)).split()
        is_question = "?" in text or self._words.has_any("what_is", words[:MAX_DEFINITION_WORDS])
        if is_question or len(words) > MAX_CHOICE_WORDS or self._words.denies(words):
            return None
        found = {option for option, _ in longest_spans_of(words, names)}
        return found.pop() if len(found) == 1 else None

    def says_only(
        self, text: str, names: Mapping[str, Collection[str]], around: Collection[str]
    ) -> bool:
        """Return whether a sentence says nothing but names of options, and words around them."""
        text, names = self._without_denied(text, names)
        words = as_keyword(self.after_no(text)).split()
        return self.frames.says_only(words, longest_spans_of(words, names), around)

    @cached_property
    def frames(self) -> Frames:
        """What stands around a choice and says nothing."""
        return Frames(self._words)

    def _without_denied(
        self, text: str, names: Mapping[str, Collection[str]]
    ) -> tuple[str, Mapping[str, Collection[str]]]:
        """Return text and names without what is denied: "not the passport, the other"."""
        text = _NUMBERED.sub("", text)
        left, denied = [], set[str]()
        for part in _PART_END.split(text):
            words = as_keyword(part).split()
            named = {option for option, _ in spans_of(words, names) or near_spans_of(words, names)}
            if named and self._words.denies(words):
                denied |= named
            else:
                left.append(part)
        if not denied or not any(map(as_keyword, left)):
            return text, names
        return ", ".join(left), {one: names[one] for one in names.keys() - denied}

    def after_no(self, text: str) -> str:
        """Return a text without the parts at its start that only refuse: "no, wait, the other"."""
        parts = _PART_END.split(text)
        beside = self._words.phrases("no", "courtesy", "filler", "apology")
        while len(parts) > 1 and is_made_of(as_keyword(parts[0]).split(), beside, beside):
            parts.pop(0)
        return " ".join(parts)


def _without_start(words: Sequence[str], group: Collection[str]) -> Sequence[str]:
    return words[1:] if words and words[0] in group else words
