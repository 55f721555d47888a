"""Answers each question of a message, in order, and says once that it does not know the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from features.side_questions.answers import Answers
from features.side_questions.reader import (
    CERTAIN,
    Part,
    asks_something,
    indirect_question,
    intents_of,
)
from services.conversations.asides import Aside
from services.conversations.context import ConversationContext
from services.conversations.turn import ConversationTurn

#: Fewest words of a question that nobody knows the answer to, and of one that is known.
MIN_WORDS_UNKNOWN, MIN_WORDS_KNOWN = 3, 2


@dataclass(frozen=True, slots=True)
class Telling:
    """Finds out what is told to a message, part by part."""

    context: ConversationContext
    answers: Answers

    async def told(self, turn: ConversationTurn, parts: Sequence[Part]) -> Sequence[Aside]:
        """Return what answers the questions of a message, each answer once.

        Outside of forms, what is not known is said once at the end.
        """
        told, is_unknown = dict[str, Aside](), False
        intents = {text: intent for intent, text in intents_of(parts).items()}
        for part in parts if intents else ():
            asked = replace(turn, message=replace(turn.message, text=part.text))
            found = await self._answer_to(asked, part, intents.get(part.text))
            if found is not None:
                told.setdefault(found.text, found)
            is_open = found is None and part.intent is None
            is_unknown |= is_open and self._asks(part.text, MIN_WORDS_UNKNOWN)
        if told and is_unknown and turn.state.flow is None:
            rest = self.context.texts.say(turn.language, "side_questions.rest_unknown")
            told[rest] = Aside(rest)
        return list(told.values())

    async def with_date(self, turn: ConversationTurn) -> Sequence[Aside]:
        """Return what is known of a message that names a time, and the date."""
        known, date = await self.answers.known(turn), self.answers.dates.told(turn)
        return [] if known is None or date is None else [known, Aside(date)]

    async def _answer_to(
        self, turn: ConversationTurn, part: Part, intent: str | None
    ) -> Aside | None:
        """Return what answers one part of a message."""
        answers = self.answers
        if part.intent is None and answers.dates.asks(turn):
            return Aside(answers.dates.told(turn) or "")
        if intent is None:
            return await self._known(turn) if self._asks(turn.text, MIN_WORDS_KNOWN) else None
        if not answers.is_of_forms(intent) or self._is_of_form(turn, intent):
            return await answers.answer(turn, intent)
        is_asked = part.share >= CERTAIN and self._asks(turn.text, MIN_WORDS_KNOWN)
        return await answers.known_in_other_words(turn, intent) if is_asked else None

    def _is_of_form(self, turn: ConversationTurn, intent: str) -> bool:
        """Return whether "how long" asks about the open form, and not about the workshop."""
        is_of_event = self.answers.has_plain_words(
            turn, intent
        ) and self.answers.dates.is_about_events(turn.text)
        return turn.state.flow is not None and not is_of_event

    async def _known(self, turn: ConversationTurn) -> Aside | None:
        """Return what is known of a question, or of the indirect one in a sentence."""
        known = await self.answers.known(turn)
        indirect = indirect_question(self.context.texts.vocabulary, turn.text)
        if known is not None or not indirect:
            return known
        asked = replace(turn, message=replace(turn.message, text=indirect))
        return await self.answers.known(asked)

    def _asks(self, text: str, least: int) -> bool:
        """Return whether a text of so many words asks something, and does not only greet."""
        vocabulary = self.context.texts.vocabulary
        is_talk = vocabulary.small_talk(text) is not None or vocabulary.is_greeting(text)
        return len(text.split()) >= least and asks_something(vocabulary, text) and not is_talk
