"""Questions that people ask while they fill in a form: answered, and then the form goes on."""

from dataclasses import dataclass, replace

from flow_engine import Question, WayOut
from flow_engine.fitting import Fit, fit
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.reasons import answer_in_between, asks_if_allowed, give_reason
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn
from services.conversations.unclear_answers import read_later

#: Fewest words of a text that is looked up although it does not look like a question.
MIN_WORDS = 2


@dataclass(frozen=True, slots=True)
class Aside:
    """The answer of a feature to a question in a form."""

    text: str
    decided: Decisions = NOTHING


@dataclass(frozen=True, slots=True)
class Asides:
    """Has features answer what is no answer to the question of a form."""

    context: ConversationContext

    async def answer(
        self, turn: ConversationTurn, question: Question, *, is_refused: bool
    ) -> Decisions | None:
        """Answer a text, and ask the question again, in one message; None if nobody can.

        A text that the question would take has to look like a question itself. One that is
        refused and no question may be an answer that a feature can read.
        """
        aside = answer_in_between(self.context, turn) if is_refused else None
        aside = aside or await self._answer(turn, question, is_refused=is_refused)
        aside = aside or give_reason(self.context, turn, question, is_refused=is_refused)
        if aside is None and is_refused:
            aside = await read_later(self.context, turn, question)
        if aside is None and self._is_question(turn, question, is_refused=is_refused):
            unanswered = replace(question, preface="common.no_answer", way_out=WayOut.BUTTONS)
            return Replies(self.context).ask(turn, unanswered)
        return aside

    async def answer_at(self, turn: ConversationTurn, question: Question) -> Decisions:
        """Answer a question that stood beside an answer, above the next question of the form."""
        if (aside := await self._found(turn)) is not None:
            return aside.decided + Replies(self.context).ask(turn, question, before=aside.text)
        asked = (ask(turn) for ask in self.context.extensions.later_asides)
        if (later := next((one for one in asked if one is not None), None)) is not None:
            return later + Replies(self.context).ask(turn, question)
        keys = (one(turn) for one in self.context.extensions.introductions)
        line = Replies(self.context).renderer(turn).line
        said = " ".join(map(line, ("common.no_answer", *filter(None, keys))))
        return Replies(self.context).ask(turn, question, before=said)

    async def _found(self, turn: ConversationTurn) -> Aside | None:
        """Return what the first feature answers that can."""
        for answer in self.context.extensions.asides:
            if (aside := await answer(turn)) is not None:
                return aside
        return None

    def _is_question(self, turn: ConversationTurn, question: Question, *, is_refused: bool) -> bool:
        """Whether a text asks something, so that it makes no sense to call it a wrong answer.

        Where any text is an answer, all of it has to be a question.
        """
        vocabulary, text = self.context.texts.vocabulary, turn.text
        has_words = len(text.split()) >= MIN_WORDS
        if turn.message.choice is not None or not has_words:
            return False
        if not question.options and asks_if_allowed(self.context, text):
            return True
        if is_refused:
            return vocabulary.asks(text) and self.context.texts.choices.yes_or_no(text) is None
        flow, state = self.context.open_flow(turn), turn.state.flow
        if flow is None or state is None or not vocabulary.only_asks(text):
            return False
        return fit(flow, state.step, text) in (Fit.ANY_TEXT, Fit.NONE)  # none: short, but taken

    async def _answer(
        self, turn: ConversationTurn, question: Question, *, is_refused: bool
    ) -> Decisions | None:
        is_question = self.context.texts.vocabulary.asks(turn.text)
        is_question = is_question or asks_if_allowed(self.context, turn.text)
        is_long = len(turn.text.split()) >= MIN_WORDS
        if turn.message.choice is not None or not (is_question or (is_refused and is_long)):
            return None
        if (aside := await self._found(turn)) is not None:
            again = replace(question, way_out=WayOut.HINT) if question.reviewed else question
            asked = Replies(self.context).ask(turn, again, before=aside.text)
            return aside.decided + asked
        if not is_refused or not is_question:
            return None
        decided = (ask(turn) for ask in self.context.extensions.later_asides)
        return next((one for one in decided if one is not None), None)
