"""Several facts in one sentence without marks: "im john smith and i want a table for 4 on friday".

Each question of a form looks for its own answer. What it finds is kept, and not asked; people see
it in the review of the form, without which nothing is taken.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from flow_engine import Ask, Call, Flow, FlowState, NextDays, Review, Turn
from flow_engine.field_types import is_date
from flow_engine.fitting import Fit, fit, takes_counts, takes_names
from flow_engine.sentences import is_day_in_numbers, names_in, without_introduction
from flow_engine.spoken_numbers import with_numbers
from flow_engine.transitions import ask, go_on
from flow_engine.words import as_keyword
from services.conversations.context import ConversationContext
from services.conversations.doubtful_names import Doubt, is_known, name_doubt
from services.conversations.option_loading import days_from
from services.conversations.turn import ConversationTurn
from texts.language import is_month_first_usual

#: Fewest words of a sentence that may hold several facts, and most that are searched.
MIN_WORDS, MAX_WORDS = 2, 60
#: Words of a part of a long sentence: an option and a day are searched in such parts.
PIECE_WORDS = 8
#: Most words of a date.
MAX_DATE_WORDS = 7
#: Fewest characters of a number that is told by itself: a document's, a phone's.
MIN_NUMBER_CHARS = 5
#: Facts by which a message that does not answer the question is still an answer to others.
MIN_OTHER_FACTS = 2
#: What stands between two numbers of which only one can be meant.
_EITHER = frozenset(("or", "o", "ou", "to", "a", "y", "e", "and"))
_SENTENCES = re.compile(r"[,;.!?\n]+\s")
#: Groups of digits with the capitals before them, as people write the number of a passport.
_SERIES = re.compile(r"\b(?:[A-Z]{1,3}[ ]+)?\d+(?:[ ]+\d+)+\b|\b[A-Z]{1,3}[ ]+\d+\b")
_CLAUSES = re.compile(r"[,;.!?\n]+(?!\d)|\s(?:and|y|e|but|pero|mas)\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ToldFacts:
    """Finds in a message what a form would ask."""

    context: ConversationContext
    turn: ConversationTurn
    flow: Flow[Any]

    def begin(self, started: Turn) -> Turn:
        """Return where a form begins whose first answers are in the words that start it."""
        state = started.state
        facts = self._found(state) if state is not None else {}
        if state is None or not facts:
            return started
        known = self._with(state, facts)
        return self._go_on(known) if state.step in facts else Turn(known, started.effects)

    def take(self, state: FlowState, step: Turn) -> Turn:
        """Return where the facts of an answer lead that no question takes; else `step`."""
        facts = {} if state.awaiting_options else self._found(state)
        is_alone = len(facts) < MIN_OTHER_FACTS
        if is_alone and state.step in facts and self.flow.options(state.step):
            return step  # "I lost my passport" was read as a choice already
        known = self._with(state, facts)
        if state.step in facts:
            return self._go_on(known)
        return ask(self.flow, known) if len(facts) >= MIN_OTHER_FACTS else step

    def told_anew(self, state: FlowState) -> FlowState:
        """Return a state with what a message tells of what was told before the open question."""
        steps = (one for one in self.flow.steps if one.name in state.known.keys() - state.answers)
        told = {
            one.name: self._fact(one, self.turn.text) for one in steps if self._may_be_told(one)
        }
        newer = {name: value for name, value in told.items() if value is not None}
        return self._with(state, newer) if newer and self.turn.message.choice is None else state

    def _with(self, state: FlowState, facts: Mapping[str, object]) -> FlowState:
        return state.model_copy(update={"known": {**state.known, **facts}})

    def _go_on(self, state: FlowState) -> Turn:
        return go_on(self.flow, state, state.step)

    def _found(self, state: FlowState) -> Mapping[str, object]:
        """Return the answers in a message to questions that are open, by their steps."""
        text = self.turn.text
        is_reviewed = any(isinstance(step, Review) for step in self.flow.steps)
        is_typed = self.turn.message.choice is None
        if not is_reviewed or not is_typed or not MIN_WORDS <= len(text.split()) <= MAX_WORDS:
            return {}
        steps = (one for one in self.flow.steps if one.name not in {*state.answers, *state.known})
        found = {one.name: self._fact(one, text) for one in steps if self._may_be_told(one)}
        return {name: value for name, value in found.items() if value is not None}

    def _may_be_told(self, step: Ask) -> bool:
        is_asked = not isinstance(step, Review | Call) and not self.flow.is_several(step.name)
        is_there = step.options_from is None or isinstance(step.options_from, NextDays)
        return is_asked and is_there and step.name in self.flow.form.model_fields

    def _fact(self, step: Ask, text: str) -> object:
        """Return the only answer to a step in a sentence; None if there is none, or more."""
        name = step.name
        if isinstance(step.options_from, NextDays):
            today = self.turn.now.astimezone(self.context.zone).date()
            days = days_from(today, step.options_from)
            named = (self.context.texts.day_in(days, part, today) for part in _parts(text))
            return only(filter(None, named))
        if self.flow.options(name):
            return only(self._options(name, text))
        said = self._said(name, text)
        if said is None:
            return None
        is_month_first = is_month_first_usual(self.turn.user)
        try:
            return self.flow.parse(name, said, is_month_first_usual=is_month_first)
        except ValidationError:  # "5/11/1995", which may be in May: it is asked
            return None

    def _said(self, name: str, text: str) -> str | None:
        """Return the words of a sentence that answer a step without options."""
        if takes_names(self.flow, name):
            return only(self._names(name, text))
        if is_date(self.flow.annotation(name)):
            return next(self._dates(name, text), None)
        if takes_counts(self.flow, name):
            return only(self._counts(name, text))
        return only(self.numbers(name, text))

    def _options(self, name: str, text: str) -> Iterator[str]:
        texts, options, key = (
            self.context.texts,
            self.flow.options(name),
            f"{self.flow.name}.{name}",
        )
        asks = texts.vocabulary.asks
        for part in (one for one in _parts(text) if not asks(one)):
            if (found := texts.option_in_sentence(key, options, part)) is not None:
                yield found

    def _names(self, name: str, text: str) -> Iterator[str]:
        """Yield the names behind "my name is", or alone: words that the bot does not know."""
        alone = map(without_introduction, _SENTENCES.split(text))
        for behind in (*names_in(text), *alone):
            said: list[str] = []
            for word in behind.split():
                if is_known(self.context.texts, as_keyword(word)) or not as_keyword(word):
                    break
                said.append(word)
                if word.endswith((",", ".", ";")):
                    break
            found = " ".join(said).strip(" ,.;")
            is_name = self.flow.takes(name, found) and len(said) > 1
            if is_name and name_doubt(self.context.texts, found) is Doubt.NONE:
                yield found

    def _dates(self, name: str, text: str) -> Iterator[str]:
        words = text.split()
        for length in range(min(len(words), MAX_DATE_WORDS), 0, -1):
            for start in range(len(words) - length + 1):
                part = " ".join(words[start : start + length]).strip(",.;!")
                if any(map(str.isalnum, part)) and self.flow.takes(name, part):
                    yield part

    def _counts(self, name: str, text: str) -> Iterator[str]:
        """Yield the numbers that stand beside a word of the question, or behind "for"."""
        words = with_numbers(text)
        nouns = self.context.texts.nouns_of(f"{self.flow.name}.{name}")
        counted = self.context.texts.vocabulary.words("counted")
        numbers = [at for at in range(len(words)) if _is_one_number(words, at)]
        named = [words[at] for at in numbers if {*words[at + 1 : at + 3]} & (nouns | counted)]
        behind = [words[at] for at in numbers if self._is_counted(words, at)]
        yield from (one for one in named or behind if self.flow.takes(name, one))

    def _is_counted(self, words: Sequence[str], at: int) -> bool:
        """Return whether a number stands behind "for" or "we are", and is no time."""
        before = self.context.texts.vocabulary.words("before_count")
        hours = self.context.texts.vocabulary.words("hours")
        starts = (" ".join(words[start:at]) for start in range(max(at - 3, 0), at))
        return not before.isdisjoint(starts) and hours.isdisjoint(words[at + 1 : at + 2])

    def numbers(self, name: str, text: str) -> Iterator[str]:
        """Yield the words that are long numbers or addresses, and that the field takes."""
        for word in (one.strip(",.;!?") for one in (*text.split(), *_series(text))):
            is_long = len(word) >= MIN_NUMBER_CHARS and any(map(str.isdecimal, word))
            is_likely = (is_long and not is_day_in_numbers(word)) or "@" in word
            if is_likely and fit(self.flow, name, word) is Fit.KIND:
                yield word


def _series(text: str) -> Iterator[str]:
    """Yield the groups of digits, and of a few capitals, that stand together: "FZ 889 201"."""
    yield from (" ".join(one[0].split()) for one in _SERIES.finditer(text))


def _parts(text: str) -> Iterator[str]:
    """Yield the parts of a sentence, as "and" and marks divide it; of a long one, its pieces."""
    for words in (part.split() for part in _CLAUSES.split(text)):
        for start in range(0, max(len(words) - PIECE_WORDS // 2, 1), PIECE_WORDS // 2):
            yield " ".join(words[start : start + PIECE_WORDS])


def _is_one_number(words: Sequence[str], at: int) -> bool:
    """Return whether a word is a number, and not one of two: "4 or 5"."""
    pairs = ((at - 2, at - 1), (at + 2, at + 1))
    is_either = any(
        0 <= other < len(words) and words[other].isdecimal() and words[between] in _EITHER
        for other, between in pairs
    )
    return words[at].isdecimal() and not is_either


def only(found: Iterator[str]) -> str | None:
    """Return what was found, if it is one thing."""
    different = {*found}
    return different.pop() if len(different) == 1 else None
