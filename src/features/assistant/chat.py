"""Talking to the assistant: what is asked goes to a lane of its own, and comes back from there.

So nobody waits for a model but who asked it: a menu is answered meanwhile, and what somebody writes
while their answer is being made is asked together, once it is there.
"""

import secrets
from datetime import timedelta

from loguru import logger
from pydantic import ValidationError

from domain.allowlist import role_of
from domain.inbound import Inbound
from domain.lane_names import lane_name
from features.assistant.chat_state import AnswerJob, AskJob, ToolCallRecord, UserMessage
from features.assistant.tools import assistant_tools
from jobs.model import NewJob
from schemas.cloud_api_schema import MediaMessage, MediaType
from services.conversations.context import ConversationContext
from services.conversations.effect_executor import LEADING_ON, EffectExecutor
from services.conversations.turn import Conversation
from texts.markdown import to_whatsapp

POOL = "ai"
#: What is written while an answer is being made; more is answered all the same, without these.
MOST_WAITING = 10
#: An answer that has not come by then will not: somebody may have deleted its job.
LONGEST_WAIT = timedelta(minutes=10)


class AssistantChat:
    """For one turn of one conversation."""

    def __init__(
        self, conversation: Conversation, performer: EffectExecutor, script: ConversationContext
    ) -> None:
        self._conversation = conversation
        self._performer = performer
        self._script = script

    async def say(self, message: Inbound) -> None:
        """Somebody writes free text, or sends a file."""
        text, talk = message.text or "", self._conversation.state.talk
        if talk.is_on and self._script.texts.is_word("leave_assistant", text):
            return self.leave("common.assistant_goodbye")
        if not self._script.has_assistant:
            if not await self._performer.answer(text):
                self.leave("common.fallback")
            return None
        waiting = (*talk.waiting, UserMessage.of(message))[-MOST_WAITING:]
        self._conversation.change_talk(waiting=waiting, rest="")
        waited = self._conversation.now.timestamp() - talk.asked_at
        if talk.asking is None or waited > LONGEST_WAIT.total_seconds():
            self._ask(message.message_id)
        return None

    async def take(self, answer: AnswerJob, message_id: str) -> None:
        """An answer is there; one that nobody waits for any more is dropped."""
        talk = self._conversation.state.talk
        if answer.token != talk.asking:
            return
        now = self._conversation.now.timestamp()
        self._conversation.change_talk(asking=None, answered_at=now)
        user = self._conversation.user
        if self._conversation.is_bot_paused or user.opted_out_at is not None:
            self._conversation.change_talk(waiting=())
            return
        if answer.problem is not None:
            self._conversation.change_talk(waiting=())
            self.leave(answer.problem)
            return
        self._conversation.change_talk(history=answer.history, summary=answer.summary)
        if answer.voice is not None:
            self._conversation.send(MediaMessage(kind=MediaType.AUDIO, id=answer.voice))
        elif answer.text:
            self._performer.say_long(to_whatsapp(answer.text))
        for wish in answer.wishes:
            await self._fulfil(wish, asked=answer.asked)
        if not answer.wishes:  # to who began a form while they waited
            self._performer.repeat_question()
        if self._conversation.state.talk.waiting:
            self._ask(message_id)

    def leave(self, key: str) -> None:
        """Say why, and show the menu, or where the person is by now."""
        self._conversation.stop_talk()
        self._performer.say(key)
        if not self._performer.repeat_question():
            self._performer.show_menu()

    def _ask(self, message_id: str) -> None:
        talk = self._conversation.state.talk
        silent_for = self._conversation.now.timestamp() - talk.answered_at
        if silent_for > self._script.remembers_for.total_seconds():
            self._conversation.change_talk(history=(), summary="")
            talk = self._conversation.state.talk
        question = AskJob(
            token=secrets.token_hex(8),
            messages=talk.waiting,
            history=talk.history,
            summary=talk.summary,
            language=self._conversation.language,
            message_id=message_id,
        )
        lane = lane_name(POOL, self._conversation.phone_number_id, self._conversation.user.key)
        self._conversation.add_job(NewJob(lane, "ask", question.model_dump(mode="json")))
        now = self._conversation.now.timestamp()
        self._conversation.change_talk(asking=question.token, asked_at=now, waiting=())

    async def _fulfil(self, wish: ToolCallRecord, *, asked: str) -> None:
        """What the model wants of the bot, if it still may: it chose in another turn."""
        conversation, knowledge = self._conversation, await self._script.knowledge()
        role = role_of(conversation.user)
        offered = assistant_tools(self._script, knowledge, conversation.language, role, asked=asked)
        ability = next((one for one in offered if one.name == wish.name), None)
        if ability is None or ability.act is None:
            logger.warning("the assistant wants what there is not: {}", wish.name)
            return
        try:
            arguments = ability.parameters.model_validate(wish.arguments)
        except ValidationError:
            logger.warning("the arguments for {} do not fit any more", wish.name)
            return
        effects = ability.act(arguments)
        if any(isinstance(effect, LEADING_ON) for effect in effects):
            conversation.change_talk(is_on=False)
        await self._performer.perform(effects)
