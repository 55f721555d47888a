"""What people say beyond the question: "passport, AB1020300" answers the next one too."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flow_engine import Call, Flow, FlowState, Question, Replied, Review, Turn
from flow_engine.advance import advance
from flow_engine.field_types import is_date
from flow_engine.fitting import Fit, fit, takes_names
from flow_engine.sentences import PARTICLES, is_day_in_numbers
from flow_engine.words import as_keyword, normalise
from services.conversations.context import ConversationContext
from services.conversations.doubtful_names import Doubt, is_known, name_doubt
from services.conversations.named_values import named_value
from services.conversations.told_values import ToldFacts, denied_option, value_of_next
from services.conversations.turn import ConversationTurn
from texts.language import is_month_first_usual

#: What stands between answers that are given together, the surest first.
_BETWEEN = (
    re.compile(r"(?:,(?!\d)|[;\n])+(?:\s*(?:and|y|e)\s)?"),
    re.compile(r"[.!]\s+(?=[^\W\d])"),
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
        text, facts = self.turn.text, ToldFacts(self.context, self.turn, self.flow)
        if answer in question.options:
            if (newer := facts.told_anew(state)) is not state:
                step = advance(self.flow, newer, Replied(answer))
            rest = self._without_option(question.name, answer, text)
            value = self._value_of(step, question.name, answer)
            return facts.begin(value or self._go_on(step, rest, Fit.KIND) or step)
        takes_all = not is_refused and fit(self.flow, state.step, text) is Fit.ANY_TEXT
        if (value := self._value_told(state, is_refused=is_refused)) is not None:
            return value
        if question.options or takes_all:
            return facts.take(state, step) if is_refused else step
        least = Fit.ANY_TEXT if is_refused else Fit.KIND
        parts = self._split(state, lambda part: part, text, least)
        found = parts or self._before_option(state, text.split())
        if found is not None:
            return facts.begin(found)
        return facts.take(state, step) if is_refused else step

    def _value_told(self, state: FlowState, *, is_refused: bool) -> Turn | None:
        read = value_of_next if is_refused else denied_option
        asked = (self.context, self.turn, self.flow, state)
        return read(*asked) or denied_option(*asked)

    def begin(self, state: FlowState, text: str) -> Turn | None:
        """Return where the answers lead that stand behind the words which start a form."""
        if not text or self.flow.options(state.step):
            return None
        several = self._split(state, lambda part: part, text, Fit.KIND)
        return several or self._before_option(state, text.split()) or self._accepted(state, text)

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
        accepted = self._accepted(state, whole) if whole is not None else None
        if accepted is None or not self.flow.options(name):
            return accepted
        left = self._beside_option(state, str(whole), rest)
        return (self._go_on(accepted, left, Fit.KIND) if left else None) or accepted

    def _split(
        self, state: FlowState, read: Callable[[str], str | None], text: str, least: Fit
    ) -> Turn | None:
        """Return where the first part of a text and its rest lead, each as an answer."""
        for between in _BETWEEN:
            head, *tail = between.split(text, maxsplit=1)
            answer = read(head.strip()) if tail else None
            first = self._accepted(state, answer) if answer else None
            if first is None or answer is None:
                continue
            beside = self._beside_option(state, answer, head)
            rests = (f"{beside}, {tail[0]}" if beside else "", tail[0])
            found = (self._go_on(first, rest, least) for rest in rests if rest)
            if (further := next(filter(None, found), None)) is not None:
                return further
        return None

    def _beside_option(self, state: FlowState, answer: str, part: str) -> str:
        """Return the words of a part beside the option that it names; none for other answers."""
        if answer not in self.flow.options(state.step):
            return ""
        return self._without_option(f"{self.flow.name}.{state.step}", answer, part)

    def _read(self, step: str, part: str, least: Fit) -> str | None:
        """Return a part of a message as the answer to a step; None if it is none."""
        if isinstance(self.flow.step(step), Review | Call):
            return None
        name, options = f"{self.flow.name}.{step}", self.flow.options(step)
        if options:
            return self.context.texts.option_in_sentence(name, options, part)
        has_digits = any(map(str.isdecimal, part)) or "@" in part
        is_likely = has_digits or least < Fit.KIND
        is_other = self.context.texts.vocabulary.asks(part) or self._is_day_of_another(step, part)
        is_taken = is_likely and not is_other and fit(self.flow, step, part) >= least
        return part if is_taken else None

    def _is_day_of_another(self, step: str, part: str) -> bool:
        """Return whether a part is a day in numbers, which is no number of a document."""
        is_date_asked = is_date(self.flow.annotation(step))
        return not is_date_asked and is_day_in_numbers(part)

    def _accepted(self, state: FlowState, answer: str) -> Turn | None:
        """Return where an answer leads, if it is taken without a question."""
        texts, is_name = self.context.texts, takes_names(self.flow, state.step)
        last = as_keyword(answer.split()[-1]) if answer.split() else ""
        is_open = last not in PARTICLES and is_known(texts, last)  # the "my" of "Ana Ruiz my"
        if is_name and (is_open or name_doubt(texts, answer) is not Doubt.NONE):
            return None
        is_month_first = is_month_first_usual(self.turn.user)
        step = advance(self.flow, state, Replied(answer, is_month_first_usual=is_month_first))
        is_same = step.state is not None and step.state.step == state.step
        return None if is_same else step

    def _without_option(self, name: str, option: str, text: str) -> str:
        """Return a message without the words that name an option, and courtesy around the rest."""
        named = self.context.texts.words_of_option(name, option)
        around = self.context.texts.vocabulary.words("courtesy", "filler")
        left = [word for word in text.split() if not set(_words(word)) <= named]
        while left and all(word in around for word in _words(left[0])):
            del left[0]
        return " ".join(left)


def _words(word: str) -> Iterator[str]:
    yield from normalise(word).split()
