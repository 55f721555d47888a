"""Side questions: who, what, why, is it safe, how long, how much, whatever words they come in."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from features.side_questions.answers import WHEN, Answers
from features.side_questions.event_dates import EventDates
from features.side_questions.guards import is_for_form, least_share, option_beside
from features.side_questions.intents import read_examples
from features.side_questions.languages import language_asked_for
from features.side_questions.reader import (
    CERTAIN,
    LIKELY,
    MAX_WORDS,
    SURE,
    SURE_OF_ANSWER,
    SURE_WITHOUT_FORM,
    Part,
    Reader,
    intents_of,
)
from features.side_questions.telling import Telling
from flow_engine import Flow, WayOut
from services.conversations.asides import Aside
from services.conversations.decisions import NOTHING, Decisions, all_of
from services.conversations.first_contact import note_introduced
from services.conversations.forms import Forms
from services.conversations.profile import speak
from services.conversations.replies import Replies
from services.conversations.stage import PassOn, Stage, StageResult
from services.conversations.turn import ConversationTurn
from services.feature import Feature, Parts
from texts.required import RequiredTexts

#: Fewest words of a question that is only likely to be one.
MIN_WORDS = 3
#: The intent that asks for another language, and the one that asks who answers.
LANGUAGE, WHO = "language", "who"


class SideQuestions(Feature):
    """What people ask in the middle of a form is answered, and the form's question asked again."""

    name = "side_questions"
    summary = "who, what, why, is it safe, how long, how much: asked in any words, at any moment"
    page = "docs/side-questions.md"
    required_texts = RequiredTexts(
        keys={
            "side_questions.way_out": (),
            "side_questions.last_one": (),
            "side_questions.rest_unknown": (),
            "side_questions.minute": ("count", "minutes"),
            "side_questions.minutes": ("count", "minutes"),
            **{f"side_questions.{one}": () for one in ("yes", "no")},
        },
        words=(
            *("date_around", "date_asked", "date_missed", "date_after", "date_next", "event"),
            "whether",
            *("weekend", "this_week", "next_week"),
            *("this_month", "next_month"),
        ),
    )

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        texts = parts.context.texts
        examples = read_examples(texts)
        keys = [(one.language, one.intent) for one in examples]
        of_things = {one for code, one in keys if texts.find(code, f"intents.{one}.of_things")}
        self._reader = Reader(examples, texts.vocabulary, of_things)

    def stages(self) -> Iterable[Stage]:
        return (
            Stage("side_question_who", self._who, before=("who_answers",)),
            Stage("side_question_in_form", self._in_form, before=("open_form",)),
            Stage("side_question", self._elsewhere, before=("faq_answer", "fallback")),
        )

    @cached_property
    def _answers(self) -> Answers:
        context = self.parts.context
        others = [one for one in context.extensions.asides if one != self.aside]
        return Answers(context, others, EventDates(context))

    @cached_property
    def _telling(self) -> Telling:
        return Telling(self.parts.context, self._answers)

    async def aside(self, turn: ConversationTurn) -> Aside | None:
        """Answer what nothing else made sense of, if it is likely to be such a question."""
        if len(turn.text.split()) < MIN_WORDS:
            return None  # "green card" asks nothing
        told = await self._telling.told(turn, self._read_in_form(turn, LIKELY))
        return _joined(told) if told else None

    async def _in_form(self, turn: ConversationTurn) -> StageResult:
        """A person in a form asks who, what, why or the like: it is answered, and they go on."""
        flow, state = self.parts.context.open_flow(turn), turn.state.flow
        if flow is None or state is None or state.awaiting_call or not _is_typed(turn):
            return None
        parts = self._read_in_form(turn, least_share(turn, flow, state))
        if (switched := self._switch(turn, parts)) is not None:
            return switched
        told = await self._telling.told(turn, parts)
        if not told:
            return None
        said, context = _joined(told), self.parts.context
        if (answer := option_beside(context, turn, flow, parts)) is not None:
            return said.decided + await self._take(turn, flow, answer, said.text)
        asked = replace(flow.question(state), way_out=WayOut.BUTTONS)
        return said.decided + Replies(context).ask(turn, asked, before=said.text)

    async def _take(
        self, turn: ConversationTurn, flow: Flow[Any], answer: str, said: str
    ) -> Decisions:
        """Take the answer that stands beside a question, and say what answers that."""
        replies = Replies(self.parts.context)
        message = replace(turn.message, text=answer)
        taken = await Forms(self.parts.context).answer(replace(turn, message=message), flow)
        asked = replies.repeat_question(turn.after(taken), said)
        if asked is None:  # that was the last question
            return replies.say_text(said) + taken
        return replace(taken, messages=()) + asked

    async def _who(self, turn: ConversationTurn) -> StageResult:
        """A person asks whether a person answers, in words that may also ask for one."""
        is_word = self.parts.context.texts.vocabulary.means_something(turn.text)
        if not _is_typed(turn) or "?" not in turn.text or is_word:  # "anyone there?" wants one
            return None
        intents = intents_of(self._reader.read(turn.text, SURE_OF_ANSWER))
        is_open = turn.state.flow is not None
        if list(intents) != [WHO]:
            return None
        return await (self._in_form(turn) if is_open else self._elsewhere(turn))

    async def _elsewhere(self, turn: ConversationTurn) -> StageResult:
        """A person asks who, what, how much or the like where nothing is open."""
        if not _is_typed(turn) or self.parts.context.extensions.is_in_chat(turn):
            return None
        parts = self._read(turn.text, SURE_WITHOUT_FORM)
        if self._answers.dates.asks_for_another(turn):
            parts = [Part(turn.text, WHEN, CERTAIN)]
        if (switched := self._switch(turn, parts)) is not None:
            return switched
        intents = list(intents_of(parts))
        told = await self._telling.told(turn, parts)
        if not intents and self._answers.dates.names_a_time(turn):
            told = await self._telling.with_date(turn)
        if len(told) > 1:
            return self._tell(turn, intents, told)
        is_of_other = any(one.intent not in (None, WHEN) and one.share >= CERTAIN for one in parts)
        if not is_of_other and self._answers.dates.asks(turn):
            intents, told = [WHEN], [Aside(self._answers.dates.told(turn) or "")]
        if len(intents) == 1 and await self._answers.is_dated(turn, intents[0]):
            return self._tell(turn, intents, told)
        is_one = len(intents) == 1 and not self._answers.is_of_forms(intents[0])
        if is_one and (asked := await self._answers.known_as(turn, intents[0])):
            return PassOn(message=replace(turn.message, text=asked))  # the FAQ answers it
        is_doubtful = any(one.intent and one.share < CERTAIN for one in parts)
        if is_doubtful and await self._answers.is_known(turn):
            return None
        return self._tell(turn, intents, told)

    def _tell(
        self, turn: ConversationTurn, intents: Sequence[str], told: Sequence[Aside]
    ) -> Decisions | None:
        if not told:
            return None
        context, replies, said = self.parts.context, Replies(self.parts.context), _joined(told)
        noted = note_introduced(turn) if WHO in intents else NOTHING
        if turn.user.is_stranger and context.extensions.has_menus:
            return said.decided + noted + replies.show_menu(turn, said=said.text)
        return said.decided + noted + replies.say_text(said.text)

    def _read_in_form(self, turn: ConversationTurn, least: float) -> Sequence[Part]:
        """Return the parts of a message with their intents; none if it is for the form."""
        context, flow = self.parts.context, self.parts.context.open_flow(turn)
        parts = self._read(turn.text, least)
        if len(turn.text.split()) > MAX_WORDS or context.texts.is_word("agreement", turn.text):
            return ()
        is_word = len(turn.text.split()) == 1 and not context.texts.vocabulary.asks(turn.text)
        if not intents_of(parts) and self._answers.dates.asks(turn):
            parts = [Part(turn.text, WHEN, CERTAIN)]
        if flow is None or is_word or not intents_of(parts):
            return ()  # "many" is an answer, be it a wrong one
        if is_for_form(context, turn, flow, parts):
            return ()
        return parts

    def _read(self, text: str, least: float = SURE) -> Sequence[Part]:
        """Read a message; the language of an event is no language to go on in."""
        is_other = self._answers.dates.is_about_events
        return [
            replace(one, intent=None) if one.intent == LANGUAGE and is_other(one.text) else one
            for one in self._reader.read(text, least)
        ]

    def _switch(self, turn: ConversationTurn, parts: Sequence[Part]) -> Decisions | None:
        """Go on in the language that a message asks for; None if it names none that is there."""
        context = self.parts.context
        if LANGUAGE not in intents_of(parts):
            return None
        language = language_asked_for(context.texts.vocabulary, turn.text)
        if language is None:
            return None
        decided = speak(turn, language)
        told = Replies(context).say_then_back(turn.after(decided), "common.language_changed")
        return decided + told


def _joined(told: Sequence[Aside]) -> Aside:
    text = "\n\n".join(one.text for one in told)
    return Aside(text, all_of(one.decided for one in told))


def _is_typed(turn: ConversationTurn) -> bool:
    message = turn.message
    return bool(turn.text) and message.choice is None and message.edits is None


FEATURE = SideQuestions
