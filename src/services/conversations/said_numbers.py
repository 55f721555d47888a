"""Another number inside a message about answers: "its AB1020301", "it ends in 01"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

from flow_engine import Flow, FlowState
from flow_engine.date_tokens import date_tokens
from flow_engine.field_types import is_date
from flow_engine.fitting import Fit, fit
from flow_engine.reachability import is_phone_number
from flow_engine.sentences import is_day_in_numbers
from flow_engine.words import as_keyword
from texts.catalogue import Texts

#: Most words of a number.
MAX_NUMBER_WORDS = 4
#: Fewest characters of a number that is one of a document by itself.
MIN_NUMBER_CHARS = 5
#: Fewest characters of the end of a number: "it ends in 01".
MIN_END_CHARS = 2
#: How alike a number and the stored one are of which it corrects a part.
ALIKE = 0.6
#: Marks around a word that are no part of it.
MARKS = " ,.;:!()\"'“”«»"


def pieces(words: Sequence[str], most: int) -> Iterator[str]:
    """Yield the pieces of a message of at most so many words, the longest first."""
    for length in range(min(len(words), most), 0, -1):
        for start in range(len(words) - length + 1):
            piece = " ".join(words[start : start + length]).strip(MARKS)
            if any(map(str.isalnum, piece)):
                yield piece


@dataclass(frozen=True)
class SaidNumbers:
    """Finds numbers and addresses, by the fields that take them."""

    texts: Texts
    flow: Flow[Any]
    state: FlowState
    text: str

    def other(self, step: str, answer: str, *, is_named: bool) -> str | None:
        """Return another number or address, or the stored one with another end."""
        if (ended := self._with_end(step, answer)) is not None:
            return ended
        if not is_named and self._is_day_asked:
            return None
        said = pieces(self.text.split(), MAX_NUMBER_WORDS)
        fitting = [one for one in said if self._fits(step, one)]
        others = [one for one in fitting if str(self.flow.parse(step, one)) != answer]
        if not others:
            return None
        found = others[0]
        is_whole = len(found) >= MIN_NUMBER_CHARS and len(fitting) == 1
        is_alike = SequenceMatcher(None, found.upper(), answer.upper()).ratio() >= ALIKE
        return found if is_named or is_whole or is_alike else None

    def _with_end(self, step: str, answer: str) -> str | None:
        """Return the stored number with another end: "it ends in 01"."""
        told = [one.strip(MARKS) for one in self.text.split() if any(map(str.isdecimal, one))]
        is_end = self.texts.vocabulary.has_any("ends_with", as_keyword(self.text).split())
        if not is_end or len(told) != 1 or not MIN_END_CHARS <= len(told[0]) < len(answer):
            return None
        ended = answer[: -len(told[0])] + told[0].upper()
        return ended if self.flow.takes(step, ended) else None

    def _fits(self, step: str, piece: str) -> bool:
        """Return whether a piece is a number that the field takes, and no phone number or day."""
        ends = (piece.split()[0], piece.split()[-1])
        is_number = all(any(map(str.isdecimal, one)) or "@" in one for one in ends)
        is_number = is_number and not is_day_in_numbers(piece)
        if not is_number or fit(self.flow, step, piece) is not Fit.KIND:
            return False
        is_phone = is_phone_number(piece)
        stored = str(self.state.answers[step])
        days = [one for one in self.state.answers if is_date(self.flow.annotation(one))]
        is_day = any(self.flow.takes(one, piece) for one in days) or (
            bool(days) and date_tokens(piece) is not None
        )
        return not is_day and (not is_phone or is_phone_number(stored))

    @cached_property
    def _is_day_asked(self) -> bool:
        """Whether digits alone may answer the open question for a day: no document is named."""
        if not is_date(self.flow.annotation(self.state.step)):
            return False
        is_number = any(map(str.isalpha, "".join(self._words_with_digits)))
        return not is_number and not any(
            self.texts.options_named(f"{self.flow.name}.{one}", options, self.text)
            for one in self.state.answers
            if (options := self.flow.options(one))
        )

    @property
    def _words_with_digits(self) -> Sequence[str]:
        return [one for one in self.text.split() if any(map(str.isdecimal, one))]
