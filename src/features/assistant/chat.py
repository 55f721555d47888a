"""Chatting with the assistant: a question goes to a lane of its own, and its answer comes back.

So nobody else waits for a model: a menu is answered meanwhile, and what a person writes while their
answer is being made is asked together, once it is there.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from loguru import logger
from pydantic import ValidationError

from domain.allowlist import role_of
from features.assistant.chat_state import (
    AskJob,
    AssistantAnswer,
    ChatState,
    ToolCallRecord,
    UserMessage,
    change_chat,
    chat_of,
)
from features.assistant.job_specs import ASK, QUESTIONS
from features.assistant.tools import ToolBox
from flow_engine import Question, TalkToAssistant
from schemas.cloud_api_schema import MediaMessage, MediaType
from services.agent import AssistantRequest
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions, enqueueing, sending
from services.conversations.effect_executor import EffectExecutor, have_follow_up
from services.conversations.message_renderer import free_text
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn
from texts.markdown import to_whatsapp
from texts.splitting import split_text
from utils.elapsed import has_passed

#: Most messages that wait while an answer is being made; the oldest are dropped.
MAX_WAITING_MESSAGES = 10
#: An answer that has not come by then will not: somebody may have deleted its job.
ANSWER_TIMEOUT = timedelta(minutes=10)
#: Most messages that a long answer becomes at once; the rest is sent on demand.
MAX_PARTS = 2
#: Most messages that several answers to one message become.
MAX_ANSWERS = 10


@dataclass(frozen=True, slots=True)
class AssistantChat:
    """Decides about the chat of one conversation."""

    context: ConversationContext
    tools: ToolBox
    #: Silence after which a chat starts over.
    remembers_for: timedelta
    #: Whether a model answers; else what the other features know does.
    has_model: bool = True
    #: Texts, by their keys, in place of those above the menu: of a bot that has no menu.
    without_menu: Mapping[str, str] = field(default_factory=dict)

    @property
    def _replies(self) -> Replies:
        return Replies(self.context)

    async def open(self, turn: ConversationTurn, effect: TalkToAssistant) -> Decisions:
        """Open the chat: free text goes to the assistant from now on."""
        hello = "assistant.hello" if self.has_model else "assistant.hello_without_model"
        return change_chat(turn, is_on=True) + self._replies.say(turn, hello)

    def stop(self, turn: ConversationTurn) -> Decisions:
        """Close the chat; an answer that is on its way is dropped."""
        return change_chat(turn, is_on=False, asking=None, waiting=())

    def leave(self, turn: ConversationTurn, key: str) -> Decisions:
        """Close the chat, say why, and lead to the open form or to the menu."""
        stopped = self.stop(turn)
        return stopped + self._replies.say_then_back(turn.after(stopped), key)

    def wants_out(self, turn: ConversationTurn) -> bool:
        """Whether the person leaves the open chat."""
        is_word = self.context.texts.is_word("leave_assistant", turn.text)
        return chat_of(turn).is_on and is_word

    def ask(self, turn: ConversationTurn) -> Decisions:
        """Ask the assistant what the person writes, or have it wait for the answer before."""
        chat = chat_of(turn)
        new = map(UserMessage.of, turn.message.joined or (turn.message,))
        waiting = (*chat.waiting, *new)[-MAX_WAITING_MESSAGES:]
        decided = change_chat(turn, waiting=waiting, rest="")
        timeout = ANSWER_TIMEOUT.total_seconds()
        is_late = has_passed(timeout, since=chat.asked_at, now=turn.timestamp)
        if chat.asking is None or is_late:
            decided += self._enqueue(turn.after(decided), turn.message.message_id)
        return decided

    async def take(
        self, turn: ConversationTurn, answer: AssistantAnswer, message_id: str
    ) -> Decisions:
        """Pass an answer on; one that nobody waits for any more is dropped."""
        if answer.token != chat_of(turn).asking:
            return NOTHING
        decided = change_chat(turn, asking=None, answered_at=turn.timestamp)
        turn = turn.after(decided)
        if turn.is_bot_paused or turn.is_opted_out:
            return decided + change_chat(turn, waiting=())
        if answer.problem is not None:
            cleared = change_chat(turn, waiting=())
            return decided + cleared + self._say_problem(turn.after(cleared), answer.problem)
        return decided + await self._pass_on(turn, answer, message_id)

    def _say_problem(self, turn: ConversationTurn, key: str) -> Decisions:
        """Say why there is no answer, and lead to the open form or to the menu, if there is one."""
        if turn.state.flow is None and key in self.without_menu:
            return self.stop(turn) + self._replies.say(turn, self.without_menu[key])
        return self.leave(turn, key)

    async def _pass_on(
        self, turn: ConversationTurn, answer: AssistantAnswer, message_id: str
    ) -> Decisions:
        decided = change_chat(turn, history=answer.history, summary=answer.summary)
        if answer.is_silent:
            turn = turn.after(decided)
            is_asked = bool(chat_of(turn).waiting)
            return decided + (self._enqueue(turn, message_id) if is_asked else NOTHING)
        said, has_asked = self._say(turn.after(decided), answer)
        decided += said
        for call in answer.tool_calls:
            decided += await self.run_tool_call(turn.after(decided), call, asked=answer.asked)
        turn = turn.after(decided)
        if not decided.messages:  # nothing was said, and no tool said anything either
            decided += self.leave(turn, "assistant.unavailable")
            turn = turn.after(decided)
        if not answer.tool_calls and not has_asked:  # to people who are in a form
            decided += self._replies.repeat_question(turn) or NOTHING
        if chat_of(turn).waiting:
            decided += self._enqueue(turn, message_id)
        return decided

    def _say(self, turn: ConversationTurn, answer: AssistantAnswer) -> tuple[Decisions, bool]:
        """Decide to say it, and whether that asks the question of an open form again."""
        if answer.voice is not None:
            return sending([MediaMessage(kind=MediaType.AUDIO, id=answer.voice, voice=True)]), False
        if answer.quotes or answer.further:
            return self._say_all((answer.text, *answer.further), answer.quotes), False
        text = to_whatsapp(answer.text)
        if not text:
            return NOTHING, False
        if not answer.tool_calls and len(split_text(text)) == 1:
            asked = self._replies.repeat_question(turn, before=text)
            if asked is not None:
                return asked, True
        return self.say_long(turn, text), False

    def _say_all(self, texts: Sequence[str], quotes: str | None) -> Decisions:
        """Send several answers; the first message quotes the one that is answered."""
        parts = [part for text in texts for part in split_text(to_whatsapp(text))]
        messages = [message for part in parts for message in free_text(part)][:MAX_ANSWERS]
        if quotes and messages:
            messages[0] = messages[0].model_copy(update={"quoting": quotes})
        return sending(messages)

    def say_long(self, turn: ConversationTurn, text: str) -> Decisions:
        """Send as much of a long text as is easily read; the rest on demand."""
        parts = split_text(text)
        shown, rest = parts[:MAX_PARTS], parts[MAX_PARTS:]
        decided = sending(message for part in shown for message in free_text(part))
        decided += change_chat(turn, rest="\n\n".join(rest))
        return decided + (self._replies.ask(turn, Question("more", ("more",))) if rest else NOTHING)

    def _enqueue(self, turn: ConversationTurn, message_id: str) -> Decisions:
        chat = self.fresh(turn)
        question = AskJob(
            token=secrets.token_hex(8),
            messages=chat.waiting,
            history=chat.history,
            summary=chat.summary,
            language=turn.language,
            message_id=message_id,
        )
        lane = QUESTIONS.lane(turn.phone_number_id, turn.user.key)
        asked = change_chat(
            turn,
            history=chat.history,
            summary=chat.summary,
            asking=question.token,
            asked_at=turn.timestamp,
            waiting=(),
        )
        return enqueueing([ASK.new(lane, question)]) + asked

    def fresh(self, turn: ConversationTurn) -> ChatState:
        """Return the chat, without what was said too long ago."""
        chat = chat_of(turn)
        silent_seconds = turn.timestamp - chat.answered_at
        if silent_seconds <= self.remembers_for.total_seconds():
            return chat
        return chat.model_copy(update={"history": (), "summary": ""})

    async def run_tool_call(
        self, turn: ConversationTurn, call: ToolCallRecord, *, asked: str
    ) -> Decisions:
        """Execute what the model chose, if it still may: it chose in another turn."""
        request = AssistantRequest(turn.user, role_of(turn.user), turn.language, asked)
        tool = await self.tools.find(request, call.name)
        if tool is None or tool.effects is None:
            logger.warning("the model called a tool that is not offered: {}", call.name)
            return NOTHING
        try:
            arguments = tool.parameters.model_validate(call.arguments)
        except ValidationError:
            logger.warning("the arguments of the tool {} do not fit", call.name)
            return NOTHING
        effects = tool.effects(arguments)
        closed = change_chat(turn, is_on=False) if have_follow_up(effects) else NOTHING
        executed = await EffectExecutor(self.context).execute(turn.after(closed), effects)
        return closed + executed
