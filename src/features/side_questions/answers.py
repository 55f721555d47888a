"""What answers an intent: texts of the open step, the FAQ, or what is known of the form."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from features.side_questions.event_dates import EventDates
from features.side_questions.named_steps import named_step
from flow_engine import LANGUAGES, Call, Flow, FlowState, Review
from services.conversations.asides import Aside
from services.conversations.context import ConversationContext
from services.conversations.reasons import reason_of
from services.conversations.turn import ConversationTurn
from services.conversations.unlisted import unlisted

#: The intent that asks for a date.
WHEN = "when"
#: Seconds that a person takes for one question of a form.
SECONDS_PER_QUESTION = 15
Ask = Callable[[ConversationTurn], Awaitable[Aside | None]]


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers intents. `asides` are what other features know, such as the FAQ."""

    context: ConversationContext
    asides: Sequence[Ask]
    dates: EventDates

    async def answer(self, turn: ConversationTurn, intent: str) -> Aside | None:
        """Return what answers an intent here; None if nothing does.

        What a flow or the business says of it comes first, then what is known of the open form,
        then the FAQ, and last the general answer.
        """
        for key in (*self._own_keys(turn, intent), f"answers.{intent}"):
            if (said := self._say(turn, key)) is not None:
                return Aside(self._with_introduction(turn, intent, said))
        if intent == WHEN and (said := self.dates.told(turn)) is not None:
            return Aside(said)
        if intent in _OF_FORMS:
            said = _OF_FORMS[intent](self.context, turn)
            return Aside(said) if said else None
        if (asked := await self.known_as(turn, intent)) is not None:
            return await self._aside(turn, asked)
        said = self._say(turn, f"intents.{intent}.answer")
        return Aside(self._with_introduction(turn, intent, said)) if said else None

    def is_of_forms(self, intent: str) -> bool:
        """Return whether an intent is about the open form, and so nothing where there is none."""
        texts = self.context.texts
        is_said = any(texts.find(one, f"intents.{intent}.in_forms") for one in texts.languages)
        return intent in _OF_FORMS or is_said

    def _own_keys(self, turn: ConversationTurn, intent: str) -> Sequence[str]:
        state = turn.state.flow
        if state is None:
            return ()
        return (f"{state.flow}.{state.step}.answers.{intent}", f"{state.flow}.answers.{intent}")

    def _say(self, turn: ConversationTurn, key: str) -> str | None:
        texts = self.context.texts
        if not isinstance(texts.find(turn.language, key), str):
            return None
        names = (LANGUAGES[one].name for one in sorted(texts.languages) if one in LANGUAGES)
        given = {"first_name": turn.user.first_name, "languages": ", ".join(names)}
        return texts.say(turn.language, key, given)

    async def known_as(self, turn: ConversationTurn, intent: str) -> str | None:
        """Return the words in which another feature knows the answer: the person's, or plain ones.

        The FAQ is asked "what does it cost?" in place of "any charges involved sir".
        """
        means = self.context.texts.find(turn.language, f"intents.{intent}.means")
        for text in (turn.text, str(means)) if means else ():
            if await self._aside(turn, text) is not None:
                return text
        return None

    async def known_in_other_words(self, turn: ConversationTurn, intent: str) -> Aside | None:
        """Return what another feature knows of an intent, in the person's words or plain ones."""
        asked = await self.known_as(turn, intent)
        return None if asked is None else await self._aside(turn, asked)

    def has_plain_words(self, turn: ConversationTurn, intent: str) -> bool:
        """Return whether an intent has plain words in which other features can be asked."""
        return self.context.texts.find(turn.language, f"intents.{intent}.means") is not None

    async def is_dated(self, turn: ConversationTurn, intent: str) -> bool:
        """Return whether dates answer a question, and no other answer of a feature does."""
        if intent != WHEN or self.dates.told(turn) is None:
            return False
        if self.dates.asks(turn):
            return True
        means = self.context.texts.find(turn.language, f"intents.{intent}.means")
        known = await self._aside(turn, turn.text)
        return known is None or known == await self._aside(turn, str(means))

    async def is_known(self, turn: ConversationTurn) -> bool:
        """Return whether another feature knows the answer to what was asked, as it was asked."""
        return await self.known(turn) is not None

    async def known(self, turn: ConversationTurn) -> Aside | None:
        """Return what another feature answers to what was asked, as it was asked."""
        return await self._aside(turn, turn.text)

    async def _aside(self, turn: ConversationTurn, text: str) -> Aside | None:
        asked = replace(turn, message=replace(turn.message, text=text))
        for ask in self.asides:
            if (found := await ask(asked)) is not None:
                return found
        return None

    def _with_introduction(self, turn: ConversationTurn, intent: str, said: str) -> str:
        """Add to who answers here what is possible at any time."""
        if intent != "who":
            return said
        keys = filter(None, (one(turn) for one in self.context.extensions.introductions))
        return " ".join([said, *(self.context.texts.say(turn.language, key) for key in keys)])


def _why(context: ConversationContext, turn: ConversationTurn) -> str:
    """Return why the question is asked that the person names, or else the open one."""
    flow, state = context.open_flow(turn), turn.state.flow
    if flow is None or state is None:
        return ""
    named = named_step(context.texts, flow, turn.text, state.step)
    at_step = state.model_copy(update={"step": named})
    why = reason_of(context, replace(turn, state=turn.state.changed({"flow": at_step})))
    return "\n\n".join(filter(None, (why, unlisted(context, turn, state))))


def _must(context: ConversationContext, turn: ConversationTurn) -> str:
    flow, state = context.open_flow(turn), turn.state.flow
    if flow is None or state is None:
        return ""
    if flow.step(state.step).optional:
        return context.texts.say(turn.language, "common.optional")
    key = f"{state.flow}.{state.step}.unlisted.answer"
    if isinstance(context.texts.find(turn.language, key), str):  # "what if I have no passport?"
        return context.texts.say(turn.language, key)
    needed = context.texts.say(turn.language, "common.needed")
    way_out = context.texts.say(turn.language, "side_questions.way_out")
    return " ".join(filter(None, (needed, _why(context, turn), way_out)))


def _how_long(context: ConversationContext, turn: ConversationTurn) -> str:
    flow, state = context.open_flow(turn), turn.state.flow
    if flow is None or state is None:
        return ""
    count = _questions_left(flow, state)
    if count < 2:
        return context.texts.say(turn.language, "side_questions.last_one")
    minutes = max(1, round(count * SECONDS_PER_QUESTION / 60))
    key = "side_questions.minute" if minutes == 1 else "side_questions.minutes"
    return context.texts.say(turn.language, key, {"count": count, "minutes": minutes})


def _questions_left(flow: Flow[Any], state: FlowState) -> int:
    """Return how many questions come at most, with the open one."""
    names = [step.name for step in flow.steps]
    after = flow.steps[names.index(state.step) :]
    is_asked = (one for one in after if not isinstance(one, Call) and one.name not in state.answers)
    return sum(1 for one in is_asked if not isinstance(one, Review)) + any(
        isinstance(one, Review) for one in after
    )


#: What is known of the open form, by intent.
_OF_FORMS: dict[str, Callable[[ConversationContext, ConversationTurn], str]] = {
    "why": _why,
    "must": _must,
    "how_long": _how_long,
}
