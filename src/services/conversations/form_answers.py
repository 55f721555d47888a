"""What a message answers to a question: an option by its name or number, several, or its words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.inbound import Inbound
from flow_engine import Flow, FlowState, Question, Replied, Turn, prefaced
from flow_engine.advance import advance
from flow_engine.choosing import SEPARATOR
from flow_engine.state import RIGHT, SKIP
from flow_engine.transitions import ask
from flow_engine.words import normalise
from services.conversations.context import ConversationContext
from services.conversations.doubtful_names import doubted
from services.conversations.further_answers import FurtherAnswers
from services.conversations.turn import ConversationTurn
from texts.language import is_month_first_usual

#: What stands between choices that are typed together.
_BETWEEN_CHOICES = re.compile(r"[,;+/\n]|\s(?:and|or|y|o|e|ou|&)\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FormAnswers:
    """Reads messages as answers."""

    context: ConversationContext

    def answer_to(self, turn: ConversationTurn, flow: Flow[Any], question: Question) -> str | None:
        """What a message answers to a question; None for a tap on an older one."""
        message: Inbound = turn.message
        if message.choice is not None:
            return _tapped(message.choice, question.name) or _tapped(
                message.choice, f"{flow.name}.{turn.state.flow.step}" if turn.state.flow else ""
            )
        if self.leaves_out(turn, question):
            return SKIP
        if question.chosen or flow.is_several(question.name.partition(".")[2]):
            return self._several(turn, question)
        asked = (question, *_set_aside(turn, flow))
        options = (self._option_in(turn, one) for one in asked)
        return next(filter(None, options), turn.text)

    def taken(
        self, turn: ConversationTurn, flow: Flow[Any], state: FlowState, question: Question
    ) -> tuple[str | None, Turn | None]:
        """Return what a message answers, and where that leads; a text may hold more answers."""
        answer = self.answer_to(turn, flow, question)
        if answer is None:
            return None, None
        step = advance(flow, state, as_reply(turn, answer))
        is_text = turn.message.choice is None and answer != SKIP
        step = doubted(self.context.texts, flow, state, answer, step) if is_text else step
        if is_text and not state.aside and not question.chosen:
            step = FurtherAnswers(self.context, turn, flow).take(state, question, answer, step)
        is_refused = step.state is not None and step.state.refusals > state.refusals
        named = self._named_by(turn, question) if is_refused else ()
        if len(named) > 1:
            is_own = not state.aside and not flow.is_several(state.step)
            if is_own and len(named) < len(question.options):
                step = ask(flow, state.model_copy(update={"options": named}))
            step = prefaced("common.one_at_a_time", step)
        return answer, step

    def leaves_out(self, turn: ConversationTurn, question: Question) -> bool:
        """Return whether a person leaves a question out, and may."""
        texts, text, state = self.context.texts, turn.text, turn.state.flow
        if not question.is_optional or turn.message.choice is not None:
            return False
        is_kept = state is not None and state.step in state.answers
        return texts.is_word("skip", text) or (is_kept and texts.choices.yes_or_no(text) == "yes")

    def _option_in(self, turn: ConversationTurn, question: Question) -> str | None:
        """Return the option of a question that a person typed, alone or in a sentence."""
        texts, text = self.context.texts, turn.text
        if question.reviewed and "?" not in text and texts.is_word("all_right", text):
            return next((one for one in ("yes", RIGHT) if one in question.options), None)
        named = texts.option_in_sentence(question.name, question.options, text)
        return self.option(turn, question, text) or named

    def option(self, turn: ConversationTurn, question: Question, typed: str) -> str | None:
        """Return the option that a person typed."""
        texts = self.context.texts
        readings = {*texts.vocabulary.readings(typed)}
        for option in question.labels:
            if normalise(option.label) in readings:
                return option.id
        return texts.match_option(turn.language, question.name, question.options, typed)

    def _named_by(self, turn: ConversationTurn, question: Question) -> tuple[str, ...]:
        """Return the options of a question that a message means at once."""
        vocabulary, text, options = self.context.texts.vocabulary, turn.text, question.options
        if not options or turn.message.choice is not None or vocabulary.is_denial(text):
            return ()
        if vocabulary.is_word("both", text):
            return options
        texts = self.context.texts
        parts = [one.strip(" ?¿") for one in _BETWEEN_CHOICES.split(text)]
        whole = (texts.match_option(turn.language, question.name, options, one) for one in parts)
        inside = (texts.option_in_sentence(question.name, options, one) for one in parts)
        # "Yes or no?" names nothing.
        named = {*whole, *inside} - ({"yes", "no"} if "?" in text else set())
        return tuple(one for one in options if one in named)

    def _several(self, turn: ConversationTurn, question: Question) -> str:
        """Return the choices that a person typed together: "ham and cheese", "1, 3"."""
        if option := self.option(turn, question, turn.text):
            return option
        parts = [part for part in _BETWEEN_CHOICES.split(turn.text) if part.strip()]
        options = [self.option(turn, question, part) or part for part in parts]
        return SEPARATOR.join(options) or turn.text


def _set_aside(turn: ConversationTurn, flow: Flow[Any]) -> Iterator[Question]:
    """Return the form's own question, where one about the form, or fewer options, are shown."""
    state = turn.state.flow
    if state is None:
        return
    if state.aside or set(state.options) < set(flow.options(state.step)):
        options = flow.options(state.step)
        yield flow.question(state.model_copy(update={"aside": "", "options": options}))


def as_reply(turn: ConversationTurn, answer: str) -> Replied:
    """Return an answer as the flow takes it."""
    return Replied(answer, is_month_first_usual=is_month_first_usual(turn.user))


def _tapped(choice: str, question: str) -> str | None:
    """Return the option of a question that a tap has chosen; None for another question."""
    return choice.removeprefix(f"{question}.") if choice.startswith(f"{question}.") else None
