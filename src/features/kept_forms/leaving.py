"""Leaving a form: for later, or for good. The answers wait in both cases.

"Can we finish tomorrow", "no quiero q guarden mi pasaporte", "I no do again".
"""

import re
from dataclasses import dataclass

from features.kept_forms.drafts import BACK_TO_FORM, Drafts
from flow_engine import Question, prefaced
from flow_engine.short_forms import spelled_out
from flow_engine.state import REFUSE
from flow_engine.words import as_keyword
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.effect_executor import EffectExecutor
from services.conversations.exits import DELETE_PROFILE, REGISTRATION, TAP, Exits
from services.conversations.flow_starts import begin_flow
from services.conversations.form_answers import FormAnswers
from services.conversations.open_form import leave_form
from services.conversations.replies import Replies
from services.conversations.review_agreement import stores
from services.conversations.turn import ConversationTurn
from texts.catalogue import Texts

#: Most words of a message that puts a form off in a sentence, and of one that stops it: a longer
#: one may be an answer.
MAX_LATER_WORDS, MAX_STOPPING_WORDS = 9, 14
_CLAUSES = re.compile(r"[,;.!\n]+")


@dataclass(frozen=True, slots=True)
class Leaving:
    """Leaves the open form where a message asks for it."""

    context: ConversationContext

    def later(self, turn: ConversationTurn) -> Decisions | None:
        """Leave a form that is put off; None for other messages."""
        question = self._question(turn)
        if question is None or not self._puts_off(turn, question):
            return None
        return self._leave(turn, "kept_forms.later", "kept_forms.whenever", {})

    def stopped(self, turn: ConversationTurn) -> Decisions | None:
        """Leave a form that is stopped, or whose answers are not to be stored; else None."""
        question = self._question(turn)
        if question is None or not self._stops(turn, question):
            return None
        is_there = Exits(self.context).effects_of(DELETE_PROFILE) is not None
        delete = f"{TAP}.{DELETE_PROFILE}"
        ways = {delete: delete} if is_there else {}
        return self._leave(turn, "kept_forms.stopped", "common.cancelled", ways)

    async def taken_back(self, turn: ConversationTurn) -> Decisions | None:
        """Ask all anew after a refusal that is taken back: nothing of it was kept; else None."""
        context, is_free = self.context, turn.state.flow is None and turn.message.choice is None
        if not is_free or turn.user.is_registered or context.flows.find_flow(REGISTRATION) is None:
            return None
        if not context.texts.is_word("storing_after_all", turn.text):
            return None
        begun = begin_flow(context, turn, REGISTRATION)
        if isinstance(begun, Decisions):
            return begun
        told = prefaced("kept_forms.told_again", begun)
        return await EffectExecutor(context).follow(turn, told)

    def _question(self, turn: ConversationTurn) -> Question | None:
        """Return the question of a form that may be left by words without a question mark."""
        flow, state = self.context.open_flow(turn), turn.state.flow
        if flow is None or state is None or flow.interrupts or state.awaiting_call:
            return None
        is_statement = turn.message.choice is None and "?" not in turn.text
        return flow.question(state) if is_statement else None

    def _leave(
        self, turn: ConversationTurn, key: str, without: str, ways: dict[str, str]
    ) -> Decisions:
        """Say where the answers are; `without` is said with the menu where there are none."""
        kept, replies = Drafts(self.context).keep(turn), Replies(self.context)
        left = kept + leave_form()
        if kept is NOTHING:
            return left + replies.say_with_menu(turn.after(left), without)
        return left + replies.offer(turn, key, {BACK_TO_FORM: "kept_forms.back", **ways})

    def _puts_off(self, turn: ConversationTurn, question: Question) -> bool:
        vocabulary, text = self.context.texts.vocabulary, turn.text
        is_short = len(text.split()) <= MAX_LATER_WORDS
        is_later = vocabulary.is_word("later", text) or self._says_goodbye(text)
        is_later = is_later or (is_short and vocabulary.has_phrase("later_phrases", text))
        return is_later and FormAnswers(self.context).option(turn, question, text) is None

    def _says_goodbye(self, text: str) -> bool:
        words = self.context.texts.vocabulary
        return words.small_talk(text) == "goodbye" and not words.is_word("skip", text)

    def _stops(self, turn: ConversationTurn, question: Question) -> bool:
        """Return whether a message stops the form, rather than answer its question.

        "Better not" leaves a question out that may be left out; a review has a refusal of its own.
        """
        texts, text = self.context.texts, turn.text
        if len(text.split()) > MAX_STOPPING_WORDS or REFUSE in question.options:
            return False
        answers = FormAnswers(self.context)
        if stores(self.context, turn) or answers.option(turn, question, text) is not None:
            return False
        clauses = [one for one in (text, *_CLAUSES.split(text)) if one.strip()]
        is_said = any(texts.vocabulary.is_word("leaving", one) for one in clauses)
        return (is_said and not question.is_optional) or forbids_storing(texts, text)


def forbids_storing(texts: Texts, text: str) -> bool:
    """Return whether a clause of a message denies that something is stored."""
    vocabulary = texts.vocabulary
    clauses = [spelled_out(as_keyword(one)).split() for one in _CLAUSES.split(text)]
    changing = vocabulary.words("change")
    for words in clauses:  # "no, nothing to change, store it" denies something else
        places = vocabulary.places("all_right", words)
        if any(not changing.isdisjoint(words[start:end]) for start, end in places):
            return False
    return any(
        vocabulary.denies(words[:start])
        for words in clauses
        for start, _ in vocabulary.places("storing", words)
    )
