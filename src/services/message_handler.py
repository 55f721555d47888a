"""Decides what one message or one alarm leads to: the shell around the pure flows."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from domain.conversation_status import HUMAN_STATUSES, ConversationStatus
from domain.inbound import Inbound
from features.assistant.chat import AssistantChat
from features.assistant.chat_state import AnswerJob
from features.attachments.media_reader import UnreadableMedia
from flow_engine import (
    Cancelled,
    Effect,
    Flow,
    Menu,
    Question,
    Replied,
    ShowMenu,
    StartFlow,
    TimerFired,
    Turn,
    advance,
    resume,
)
from services.conversations.context import ConversationContext
from services.conversations.effect_executor import EffectExecutor
from services.conversations.message_types import MessagePolicy, policy_for
from services.conversations.opt_out import TEMPLATE_BUTTON, handle_opt_out_keyword
from services.conversations.turn import Conversation

#: Of an alarm: workers look for work much more often than that.
LATE = timedelta(seconds=30)
#: What is chosen from beside menus.
NOT_MENUS = ("faq", "more")


class MessageHandler:
    """Handles one event of one conversation; what it decides is collected there."""

    def __init__(self, conversation: Conversation, script: ConversationContext) -> None:
        self._conversation = conversation
        self._script = script
        self._performer = EffectExecutor(conversation, script)
        self._talk = AssistantChat(conversation, self._performer, script)

    async def process_message(self, data: Inbound) -> None:
        """Decide what a message leads to."""
        treatment = policy_for(data)
        if treatment is MessagePolicy.IGNORE or self._obey_opting(data):
            return None
        if self._conversation.user.status == ConversationStatus.BLOCKED:
            return None
        if self._conversation.user.opted_out_at is not None:
            return self._performer.say("common.opted_out_hint")
        if self._conversation.is_bot_paused:
            if self._conversation.user.status in HUMAN_STATUSES:
                await self._performer.say_if_away()
            return None
        if self._conversation.user.status in HUMAN_STATUSES:  # nobody of us wrote for long
            self._conversation.return_to_bot()
        asked_before = self._step_asked
        flow = await self._current_flow()
        try:
            data = await self._heard(data)
        except UnreadableMedia as unreadable:
            self._performer.say(unreadable.key)
            return self._go_back()
        if data.is_spoken and self._obey_opting(data):
            return None
        if self._asks_for_human(data):
            await self._performer.hand_off(data.text or "")
        elif flow is not None and self._step_asked != asked_before and not self._cancels(data):
            return None  # the form has changed: they answered another question than it asks now
        elif flow is None and data.kind in self._script.sees and data.attachment is not None:
            await self.handle_ai_conversation(self._conversation.user.key, data)
        elif policy_for(data) is MessagePolicy.EXPLAIN:
            self._performer.say(self._script.texts.explanation_of(data.kind))
            self._go_back()
        elif flow is not None:
            await self._continue(flow, data)
        elif self._conversation.state.talk.is_on and data.choice is None:
            await self.handle_ai_conversation(self._conversation.user.key, data)
        else:
            await self._start_something(data)
        return None

    async def process_timer(self, name: str, turn: int, *, late: timedelta) -> None:
        """Remind of an unanswered question, or stop waiting for its answer.

        `late` is for how long the alarm could not be heard: then the bot was away, and perhaps
        the answer waits to be redelivered.
        """
        if self._conversation.is_bot_paused:
            self._conversation.set_flow(None)
        flow = await self._current_flow()
        state = self._conversation.state.flow
        if flow is None or state is None:
            return None
        if name == "cancel" and late > LATE and turn == state.turn:
            return self._performer.wait(flow, name, turn)
        return await self._performer.follow(flow, advance(flow, state, TimerFired(name, turn)))

    def apologise(self) -> None:
        """Something of ours is broken: a person is never left without an answer."""
        self._conversation.set_flow(None)
        self._performer.say("common.broken")
        self._performer.show_menu()

    async def handle_user_register_flow(self, to: str, message: Inbound) -> None:
        """Begin the registration of the person `to`, or take their next answer."""
        await self._answer_or_start(self._script.flows.flow("registration"), message)

    async def handle_ai_conversation(self, sender_id: str, message: Inbound) -> None:
        """Let the assistant answer what the person `sender_id` says freely, or sends."""
        await self._talk.say(message)

    async def take_answer(self, answer: AnswerJob, message_id: str) -> None:
        """Pass on what the assistant says."""
        await self._talk.take(answer, message_id)

    def _obey_opting(self, message: Inbound) -> bool:
        return handle_opt_out_keyword(
            message, self._conversation, self._performer, self._script.texts
        )

    def _asks_for_human(self, message: Inbound) -> bool:
        """Wherever they are: in a form, or talking to the assistant."""
        is_anybody_there = self._script.human_idle is not None
        return is_anybody_there and message.choice is None and self._is_word("human", message.text)

    def _cancels(self, message: Inbound) -> bool:
        return self._is_word("cancel", message.text)

    @property
    def _step_asked(self) -> str | None:
        """Of the form that the person is in."""
        state = self._conversation.state.flow
        return state.step if state else None

    async def _current_flow(self) -> Flow[Any] | None:
        """The flow that the person is in, brought up to date with its newest version."""
        stored = self._conversation.state.flow
        if stored is None:
            return None
        flow = self._script.flows.find_flow(stored.flow)
        if flow is None:  # it was removed while somebody was in it
            self._conversation.set_flow(None)
            return None
        updated = resume(flow, stored)
        if updated.state is not None and updated.state.step == stored.step:
            self._conversation.set_flow(updated.state)
        else:
            await self._performer.follow(flow, updated)
        return flow

    async def _continue(self, flow: Flow[Any], message: Inbound) -> None:
        state = self._conversation.state.flow
        if state is not None and self._cancels(message):
            await self._performer.follow(flow, advance(flow, state, Cancelled()))
        elif flow.name == "registration":
            await self.handle_user_register_flow(self._conversation.user.key, message)
        else:
            await self._answer_or_start(flow, message)

    async def _answer_or_start(self, flow: Flow[Any], message: Inbound) -> None:
        state = self._conversation.state.flow
        if state is None:
            return await self._performer.perform([StartFlow(flow.name)])
        question = flow.question(state)
        answer = self._answer_to(question, message)
        turn = advance(flow, state, Replied(answer)) if answer is not None else None
        if turn is None or self._leads_away(message, question, turn):
            self._performer.say("common.busy_with_flow")
            return self._performer.ask(question)
        return await self._performer.follow(flow, turn)

    def _answer_to(self, question: Question, message: Inbound) -> str | None:
        """What a message answers to a question; None for a tap on an older one."""
        if message.choice is not None:
            option = message.choice.removeprefix(f"{question.name}.")
            return option if option != message.choice else None
        text = message.text or ""
        return self._option(question, text) or text

    async def _start_something(self, message: Inbound) -> None:
        """From a person in no flow: a tap on a menu, a greeting, a trigger, or free text."""
        text = message.text or ""
        if message.choice is not None and self._is_known(message):
            await self._choose(message.choice)
        elif self._script.texts.is_greeting(text) or self._is_word("menu", text):
            self._performer.show_menu()
        elif self._is_word("human", text):
            await self._performer.hand_off(text)
        elif (found := self._script.flows.triggered_by(text)) and self._performer.may(found):
            start = ShowMenu(found.name) if isinstance(found, Menu) else StartFlow(found.name)
            await self._performer.perform([start])
        elif (effects := self._typed_choice(text)) is not None:
            await self._performer.perform(effects)
        else:
            self._conversation.set_menu(None)
            await self.handle_ai_conversation(self._conversation.user.key, message)

    def _is_known(self, message: Inbound) -> bool:
        """A template's button carries its author's words: those that lead nowhere were typed."""
        name, _, option = (message.choice or "").partition(".")
        menu = self._script.flows.find_menu(name)
        is_ours = name in NOT_MENUS or (menu is not None and option in menu.choices)
        return message.kind != TEMPLATE_BUTTON or is_ours

    def _leads_away(self, message: Inbound, question: Question, turn: Turn) -> bool:
        """A word of the bot, which a form would take for a name, say."""
        text = message.text or ""
        is_trigger = self._script.flows.triggered_by(text) is not None
        is_ours = is_trigger or self._is_word("greeting", text) or self._is_word("menu", text)
        is_taken = turn.state is None or f"{turn.state.flow}.{turn.state.step}" != question.name
        is_free = message.choice is None and self._option(question, text) is None
        return is_ours and is_free and is_taken

    def _typed_choice(self, text: str) -> Sequence[Effect] | None:
        """What a choice of the menu that was shown last leads to, or one of the home menu."""
        shown = self._script.flows.find_menu(self._conversation.state.menu or "")
        home = None if text.strip().isdecimal() else self._performer.home  # a number of what?
        for menu in filter(None, (shown, home)):
            if option := self._option(Question(menu.name, tuple(menu.choices)), text):
                return menu.choices[option]
        return None

    async def _choose(self, choice: str) -> None:
        """A tap on a menu, however old: menus mean the same for ever, questions do not."""
        name, _, option = choice.partition(".")
        if name == "faq" and await self._performer.answer_chosen(option):
            return None
        if name == "more" and (rest := self._conversation.state.talk.rest):
            return self._performer.say_long(rest)
        menu = self._script.flows.find_menu(name)
        self._conversation.change_talk(is_on=False)
        if menu is None or option not in menu.choices:
            self._performer.say("common.old_menu")
            return self._performer.show_menu()
        return await self._performer.perform(menu.choices[option])

    async def _heard(self, message: Inbound) -> Inbound:
        """A voice note as what was said in it."""
        if self._script.hearing is None:
            return message
        heard = await self._script.hearing.hear(message, self._conversation)
        if heard.is_spoken and self._script.hearing.is_quoted:
            self._performer.say("media.heard", {"text": heard.text or ""})
        return heard

    def _go_back(self) -> None:
        """To where the person was."""
        if not self._performer.repeat_question() and not self._conversation.state.talk.is_on:
            self._performer.show_menu()

    def _is_word(self, group: str, text: str | None) -> bool:
        return self._script.texts.is_word(group, text or "")

    def _option(self, question: Question, typed: str) -> str | None:
        language = self._conversation.language
        return self._script.texts.match_option(language, question.name, question.options, typed)
