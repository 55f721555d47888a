"""What people who are registered say is wrong: it is corrected, as it is at the end of the form."""

from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from flow_engine import Flow, Replied, Started, Turn
from flow_engine.advance import advance
from flow_engine.date_tokens import date_tokens
from flow_engine.field_types import is_date
from flow_engine.fitting import takes_names
from flow_engine.typed_answers import ask_if_sure
from flow_engine.words import as_keyword
from services.conversations.context import ConversationContext
from services.conversations.exits import EDIT_PROFILE, REGISTRATION
from services.conversations.flow_starts import begin
from services.conversations.said_answers import ASKED, SaidAnswers
from services.conversations.said_numbers import ALIKE
from services.conversations.turn import ConversationTurn


@dataclass(frozen=True, slots=True)
class Corrections:
    """Reads a message by the form that people registered with, and leads to the one that edits."""

    context: ConversationContext

    def read(self, turn: ConversationTurn) -> Turn | None:
        """Return where a message leads that corrects an answer, or names a wrong one.

        None for others, and in a bot without these two forms.
        """
        registration, edit = map(self.context.flows.find_flow, (REGISTRATION, EDIT_PROFILE))
        if registration is None or edit is None or not turn.user.is_registered:
            return None
        if turn.message.choice or self.context.texts.vocabulary.asks(turn.text):
            return None
        names = [step.name for step in registration.steps]
        answers = {one: turn.user.answer(one) for one in names}
        known = {one: value for one, value in answers.items() if value is not None}
        state = begin(registration, turn).model_copy(update={"answers": known})
        said = SaidAnswers(self.context.texts, registration, state, turn.text)
        found = self._corrected(turn, said)
        return None if found is None else self._led_to(turn, edit, *found)

    def _corrected(self, turn: ConversationTurn, said: SaidAnswers) -> tuple[str, str, bool] | None:
        """Return the answer that a message corrects, the other one, and whether that is sure.

        The other one is ASKED if the message does not tell it.

        Far from the form, "it is 5 May" may be about anything. So an answer is replaced by one that
        is like it, or where a part of it is denied ("91, not 90"); it is asked for where a message
        names it, and has another one or says that it is wrong.
        """
        is_wrong = said.is_wrong
        for step, value in said.others().items():
            is_day = is_date(said.flow.annotation(step))
            is_named = said.names(step)
            if value != ASKED and (is_wrong or is_named) and _replaces(said, step, value):
                return step, value, True
            if is_named and takes_names(said.flow, step) and _is_told_whole(said, value):
                return step, value, False  # "my name should be Anna Ruiz": it is shown once
            if is_named and (is_wrong or not is_day):
                return step, ASKED, False
        named = said.named(turn.language) if is_wrong else None
        return None if named is None else (named, ASKED, False)

    def _led_to(
        self, turn: ConversationTurn, edit: Flow[Any], step: str, value: str, is_sure: bool
    ) -> Turn | None:
        """Return the question about an answer, or what follows it where the other one is told."""
        started = advance(edit, begin(edit, turn), Started())
        if started.state is None or step not in edit.options(started.state.step):
            return None
        chosen = advance(edit, started.state, Replied(step))
        if value == ASKED or chosen.state is None or not edit.takes(chosen.state.step, value):
            return chosen
        if not is_sure:
            return ask_if_sure(edit, chosen.state, str(edit.parse(chosen.state.step, value)))
        return advance(edit, chosen.state, Replied(value))


def _is_told_whole(said: SaidAnswers, value: str) -> bool:
    """Return whether a message has each word of a name, none of which comes from the stored one."""
    words = as_keyword(value).split()
    return bool(words) and {*words} <= {*as_keyword(said.text).split()}


def _replaces(said: SaidAnswers, step: str, value: str) -> bool:
    stored, words = str(said.state.answers[step]), as_keyword(said.text).split()
    is_denied = said.texts.vocabulary.denies(words)
    if is_date(said.flow.annotation(step)):
        tokens = date_tokens(said.text)
        return is_denied and tokens is not None and tokens.denies(date.fromisoformat(stored))
    if takes_names(said.flow, step):
        return is_denied and not {*as_keyword(stored).split()}.isdisjoint(words)
    return SequenceMatcher(None, value.upper(), stored.upper()).ratio() >= ALIKE
