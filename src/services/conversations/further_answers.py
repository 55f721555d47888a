"""What people say beyond the question: "passport, AB1020300" answers the next one too."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flow_engine import Call, Flow, FlowState, Question, Replied, Review, Turn
from flow_engine.advance import advance
from flow_engine.fitting import Fit, fit, takes_names
from flow_engine.words import normalise
from services.conversations.change_requests import named_value
from services.conversations.context import ConversationContext
from services.conversations.doubtful_names import Doubt, name_doubt
from services.conversations.turn import ConversationTurn
from texts.language import is_month_first_usual

#: What stands between answers that are given together, the surest first.
_BETWEEN = (
    re.compile(r"(?:,(?!\d)|[;\n])+(?:\s*(?:and|y|e)\s)?"),
    re.compile(r"\s(?:and|y|e)\s", re.IGNORECASE),
)
#: Most words of an answer that stands before an option, and of a phrase that names one: a message
#: of thousands of words would be compared with each option millions of times.
MAX_ANSWER_WORDS = 12


@dataclass(frozen=True, slots=True)
class FurtherAnswers:
    """Takes several answers out of one message, each by the rules of its own question."""

    context: ConversationContext
    turn: ConversationTurn
    flow: Flow[Any]

    def take(self, state: FlowState, question: Question, answer: str, step: Turn) -> Turn:
        """Return where all answers of a message lead; `step` is where it leads as one answer."""
        is_refused = step.state is not None and step.state.refusals > state.refusals
        text = self.turn.text
        if answer in question.options:
            rest = self._without_option(question.name, answer, text)
            value = self._value_of(step, question.name, answer)
            return value or self._go_on(step, rest, Fit.KIND) or step
        takes_all = not is_refused and fit(self.flow, state.step, text) is Fit.ANY_TEXT
        if question.options or takes_all:
            return step
        least = Fit.ANY_TEXT if is_refused else Fit.KIND
        parts = self._split(state, lambda part: part, text, least)
        return parts or self._before_option(state, text.split()) or step

    def _value_of(self, step: Turn, name: str, option: str) -> Turn | None:
        """Return where the value leads that follows the name of an option: "my name is Ana"."""
        named, state = named_value(self.context.texts, self.turn.text), step.state
        if named is None or state is None or self.flow.options(state.step):
            return None
        known = self.context.texts.words_of_option(name, option)
        is_named = not known.isdisjoint(named.naming)
        is_fit = is_named and fit(self.flow, state.step, named.value) > Fit.NONE
        return self._accepted(state, named.value) if is_fit else None

    def _before_option(self, state: FlowState, words: Sequence[str]) -> Turn | None:
        """Return where an answer and an option of the next question lead: "Ana Gómez passport"."""
        for start in range(min(len(words) - 1, MAX_ANSWER_WORDS), 0, -1):
            first = self._accepted(state, " ".join(words[:start]))
            if first is None or first.state is None or first.state.awaiting_options:
                continue
            further = self._from_option(first.state, words[start:])
            if further is not None:
                return further
        return None

    def _from_option(self, state: FlowState, words: Sequence[str]) -> Turn | None:
        """Return where words lead that begin with the name of an option."""
        texts, options = self.context.texts, self.flow.options(state.step)
        for end in range(min(len(words), MAX_ANSWER_WORDS), 0, -1) if options else ():
            phrase, rest = " ".join(words[:end]), " ".join(words[end:])
            name = f"{self.flow.name}.{state.step}"
            option = texts.match_option(self.turn.language, name, options, phrase)
            is_name = texts.choices.place_of(phrase) is None and option not in ("yes", "no")
            chosen = self._accepted(state, option) if option and is_name else None
            if chosen is not None:
                return self._go_on(chosen, rest, Fit.KIND) if rest else chosen
        return None

    def _go_on(self, step: Turn, rest: str, least: Fit) -> Turn | None:
        """Return where the rest of a message leads; None unless all of it answers something.

        `least` is how well it has to fit: a field that takes any text gets a part of a message
        only if the message makes no sense as one answer.
        """
        state = step.state
        if state is None or state.awaiting_options or state.awaiting_call:
            return None
        name = state.step

        def read(part: str) -> str | None:
            return self._read(name, part, least)

        if (further := self._split(state, read, rest, least)) is not None:
            return further
        if (from_option := self._from_option(state, rest.split())) is not None:
            return from_option
        whole = read(rest)
        return self._accepted(state, whole) if whole is not None else None

    def _split(
        self, state: FlowState, read: Callable[[str], str | None], text: str, least: Fit
    ) -> Turn | None:
        """Return where the first part of a text and its rest lead, each as an answer."""
        for between in _BETWEEN:
            head, *tail = between.split(text, maxsplit=1)
            answer = read(head.strip()) if tail else None
            first = self._accepted(state, answer) if answer else None
            if first is not None and (further := self._go_on(first, tail[0], least)) is not None:
                return further
        return None

    def _read(self, step: str, part: str, least: Fit) -> str | None:
        """Return a part of a message as the answer to a step; None if it is none."""
        if isinstance(self.flow.step(step), Review | Call):
            return None
        name, options = f"{self.flow.name}.{step}", self.flow.options(step)
        if options:
            return self.context.texts.option_in_sentence(name, options, part)
        has_digits = any(map(str.isdecimal, part)) or "@" in part
        is_likely = has_digits or least < Fit.KIND
        is_question = self.context.texts.vocabulary.asks(part)
        return (
            part if is_likely and not is_question and fit(self.flow, step, part) >= least else None
        )

    def _accepted(self, state: FlowState, answer: str) -> Turn | None:
        """Return where an answer leads, if it is taken without a question."""
        is_name = takes_names(self.flow, state.step)
        if is_name and name_doubt(self.context.texts, answer) is not Doubt.NONE:
            return None
        is_month_first = is_month_first_usual(self.turn.user)
        step = advance(self.flow, state, Replied(answer, is_month_first_usual=is_month_first))
        is_same = step.state is not None and step.state.step == state.step
        return None if is_same else step

    def _without_option(self, name: str, option: str, text: str) -> str:
        """Return a message without the words that name an option."""
        named = self.context.texts.words_of_option(name, option)
        return " ".join(word for word in text.split() if not set(_words(word)) <= named)


def _words(word: str) -> Iterator[str]:
    yield from normalise(word).split()
