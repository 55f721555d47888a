"""What people write where all answers are shown, besides a choice: other answers, and refusals.

Nothing that is called wrong is stored: until the answers are shown again, a yes is none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from textwrap import shorten
from typing import Any

from flow_engine import Corrected, Flow, FlowState, Question, Review, Turn, WentBack, WentTo
from flow_engine.advance import advance
from flow_engine.fitting import takes_names
from flow_engine.state import CHANGE, REFUSE, WRONG
from flow_engine.transitions import refuse
from flow_engine.words import as_keyword
from services.conversations.context import ConversationContext
from services.conversations.form_answers import FormAnswers, as_reply
from services.conversations.said_answers import ASKED, SaidAnswers
from services.conversations.spoken_corrections import change_in
from services.conversations.turn import ConversationTurn
from services.conversations.typed_texts import ask_if_meant

#: Longest part of a message that is said back, in characters.
MAX_SAID_CHARS = 80
#: Groups of messages that lead elsewhere, whatever they name.
ELSEWHERE = ("cancel", "back", "restart", "menu", "pause", "all_right", "nothing_to_change")
#: "nono", "nãnão", "nahh".
_NO = re.compile(r"(?:n[ao]+[hp]*)+")


@dataclass(frozen=True, slots=True)
class ReviewMessages:
    """Reads a typed message that is no answer, at a review above all."""

    context: ConversationContext
    turn: ConversationTurn
    flow: Flow[Any]
    state: FlowState

    def changed(self, question: Question) -> Turn | None:
        """Return where a message leads that changes answers, or names one; None for others."""
        texts, turn = self.context.texts, self.turn
        is_elsewhere = any(texts.is_word(one, turn.text) for one in ELSEWHERE)
        is_elsewhere = is_elsewhere or FormAnswers(self.context).stores(turn)
        if is_elsewhere or not self._is_statement:
            return None if is_elsewhere else self.corrected(is_refused=False, fewest=2)
        answers = FormAnswers(self.context)
        answer = answers.answer_to(turn, self.flow, question)
        said = SaidAnswers(texts, self.flow, self.state, turn.text)
        if answer == REFUSE and said.names_any(turn.language):
            return self._asked_back(WRONG)  # "delete the number" may not refuse all answers
        if answer != CHANGE and answer in question.options:
            return None
        if (led := self._led_to(said)) is not None:
            return led
        is_wrong = answer == CHANGE and texts.choices.says_wrong(turn.text)
        return self._asked_back(CHANGE) if is_wrong else None

    def _led_to(self, said: SaidAnswers) -> Turn | None:
        """Return where other answers lead that a message has, or the answer that it names."""
        event, others = change_in(self.context, self.turn, self.flow, self.state), said.others()
        if isinstance(event, Corrected) and takes_names(self.flow, event.step):
            others[event.step] = event.reply.text
        if others:
            return self._with(others)
        is_kept = self.context.texts.choices.frames.withholds(self.turn.text)
        if is_kept and not isinstance(event, Corrected):
            return None
        if event is None and (named := said.named(self.turn.language)) is not None:
            event = WentTo(named)
        return None if event is None else advance(self.flow, self.state, event)

    def contradicted(self) -> Turn | None:
        """Return where a message leads that says no, or that something is wrong."""
        if not self._is_statement:
            return None
        is_wrong = self.context.texts.choices.says_wrong(self.turn.text)
        if not is_wrong and not self._denies:
            return None
        return self._asked_back(CHANGE if is_wrong or self.state.aside == CHANGE else WRONG)

    def _asked_back(self, aside: str) -> Turn:
        """Return where a message leads that says no, or what is wrong: to a question about it."""
        own = self.state.model_copy(update={"aside": ""})
        step = advance(self.flow, own, as_reply(self.turn, aside))
        told = step.state.model_copy(update={"begun": self._said}) if step.state else None
        step = Turn(told, step.effects)
        if not self._says_what and not self.state.aside:
            return step
        return self._saying("common.which_answer" if aside == CHANGE else "common.heard", step)

    def corrected(self, *, is_refused: bool, fewest: int = 1) -> Turn | None:
        """Return where other answers lead that a message has in the middle of a form.

        Where it would be taken as an answer, it may say nothing else.
        """
        if self.turn.message.choice is not None or self.state.aside or "?" in self.turn.text:
            return None
        said = SaidAnswers(self.context.texts, self.flow, self.state, self.turn.text)
        if not is_refused and not said.has_only(self.state.answers):
            return None  # which costs less than to look for each answer
        others = {step: value for step, value in said.others().items() if value != ASKED}
        is_meant = len(others) >= fewest and (is_refused or said.has_only(others))
        return self._with(others) if is_meant else None

    def completed(self) -> Turn | None:
        """Return where a part of a day leads, where one is asked anew: the rest stays."""
        if not self.state.is_changing or self.turn.message.choice is not None:
            return None
        said = SaidAnswers(self.context.texts, self.flow, self.state, self.turn.text)
        day = said.rest_of_day()
        return None if day is None else advance(self.flow, self.state, as_reply(self.turn, day))

    def unclear(self) -> Turn | None:
        """Return where a message leads that says nothing which is understood: to a question."""
        if not self._is_reviewed:
            return self._meant()
        if self.state.aside and self.state.refusals:  # they are lost: all answers are shown again
            back = advance(self.flow, self.state, WentBack())
            return self._saying("common.not_understood", back)
        key = "common.which_answer" if self.state.aside else "common.not_understood"
        return self._saying(key, refuse(self.flow, self.state))

    def _meant(self) -> Turn | None:
        """Return where a sentence leads that names an option beside other things."""
        is_typed = self.turn.message.choice is None
        asked = (self.context.texts, self.flow, self.state, self.turn.text)
        return ask_if_meant(*asked) if is_typed else None

    def _with(self, others: Mapping[str, str]) -> Turn:
        """Return where all these answers lead; the first unclear one is asked."""
        events = [
            WentTo(step) if value == ASKED else Corrected(step, as_reply(self.turn, value))
            for step, value in sorted(others.items(), key=lambda one: one[1] == ASKED)
        ]
        step = Turn(self.state)
        for event in events:
            if step.state is None or step.state.step != self.state.step:
                break
            step = advance(self.flow, step.state, event)
        return step

    def _saying(self, key: str, step: Turn) -> Turn:
        """Return a turn whose question says back what the person wrote."""
        effects = (
            replace(one, preface=key, answers={**one.answers, "said": self._said})
            if isinstance(one, Question)
            else one
            for one in step.effects
        )
        return Turn(step.state, tuple(effects))

    @property
    def _is_reviewed(self) -> bool:
        is_typed = self.turn.message.choice is None and self.turn.message.edits is None
        is_here = self.state.aside in ("", CHANGE, WRONG)
        return is_typed and is_here and isinstance(self.flow.step(self.state.step), Review)

    @property
    def _is_statement(self) -> bool:
        """Whether it asks nothing; "can you change my name to Ana?" does not."""
        vocabulary, text = self.context.texts.vocabulary, self.turn.text
        is_request = vocabulary.has_any("change", as_keyword(text).split())
        is_wrong = "?" not in text and self.context.texts.choices.says_wrong(text)
        return self._is_reviewed and (is_request or is_wrong or not vocabulary.asks(text))

    @property
    def _denies(self) -> bool:
        vocabulary, words = self.context.texts.vocabulary, as_keyword(self.turn.text).split()
        is_no = vocabulary.has_any("no", words) or any(map(_NO.fullmatch, words))
        return is_no or vocabulary.denies(words)

    @property
    def _says_what(self) -> bool:
        """Whether there are words besides those that only say no, or that something is wrong."""
        words = self.context.texts.vocabulary.words("no", "negation", "wrong")
        text = self.turn.text
        is_no = all(map(_NO.fullmatch, as_keyword(text).split()))
        return not is_no and not self.context.texts.choices.frames.is_framed(text, (), words)

    @property
    def _said(self) -> str:
        return shorten(self.turn.text, MAX_SAID_CHARS, placeholder="…")
