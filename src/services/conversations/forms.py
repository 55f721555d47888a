"""The open form of a person: its newest version, their answers, its timers."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.inbound import Inbound
from flow_engine import (
    CallEnded,
    CallFailed,
    CameBack,
    Cancelled,
    Corrected,
    Event,
    Flow,
    FlowState,
    Menu,
    Question,
    Replied,
    Say,
    Sent,
    Started,
    Timeout,
    TimerFired,
    Turn,
    WayOut,
    WentBack,
    WentTo,
    advance,
    resume,
)
from flow_engine.choosing import SEPARATOR
from flow_engine.words import normalise
from services.conversations import exits
from services.conversations.answered import note_answer
from services.conversations.asides import Asides
from services.conversations.calls import CallResult, hold
from services.conversations.change_requests import requested_step
from services.conversations.context import ConversationContext
from services.conversations.corrections import Corrections, older_tap
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.effect_executor import EffectExecutor
from services.conversations.profile import leave_form, speak
from services.conversations.replies import Replies
from services.conversations.spoken_corrections import spoken_correction
from services.conversations.turn import ConversationTurn
from texts.language import is_month_first_usual

#: The time after a person's last message in which a business may write freely.
WINDOW = timedelta(hours=24)
#: Where a reminder comes after this or more, people go away from a form and come back to it.
LONG_SILENCE = timedelta(minutes=10)
#: What stands between choices that are typed together.
_BETWEEN_CHOICES = re.compile(r"[,;+/\n]|\s(?:and|y|e|&)\s", re.IGNORECASE)
#: Meta's types of messages that are no text.
SENT_KINDS = ("image", "video", "audio", "document", "location", "contacts")
#: A timer that is later than this fires after the bot was away: workers look much more often.
LATE = timedelta(seconds=30)


class Forms:
    """Moves people through forms."""

    def __init__(self, context: ConversationContext) -> None:
        self.context = context
        self._executor = EffectExecutor(context)
        self._replies = Replies(context)
        self._asides = Asides(context)
        self._corrections = Corrections(context)

    def current(self, turn: ConversationTurn) -> Flow[Any] | None:
        """Return the flow that the person is in."""
        state = turn.state.flow
        return self.context.flows.find_flow(state.flow) if state else None

    async def resume(self, turn: ConversationTurn) -> Decisions:
        """Bring the open form up to date with the newest version of its flow."""
        stored = turn.state.flow
        if stored is None:
            return NOTHING
        flow = self.context.flows.find_flow(stored.flow)
        if flow is None:  # it was removed while somebody was in it
            return leave_form()
        updated = resume(flow, stored)
        if updated.state is not None and updated.state.step == stored.step:
            return Decisions(state={"flow": updated.state})
        return await self._executor.follow(turn, updated)

    def cancels(self, turn: ConversationTurn) -> bool:
        """Whether the person wants out of the form."""
        return self.context.texts.is_word("cancel", turn.text)

    async def answer(self, turn: ConversationTurn, flow: Flow[Any]) -> Decisions:
        """Take a message as an answer to the question of the open form."""
        state = turn.state.flow
        assert state is not None, "somebody is in a form"
        question = flow.question(state)
        if event := self._wish(turn, question):
            before = flow.begin() if isinstance(event, Started) else state
            return await self._move(turn, flow, before, event)
        if state.awaiting_call:
            held = hold(turn)
            return self._replies.say(turn, "common.one_moment") if held is None else held
        answer = self._answer_to(turn, flow, question)
        step = None
        if answer is not None:
            step = advance(flow, state, _reply(turn, answer))
        if step is None and (corrected := older_tap(turn, flow, state)) is not None:
            return await self._corrections.follow(turn, flow, state, corrected)
        if self._came_back(turn, flow, question, step):
            return await self._executor.follow(turn, advance(flow, state, CameBack()))
        if step is None or self._is_global_command(turn, question, step):
            return self._replies.ask(turn, _busy(question))
        is_refused = step.state is not None and step.state.refusals > state.refusals
        if corrected := self._spoken_correction(turn, flow, state, is_refused=is_refused):
            return await self._corrections.follow(turn, flow, state, corrected)
        noted = note_answer(turn, flow.name, state.step)
        if question.options and answer in question.options:
            return noted + await self._executor.follow(turn, step)
        language = self.context.texts.vocabulary.language_named(turn.text)
        if is_refused and language is not None:
            return self._continue_in(turn, language)
        aside = await self._asides.answer(turn, question, is_refused=is_refused)
        return noted + (aside or await self._executor.follow(turn, step))

    def _spoken_correction(
        self, turn: ConversationTurn, flow: Flow[Any], state: FlowState, *, is_refused: bool
    ) -> Corrected | None:
        """Return the correction of an earlier answer that somebody typed."""
        if turn.message.choice is not None or state.aside:
            return None
        texts = self.context.texts
        spoken = spoken_correction(texts, flow, state, turn.text, is_refused=is_refused)
        return Corrected(spoken[0], _reply(turn, spoken[1])) if spoken else None

    def _continue_in(self, turn: ConversationTurn, language: str) -> Decisions:
        """Ask the question of the form in another language."""
        decided = speak(turn, language)
        return decided + self._replies.say_then_back(turn.after(decided), "common.language_changed")

    async def correct(self, turn: ConversationTurn, step: str) -> Decisions:
        """Take an edited message as the answer to a question that its first version answered."""
        flow, state = self.current(turn), turn.state.flow
        assert flow is not None, "somebody is in a form"
        assert state is not None, "somebody is in a form"
        if step == state.step or step not in flow.edges:
            return await self.answer(turn, flow)
        at_step = state.model_copy(update={"step": step, "options": flow.options(step), "page": 0})
        answer = self._answer_to(turn, flow, flow.question(at_step)) or turn.text
        corrected = Corrected(step, _reply(turn, answer))
        return await self._corrections.follow(turn, flow, state, corrected)

    async def take(self, turn: ConversationTurn) -> Decisions | None:
        """Take a file, a place or a contact as an answer; None where only text is asked for."""
        flow, state, message = self.current(turn), turn.state.flow, turn.message
        is_sent = message.content is not None and message.kind in SENT_KINDS
        if flow is None or state is None or not is_sent:
            return None
        if state.awaiting_call:
            return hold(turn)
        if not flow.received_types(state.step):
            return None
        sent = Sent(message.kind, message.content)
        return await self._executor.follow(turn, advance(flow, state, sent))

    async def fire_timer(
        self, turn: ConversationTurn, name: str, number: int, *, late: timedelta
    ) -> Decisions:
        """Remind of an unanswered question, or stop waiting for its answer.

        `late` is how long after its time the timer fires: if the bot was away for that long, the
        answer may still be redelivered, so it is waited for once more.
        """
        decided = leave_form() if turn.is_bot_paused else NOTHING
        turn = turn.after(decided)
        resumed = await self.resume(turn)
        decided, turn = decided + resumed, turn.after(resumed)
        flow, state = self.current(turn), turn.state.flow
        if flow is None or state is None:
            return decided
        if name == "cancel" and number == state.turn:
            if late > LATE:
                return decided + self._executor.wait_again(turn, flow, name, number)
            if _waits_of(flow, self.context).cancel_after >= WINDOW:
                return decided + leave_form()  # the window is closed: nothing may be said
        step = advance(flow, state, TimerFired(name, number))
        return decided + await self._executor.follow(turn, step)

    async def end_call(self, turn: ConversationTurn, told: CallResult) -> Decisions:
        """Go on with what the code of a step returned, or with its failure."""
        decided = leave_form() if turn.is_bot_paused else NOTHING
        turn = turn.after(decided)
        resumed = await self.resume(turn)
        decided, turn = decided + resumed, turn.after(resumed)
        flow, state = self.current(turn), turn.state.flow
        if flow is None or state is None or flow.name != told.flow:
            return decided
        event = CallFailed(told.turn) if told.has_failed else CallEnded(told.result, told.turn)
        return decided + await self._executor.follow(turn, advance(flow, state, event))

    def triggered_by(self, text: str) -> Flow[Any] | Menu | None:
        """Return what a message starts, with or without courtesy around it."""
        readings = self.context.texts.vocabulary.readings(text)
        for reading in readings:
            if found := self.context.flows.triggered_by(reading):
                return found
        return None

    def asked_for(self, text: str) -> Flow[Any] | Menu | None:
        """Return what a sentence asks for, or a trigger with one letter wrong."""
        vocabulary, flows = self.context.texts.vocabulary, self.context.flows
        if (trigger := vocabulary.without_typo(text, flows.typos)) is not None:
            return flows.triggered_by(trigger)
        asked = (one for phrases, one in flows.phrases if vocabulary.asks_for(phrases, text))
        return next(asked, None)

    def option(self, turn: ConversationTurn, question: Question, typed: str) -> str | None:
        """Return the option that a person typed."""
        texts = self.context.texts
        readings = {*texts.vocabulary.readings(typed)}
        for option in question.labels:
            if normalise(option.label) in readings:
                return option.id
        return texts.match_option(turn.language, question.name, question.options, typed)

    def is_wish(self, turn: ConversationTurn, question: Question) -> bool:
        """Return whether a text is a wish about the form itself, and no answer."""
        return self._wish(turn, question) is not None

    async def leave_by_exit(self, turn: ConversationTurn, name: str) -> Decisions | None:
        """Go where a button beside a question leads; None if it is none of the open form."""
        ways: dict[str, Event] = {exits.BACK: WentBack(), exits.CANCEL: Cancelled()}
        event = ways.get(name)
        flow, state = self.current(turn), turn.state.flow
        if event is None or flow is None or state is None:
            return None
        return await self._move(turn, flow, state, event)

    async def _move(
        self, turn: ConversationTurn, flow: Flow[Any], state: FlowState, event: Event
    ) -> Decisions:
        """Go where an event leads; a flow may have a text of its own for being cancelled."""
        step, key = advance(flow, state, event), f"{flow.name}.cancelled"
        if isinstance(event, Cancelled) and self.context.texts.find(turn.language, key):
            step = replace(step, effects=(Say(key),))
        return await self._executor.follow(turn, step)

    def _came_back(
        self, turn: ConversationTurn, flow: Flow[Any], question: Question, step: Turn | None
    ) -> bool:
        """Whether somebody who left a form for long writes something that is no answer to it."""
        state = turn.state.flow
        is_short = _waits_of(flow, self.context).remind_after < LONG_SILENCE
        if state is None or not state.is_reminded or is_short:
            return False
        if step is None or self._is_global_command(turn, question, step):
            return True
        return step.state is not None and step.state.step == state.step and not state.aside

    def _answer_to(self, turn: ConversationTurn, flow: Flow[Any], question: Question) -> str | None:
        """What a message answers to a question; None for a tap on an older one."""
        message: Inbound = turn.message
        if message.choice is not None:
            return _tapped(message.choice, question.name) or _tapped(
                message.choice, f"{flow.name}.{turn.state.flow.step}" if turn.state.flow else ""
            )
        if question.chosen or flow.is_several(question.name.partition(".")[2]):
            return self._several(turn, question)
        asked = (question, *self._set_aside(turn, flow))
        options = (self._option_in(turn, one) for one in asked)
        return next(filter(None, options), turn.text)

    def _option_in(self, turn: ConversationTurn, question: Question) -> str | None:
        """Return the option of a question that a person typed, alone or in a sentence."""
        named = self.context.texts.option_in_sentence(question.name, question.options, turn.text)
        return self.option(turn, question, turn.text) or named

    def _set_aside(self, turn: ConversationTurn, flow: Flow[Any]) -> Iterator[Question]:
        """Return the form's own question, where one about the form is asked in its place."""
        state = turn.state.flow
        if state is not None and state.aside:
            options = flow.options(state.step)
            yield flow.question(state.model_copy(update={"aside": "", "options": options}))

    def _several(self, turn: ConversationTurn, question: Question) -> str:
        """Return the choices that a person typed together: "ham and cheese", "1, 3"."""
        if option := self.option(turn, question, turn.text):
            return option
        parts = [part for part in _BETWEEN_CHOICES.split(turn.text) if part.strip()]
        options = [self.option(turn, question, part) or part for part in parts]
        return SEPARATOR.join(options) or turn.text

    def _wish(self, turn: ConversationTurn, question: Question) -> Event | None:
        """What the person wants of the form itself, in words that are no answer to the question."""
        if turn.message.choice is not None or self.option(turn, question, turn.text) is not None:
            return None
        state = turn.state.flow
        named = requested_step(self.context.texts, state, turn.text) if state else None
        if named is not None:
            return WentTo(named)
        wishes: dict[str, Event] = {"cancel": Cancelled(), "back": WentBack(), "restart": Started()}
        is_word = self.context.texts.is_word
        return next((event for word, event in wishes.items() if is_word(word, turn.text)), None)

    def _is_global_command(self, turn: ConversationTurn, question: Question, step: Turn) -> bool:
        """Whether a word leads elsewhere. A greeting does if the form would take it, as a name."""
        texts, text = self.context.texts, turn.text
        is_taken = step.state is None or f"{step.state.flow}.{step.state.step}" != question.name
        is_asked_for = not is_taken and self.asked_for(text) is not None
        is_trigger = self.triggered_by(text) is not None or is_asked_for
        is_greeting = is_taken and not question.options and texts.vocabulary.is_courtesy(text)
        is_ours = is_trigger or texts.is_word("menu", text) or is_greeting
        is_free = turn.message.choice is None and self.option(turn, question, text) is None
        return is_ours and is_free


def _waits_of(flow: Flow[Any], context: ConversationContext) -> Timeout:
    """Return how long a form waits for an answer: as the flow says, or the settings."""
    return flow.timeout or Timeout(context.remind_after, context.cancel_after)


def _tapped(choice: str, question: str) -> str | None:
    """Return the option of a question that a tap has chosen; None for another question."""
    return choice.removeprefix(f"{question}.") if choice.startswith(f"{question}.") else None


def _busy(question: Question) -> Question:
    """Ask a question of people who want something else, and show how to leave the form."""
    return replace(question, preface="common.busy_with_flow", way_out=WayOut.BUTTONS)


def _reply(turn: ConversationTurn, answer: str) -> Replied:
    return Replied(answer, is_month_first_usual=is_month_first_usual(turn.user))
