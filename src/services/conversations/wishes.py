"""What a person in a form wants, if it is no answer: out of it, back, elsewhere, or to go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flow_engine import (
    Cancelled,
    Effect,
    Event,
    Flow,
    Menu,
    Question,
    Started,
    StartFlow,
    Turn,
    WentBack,
    WentTo,
)
from flow_engine.state import CHANGE, WRONG
from flow_engine.words import as_keyword
from services.conversations import exits
from services.conversations.change_requests import (
    named_steps,
    requested_option,
    requested_step,
    requested_value,
)
from services.conversations.context import ConversationContext
from services.conversations.form_answers import FormAnswers
from services.conversations.interruptions import Interruptions
from services.conversations.open_form import is_name_asked, waits_of
from services.conversations.spoken_corrections import change_in
from services.conversations.triggers import Triggers
from services.conversations.turn import ConversationTurn

#: Where a reminder comes after this or more, people go away from a form and come back to it.
LONG_SILENCE = timedelta(minutes=10)
#: Most words of a trigger that is searched for in a sentence.
MAX_TRIGGER_WORDS = 3
#: What a tap on a button beside a question wants.
OF_EXITS: dict[str, Event] = {exits.BACK: WentBack(), exits.CANCEL: Cancelled()}


@dataclass(frozen=True, slots=True)
class Wishes:
    """Finds what people want of the form itself."""

    context: ConversationContext

    @property
    def _answers(self) -> FormAnswers:
        return FormAnswers(self.context)

    @property
    def _triggers(self) -> Triggers:
        return Triggers(self.context)

    def cancels(self, turn: ConversationTurn) -> bool:
        """Whether the person wants out of the form."""
        return self.context.texts.is_word("cancel", turn.text)

    def wants_time(self, turn: ConversationTurn, question: Question) -> bool:
        """Whether the person only asks for a moment: "one sec"."""
        is_pause = turn.message.choice is None and self._says("pause", turn)
        return is_pause and self._answers.option(turn, question, turn.text) is None

    def of(self, turn: ConversationTurn, question: Question) -> Event | None:
        """What the person wants of the form itself, in words that are no answer to the question."""
        if turn.message.choice is not None or self._answers.stores(turn):
            return None
        option = self._answers.option(turn, question, turn.text)
        if option == "no" and (named := self._named_change(turn)):
            return named
        if option is not None or self._answers.leaves_out(turn, question):
            return None
        state = turn.state.flow
        if self._changes_nothing(turn):
            return WentBack()
        if changes := self._change(turn):
            return changes
        if state is not None and state.is_changing and self._says("nothing_to_change", turn):
            return WentBack()
        wishes: dict[str, Event] = {"cancel": Cancelled(), "back": WentBack(), "restart": Started()}
        return next((event for word, event in wishes.items() if self._says(word, turn)), None)

    def _says(self, group: str, turn: ConversationTurn) -> bool:
        return not is_name_asked(self.context, turn) and self.context.texts.is_word(
            group, turn.text
        )

    def _changes_nothing(self, turn: ConversationTurn) -> bool:
        """Whether nothing is to change after all, where a person chooses what to change."""
        state, texts = turn.state.flow, self.context.texts
        if state is None or state.aside not in (CHANGE, WRONG):
            return False
        if state.begun and self._agrees(turn, f"{state.flow}.{state.step}"):
            return True  # what was called wrong is shown before it is stored
        if state.aside == WRONG:
            return any(texts.is_word(one, turn.text) for one in ("nothing_to_change", "all_right"))
        is_no = texts.choices.yes_or_no(turn.text) == "no" and self._change(turn) is None
        return is_no or texts.is_word("nothing_to_change", turn.text)

    def _agrees(self, turn: ConversationTurn, name: str) -> bool:
        texts, said = self.context.texts, self.context.texts.choices.after_no(turn.text)
        is_yes = texts.choices.yes_or_no(said) == "yes" or texts.is_word("all_right", said)
        return is_yes or texts.says_option(name, "yes", said)

    def _named_change(self, turn: ConversationTurn) -> Event | None:
        """Where "no, change the name" leads: its "no" refuses nothing."""
        state = turn.state.flow
        step = requested_step(self.context.texts, state, turn.text) if state else None
        return WentTo(step) if step is not None else None

    def _change(self, turn: ConversationTurn) -> Event | None:
        """Whether another answer is wanted for an earlier question, and perhaps which one."""
        flow, state, texts = self.context.open_flow(turn), turn.state.flow, self.context.texts
        if flow is None or state is None:
            return None
        said = turn.text
        if state.aside and texts.choices.frames.withholds(said):
            return None
        is_requested = (
            requested_value(texts, flow, state, said)
            or requested_option(texts, flow, state, said)
            or requested_step(texts, state, said)
            or named_steps(texts, state, said)
        )
        return change_in(self.context, turn, flow, state) if is_requested else None

    def leads_elsewhere(self, turn: ConversationTurn, question: Question, step: Turn) -> bool:
        """Whether a word leads elsewhere. A greeting does if the form would take it, as a name."""
        texts, text = self.context.texts, turn.text
        is_taken = step.state is None or f"{step.state.flow}.{step.state.step}" != question.name
        is_taken = is_taken or self._is_part(turn, step)
        is_asked_for = not is_taken and self._triggers.asked_for(text) is not None
        found = self._triggers.requested_by(text)
        # "The workshops" may start the open form, but answers its question.
        is_answer = is_taken and bool(question.options) and self._is_open(turn, found)
        is_trigger = (found is not None and not is_answer) or is_asked_for
        is_trigger = is_trigger or (is_taken and self._wants_instead(turn, question))
        is_greeting = is_taken and not question.options and texts.vocabulary.is_courtesy(text)
        is_ours = is_trigger or texts.is_word("menu", text) or is_greeting
        is_free = turn.message.choice is None and self._answers.option(turn, question, text) is None
        return is_ours and is_free

    def _is_part(self, turn: ConversationTurn, step: Turn) -> bool:
        """Return whether a message gives a part of an answer, of which the rest is asked."""
        begun, before = step.state.begun if step.state else "", turn.state.flow
        return bool(begun) and before is not None and begun != before.begun

    def _wants_instead(self, turn: ConversationTurn, question: Question) -> bool:
        """Whether "can I do the open day instead" asks for another flow, whatever text is taken."""
        vocabulary = self.context.texts.vocabulary
        words = as_keyword(turn.text).split()
        is_said = not question.options and vocabulary.has_any("instead", words)
        opening = vocabulary.words("apology", "no", "courtesy", "correction")
        is_opened = bool(words) and words[0] in opening
        is_asked = is_said and (is_opened or vocabulary.asks(turn.text))
        flows = self.context.flows
        return is_asked and any(
            flows.triggered_by(" ".join(words[start:end]))
            for start in range(len(words))
            for end in range(start + 1, min(start + MAX_TRIGGER_WORDS, len(words)) + 1)
        )

    def _is_open(self, turn: ConversationTurn, found: Flow[Any] | Menu | None) -> bool:
        return found is not None and found is self.context.open_flow(turn)

    def interrupting(self, turn: ConversationTurn) -> Sequence[Effect]:
        """What the person wants in between, after which the form goes on; nothing for others."""
        return Interruptions(self.context).asked_for(turn)

    def may_leave(self, turn: ConversationTurn, flow: Flow[Any]) -> bool:
        """Whether a message asks for something else before anything was answered.

        Nothing is lost then. Whatever interrupts a form does not leave it.
        """
        state, text, choice = turn.state.flow, turn.text, turn.message.choice
        if state is None or state.answers or state.chosen or state.aside or flow.interrupts:
            return False
        if self.interrupting(turn) or self.is_for(turn, flow):
            return False
        if choice is not None:
            return self.context.flows.find_menu(choice.partition(".")[0]) is not None
        asked = self._triggers.requested_by(text) or self._triggers.asked_for(text)
        question = flow.question(state)
        is_menu = self.context.texts.is_word("menu", text)
        if self.context.texts.vocabulary.asks(text) or not (asked or is_menu):
            return False
        if self.of(turn, question):
            return False
        _, step = self._answers.taken(turn, flow, state, question)
        return step is not None and self.leads_elsewhere(turn, question, step)

    def is_for(self, turn: ConversationTurn, flow: Flow[Any]) -> bool:
        """Whether a message asks for the form that is open already, or only greets."""
        if (choice := turn.message.choice) is None:
            is_greeting = self.context.texts.vocabulary.is_courtesy(turn.text)
            return is_greeting or self._triggers.requested_by(turn.text) is flow
        name, _, option = choice.partition(".")
        menu = self.context.flows.find_menu(name)
        return menu is not None and menu.choices.get(option) == (StartFlow(flow.name),)

    def came_back(
        self, turn: ConversationTurn, flow: Flow[Any], question: Question, step: Turn | None
    ) -> bool:
        """Whether somebody who left a form for long writes something that is no answer to it."""
        state = turn.state.flow
        is_short = waits_of(flow, self.context).remind_after < LONG_SILENCE
        if state is None or not state.is_reminded or is_short:
            return False
        if step is None or self.leads_elsewhere(turn, question, step):
            return True
        return step.state is not None and step.state.step == state.step and not state.aside
