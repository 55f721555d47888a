"""What a message answers to a question: an option by its name or number, several, or its words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.inbound import Inbound
from flow_engine import Flow, FlowState, Question, Replied, Review, Turn, advance, prefaced
from flow_engine.choosing import SEPARATOR
from flow_engine.state import CHANGE, REFUSE, RIGHT, SKIP, WRONG
from flow_engine.transitions import ask
from services.conversations.context import ConversationContext
from services.conversations.further_answers import FurtherAnswers
from services.conversations.review_agreement import stores
from services.conversations.turn import ConversationTurn
from services.conversations.typed_texts import mentioned_option, take_text, tells_nothing
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
            tapped = _tapped(message.choice, question.name) or _tapped(
                message.choice, f"{flow.name}.{turn.state.flow.step}" if turn.state.flow else ""
            )
            has_buttons = any(one.options for one in (question, *_set_aside(turn, flow)))
            is_left_out = question.is_optional and tapped == SKIP
            # else it is of an older question about the same answer
            return tapped if has_buttons or is_left_out else None
        if self.leaves_out(turn, question):
            return SKIP
        if question.chosen or flow.is_several(question.name.partition(".")[2]):
            return self._several(turn, question)
        asked = (question, *_set_aside(turn, flow))
        options = (self._option_in(turn, one) for one in asked)
        option = next(filter(None, options), None)
        if option is None:
            return turn.text
        if self._refuses_storing(turn, question) or not self._is_unclear(turn, flow, option):
            return option
        return WRONG

    def _is_unclear(self, turn: ConversationTurn, flow: Flow[Any], option: str) -> bool:
        """Return whether a yes or a no may be about the answers that a review shows.

        A "no" says that one is wrong, or refuses all of them; only a person who says which is
        taken at their word.
        """
        state = turn.state.flow
        if state is None or REFUSE not in flow.options(state.step):
            return False
        is_asked = isinstance(flow.step(state.step), Review) and option == REFUSE
        is_asked = is_asked or (state.aside in (CHANGE, WRONG) and option in ("yes", REFUSE))
        name, texts = f"{flow.name}.{state.step}", self.context.texts
        is_right = option == "yes" and texts.is_word("all_right", turn.text)
        is_right = is_right or stores(self.context, turn)
        return is_asked and not is_right and not texts.says_option(name, option, turn.text)

    def taken(
        self, turn: ConversationTurn, flow: Flow[Any], state: FlowState, question: Question
    ) -> tuple[str | None, Turn | None]:
        """Return what a message answers, and where that leads; a text may hold more answers."""
        answer = self.answer_to(turn, flow, question)
        if answer is None:
            return None, None
        is_text = turn.message.choice is None and answer != SKIP
        if is_text:
            state, answer, step = take_text(self.context.texts, flow, state, as_reply(turn, answer))
        else:
            step = advance(flow, state, as_reply(turn, answer))
        if is_text and not state.aside and not question.chosen:
            step = FurtherAnswers(self.context, turn, flow).take(state, question, answer, step)
        is_refused = step.state is not None and step.state.refusals > state.refusals
        if is_refused and (more := self._option_and_more(turn, flow, state, question)) is not None:
            return more
        named = self._named_by(turn, question) if is_refused else ()
        if len(named) > 1:
            is_own = not state.aside and not flow.is_several(state.step)
            if is_own and len(named) < len(question.options):
                step = ask(flow, state.model_copy(update={"options": named}))
            step = prefaced("common.one_at_a_time", step)
        return answer, step

    def _option_and_more(
        self, turn: ConversationTurn, flow: Flow[Any], state: FlowState, question: Question
    ) -> tuple[str, Turn] | None:
        """Return an option beside answers to the questions behind it: "my passport is AB123"."""
        option = mentioned_option(self.context.texts, flow, state, turn.text)
        if option is None or turn.message.choice is not None:
            return None
        step = advance(flow, state, as_reply(turn, option))
        further = FurtherAnswers(self.context, turn, flow).take(state, question, option, step)
        return None if further is step else (option, further)

    def leaves_out(self, turn: ConversationTurn, question: Question) -> bool:
        """Return whether a person leaves a question out, and may."""
        texts, text, state = self.context.texts, turn.text, turn.state.flow
        if not question.is_optional or turn.message.choice is not None:
            return False
        flow = self.context.open_flow(turn)
        if state is not None and flow is not None and tells_nothing(texts, flow, state, text):
            return True
        is_kept = state is not None and state.step in state.answers
        is_left = texts.is_word("skip", text) or texts.choices.frames.only_withholds(text)
        return is_left or (is_kept and texts.choices.yes_or_no(text) == "yes")

    def _option_in(self, turn: ConversationTurn, question: Question) -> str | None:
        """Return the option of a question that a person typed, alone or in a sentence."""
        texts, text = self.context.texts, turn.text
        is_clear = not texts.choices.hesitates(text)
        is_right = is_clear and texts.is_word("all_right", text)
        if question.reviewed and (is_right or stores(self.context, turn)):
            return next((one for one in ("yes", RIGHT) if one in question.options), None)
        if self._refuses_storing(turn, question):
            return REFUSE
        asked = (question.name, question.options, text)
        named = texts.chosen_in_sentence(*asked)
        return self.option(turn, question, text) or named or texts.option_by_place(*asked)

    def stores(self, turn: ConversationTurn) -> bool:
        """Return whether a message agrees to the open review by the verb of its option."""
        return stores(self.context, turn)

    def _refuses_storing(self, turn: ConversationTurn, question: Question) -> bool:
        """Return whether "don't save it" refuses all answers of a review."""
        is_refusable = REFUSE in question.options and CHANGE in question.options
        is_typed, texts = turn.message.choice is None, self.context.texts
        if not is_refusable or not is_typed or not texts.is_word("not_stored", turn.text):
            return False
        behind = texts.choices.after_no(turn.text)  # "no, you can store them" may not refuse
        return behind == turn.text or not texts.says_option(question.name, "yes", behind)

    def option(self, turn: ConversationTurn, question: Question, typed: str) -> str | None:
        """Return the option that a person typed."""
        texts = self.context.texts
        readings = {*texts.vocabulary.readings(typed)}
        for option in question.labels:
            if not readings.isdisjoint(texts.vocabulary.readings(option.label)[:1]):
                return option.id
        today = turn.now.astimezone(self.context.zone).date()
        if (day := texts.day_in(question.options, typed, today)) is not None:
            return day
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
