"""Questions about the registration: "am I in or not", "do I have to", "register my son too".

They never start it: they are answered, in a form as well.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum

from flow_engine import WayOut
from flow_engine.fitting import asks_for_sentences
from flow_engine.words import as_keyword
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions
from services.conversations.exits import MENU, REGISTRATION, TAP, Exits
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn
from texts.catalogue import Texts

#: Most words of such a question.
MAX_WORDS = 20
#: Clauses with the marks behind them.
_CLAUSES = re.compile(r"[^,;.!?¿¡:\n]+[,;.!?:\n]*")


class Asked(Enum):
    """What a message asks about the registration."""

    IS_REGISTERED = "is_registered"
    MUST_REGISTER = "must_register"
    OTHER_PERSON = "other_person"


def asked_of_registration(texts: Texts, text: str) -> Asked | None:
    """Return what a message asks about the registration; None for other messages."""
    vocabulary = texts.vocabulary
    if texts.is_word("is_registered", text):
        return Asked.IS_REGISTERED
    if not text or len(text.split()) > MAX_WORDS:
        return None
    if any(_is_for_another(texts, one) for one in _clauses(text)):
        return Asked.OTHER_PERSON
    has_mark = "?" in text or vocabulary.has_phrase("or_not", text)
    if not has_mark and (not vocabulary.asks(text) or _is_wish(texts, text)):
        return None
    if _is_asked(texts, "must_register_phrases", text):
        return Asked.MUST_REGISTER
    return Asked.IS_REGISTERED if _is_asked(texts, "is_registered_phrases", text) else None


def _clauses(text: str) -> list[str]:
    return [one for one in _CLAUSES.findall(text) if one.strip()]


def _is_asked(texts: Texts, group: str, text: str) -> bool:
    """Return whether a clause asks it, and no other one asks for something else."""
    vocabulary = texts.vocabulary
    clauses = _clauses(text)
    asking = [one for one in clauses if vocabulary.asks_for(vocabulary.phrases(group), one)]
    others = (one for one in clauses if one not in asking and vocabulary.asks(one))
    return bool(asking) and all(vocabulary.has_phrase("or_not", one) for one in others)


def _is_wish(texts: Texts, text: str) -> bool:
    """Return whether a message begins as people say what they want: "I need to register"."""
    words = as_keyword(text).split()
    return any(start == 0 for start, _ in texts.vocabulary.places("needing", words))


def _is_for_another(texts: Texts, clause: str) -> bool:
    """Return whether a clause would register somebody else, or asks whether it does.

    "Register my son" does; "my brother registered already" only tells.
    """
    vocabulary, words = texts.vocabulary, as_keyword(clause).split()
    others = [start for start, _ in vocabulary.places("others", words)]
    registering = [start for start, _ in vocabulary.places("registering", words)]
    is_told = not vocabulary.asks(clause) and min(registering, default=0) > max(others, default=0)
    return bool(others and registering) and not is_told


@dataclass(frozen=True, slots=True)
class RegistrationQuestions:
    """Answers them."""

    context: ConversationContext

    def answer(self, turn: ConversationTurn) -> Decisions | None:
        """Return what answers a question about the registration; None for other messages."""
        if turn.message.choice or self.context.flows.find_flow(REGISTRATION) is None:
            return None
        asked = asked_of_registration(self.context.texts, turn.text)
        if asked is None or (asked is Asked.OTHER_PERSON and self._may_be_told(turn)):
            return None
        if asked is Asked.OTHER_PERSON:
            return self._of_another(turn)
        said, replies = self.said(turn, asked), Replies(self.context)
        if not said:
            return None
        question = replies.repeat_question(turn, said)
        return question or (
            replies.show_menu(turn, said=said)
            if self.context.extensions.has_menus
            else replies.say_text(said)
        )

    def said(self, turn: ConversationTurn, asked: Asked) -> str:
        """Return the answer to a question of the person's own registration."""
        is_registered = turn.user.is_registered
        if asked is Asked.MUST_REGISTER:
            return self._own(turn, "must_done" if is_registered else "must")
        key = "common.registered" if is_registered else "common.not_registered"
        told = Replies(self.context).renderer(turn).line(key)
        return " ".join(filter(None, (told, self._own(turn, "when") if is_registered else "")))

    def _own(self, turn: ConversationTurn, name: str) -> str:
        """Return a text of the registration, if it has one of this name."""
        texts, key = self.context.texts, f"{REGISTRATION}.{name}"
        is_there = isinstance(texts.find(turn.language, key), str)
        return Replies(self.context).renderer(turn).line(key) if is_there else ""

    def _may_be_told(self, turn: ConversationTurn) -> bool:
        """Return whether a form asks for sentences, of which this may be one."""
        flow, state = self.context.open_flow(turn), turn.state.flow
        if flow is None or state is None:
            return False
        is_told = not state.aside and state.step in flow.form.model_fields
        is_asked = self.context.texts.vocabulary.asks(turn.text)
        return is_told and not is_asked and asks_for_sentences(flow, state.step)

    def _of_another(self, turn: ConversationTurn) -> Decisions:
        replies, key = Replies(self.context), "common.one_person"
        flow, state = self.context.open_flow(turn), turn.state.flow
        if flow is not None and state is not None and not state.awaiting_call:
            asked = replace(flow.question(state), way_out=WayOut.BUTTONS)
            return replies.ask(turn, asked, before=replies.renderer(turn).line(key))
        ways = {f"{TAP}.{name}": title for name, title in Exits(self.context).of_features()}
        return replies.offer(turn, key, {**ways, f"{TAP}.{MENU}": f"{TAP}.{MENU}"})
