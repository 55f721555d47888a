"""Handles the jobs of the assistant: one question of one person, however long it takes."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from loguru import logger

from domain.allowlist import Allowlist, role_of
from domain.inbound import Attachment
from domain.user import User
from features.assistant.chat_state import (
    AnswerJob,
    AskJob,
    AssistantAnswer,
    ToolCallRecord,
    UserMessage,
)
from features.assistant.history import KeptHistory, shorten
from features.assistant.job_specs import ANSWER
from features.assistant.media import UnreadableMedia
from features.assistant.memory import room_for
from features.assistant.prompt import build_prompt
from features.assistant.token_usage import TokenBudget
from features.assistant.tools import ToolBox
from features.assistant.typing_indicator import TypingIndicator
from jobs.model import Job, LaneState, NewJob, Outcome
from jobs.spec import person_lane
from services.agent import (
    COPIES_OF_PICTURE,
    Agent,
    AgentReply,
    AgentRequest,
    AgentUnavailable,
    AssistantRequest,
    ChatTurn,
    ModerationRefused,
    Picture,
    Requester,
)
from services.clients.cloud_api.errors import WhatsAppError
from services.conversations.context import ConversationContext
from services.conversations.job_specs import conversation_lane
from services.feature import Feature
from storage.tables.users import Users
from texts.markdown import shows_nothing, to_whatsapp
from utils.byte_budget import ByteBudget
from utils.metrics import Metrics

#: Longest answer that is spoken, in characters.
MAX_SPOKEN_CHARS = 1000


class AttachmentReader(Protocol):
    """Makes a file of a person readable: as a text or as a picture."""

    def memory(self, attachment: Attachment) -> Awaitable[int]:
        """Return the bytes of memory that a file takes until it is answered."""
        ...

    def read(self, attachment: Attachment) -> Awaitable[str | Picture]:
        """Return a picture, or what the model reads in place of a file. Raise UnreadableMedia."""
        ...


class SpeechSynthesizer(Protocol):
    """Speaks a text."""

    def synthesize(self, text: str) -> Awaitable[str]:
        """Return Meta's id of the recording. Raise AgentUnavailable or WhatsAppError."""
        ...


@dataclass(frozen=True, kw_only=True)
class AssistantJobs:
    """Asks the agent, with all that it may know and use."""

    agent: Agent
    context: ConversationContext
    tools: ToolBox
    features: Sequence[Feature]
    users: Users
    allowlist: Allowlist
    budget: TokenBudget
    typing: TypingIndicator
    memory: ByteBudget
    metrics: Metrics
    #: Longest history that the model is given.
    max_history_chars: int
    clock: Callable[[], datetime]
    #: Reads pictures and documents, where a feature does.
    attachments: list[AttachmentReader] = field(default_factory=list)
    #: Speaks answers to voice notes, where a feature does.
    speech: list[SpeechSynthesizer] = field(default_factory=list)

    async def ask(self, job: Job, question: AskJob, state: LaneState) -> Outcome:
        """Answer one question, perhaps of several messages; there is always an answer of a kind."""
        number, user_key = person_lane(job)
        user = await self.users.get(user_key)
        if not await self.budget.has_budget(user.key, self.clock()):
            return Outcome(jobs=[_answer_job(job, question, _problem(question, "assistant.spent"))])
        tokens = 0  # as it stays if a file is unreadable: nothing is asked then
        try:
            with self.typing.while_busy(question.message_id):
                answer, tokens = await self._answer(question, user, number)
        except UnreadableMedia as unreadable:
            answer = _problem(question, unreadable.key)
        except ModerationRefused as error:
            answer, tokens = _problem(question, "assistant.refuses"), error.tokens
        except AgentUnavailable as error:
            logger.warning("the assistant has no answer: {}", error)
            notice = error.notice or "assistant.unavailable"
            answer, tokens = _problem(question, notice), error.tokens
        used = self.budget.spent(user.key, tokens, self.clock())
        return Outcome(jobs=[_answer_job(job, question, answer)], writes=used)

    async def give_up(self, job: Job, question: AskJob | None, state: LaneState) -> Outcome:
        """Say that there is no answer: nobody is left without one."""
        if question is None:
            return Outcome()
        problem = _problem(question, "assistant.unavailable")
        return Outcome(jobs=[_answer_job(job, question, problem)])

    async def _answer(
        self, question: AskJob, user: User, number: str
    ) -> tuple[AssistantAnswer, int]:
        text, reply = await self._ask_agent(question, user, number)
        said = "\n\n".join((reply.text, *reply.further))
        history = question.history
        if not reply.is_silent:
            history = (*history, ChatTurn("user", text), ChatTurn("assistant", said))
        kept, more_tokens = await self._shortened(history, question)
        answer = AssistantAnswer(
            token=question.token,
            text=reply.text,
            tool_calls=tuple(
                ToolCallRecord(name=call.name, arguments=dict(call.arguments))
                for call in reply.tool_calls
            ),
            further=tuple(reply.further),
            quotes=question.messages[-1].message_id or None if reply.quotes else None,
            is_silent=reply.is_silent,
            asked=question.text,
            history=kept.turns,
            summary=kept.summary,
            voice=await self._spoken(question, reply),
        )
        return answer, reply.tokens + more_tokens

    async def _ask_agent(self, question: AskJob, user: User, number: str) -> tuple[str, AgentReply]:
        """Return what was asked and the reply. The files in between take memory until then."""
        role = role_of(self.allowlist.with_role(user))
        request = AssistantRequest(user, role, question.language, question.text)
        async with room_for(self.memory, self._file_sizes(question.messages)) as hold:
            text, pictures = await self._read(question.messages)
            hold.shrink(sum(len(one.content) for one in pictures) * COPIES_OF_PICTURE)
            reply = await self.agent.reply(
                AgentRequest(
                    await self._prompt(question, request),
                    question.history,
                    text,
                    pictures,
                    await self.tools.offered(request),
                    Requester.of(request),
                    question.asked_message(number, user.profile_name),
                )
            )
        if reply.is_silent:
            return text, reply
        if shows_nothing(to_whatsapp(reply.text)):
            self.metrics.empty_answers.inc()
            if not reply.tool_calls:
                raise AgentUnavailable("the answer shows nothing", tokens=reply.tokens)
            reply = replace(reply, text="")
        return text, reply

    def _file_sizes(
        self, messages: Sequence[UserMessage]
    ) -> Sequence[Callable[[], Awaitable[int]]]:
        files = [message.file.attachment() for message in messages if message.file is not None]
        return [partial(reader.memory, file) for reader in self.attachments for file in files]

    async def _read(self, messages: Sequence[UserMessage]) -> tuple[str, list[Picture]]:
        texts: list[str] = []
        pictures: list[Picture] = []
        for message in messages:
            texts.append(message.text)
            for reader in self.attachments if message.file is not None else ():
                assert message.file is not None
                content = await reader.read(message.file.attachment())
                if isinstance(content, Picture):
                    pictures.append(content)
                else:
                    texts.append(content)
        return "\n".join(filter(None, texts)) or "?", pictures

    async def _prompt(self, question: AskJob, request: AssistantRequest) -> str:
        facts = [await feature.grounding(request) for feature in self.features]
        return build_prompt(
            self.context,
            request.user,
            self.clock(),
            list(filter(None, facts)),
            language=question.language,
            summary=question.summary,
        )

    async def _shortened(
        self, history: tuple[ChatTurn, ...], question: AskJob
    ) -> tuple[KeptHistory, int]:
        prompt = self.context.texts.prompt(question.language, "summary")
        return await shorten(
            self.agent, history, question.summary, prompt, max_chars=self.max_history_chars
        )

    async def _spoken(self, question: AskJob, reply: AgentReply) -> str | None:
        """Meta's id of the answer as a voice note, for people who spoke; None: it is written."""
        is_spoken = all(message.is_spoken for message in question.messages)
        if not self.speech or not is_spoken:
            return None
        if not reply.text or len(reply.text) > MAX_SPOKEN_CHARS:
            return None
        try:
            return await self.speech[0].synthesize(reply.text)
        except (AgentUnavailable, WhatsAppError, ValueError) as error:
            logger.warning("an answer is not spoken: {}", type(error).__name__)
            return None


def _answer_job(job: Job, question: AskJob, answer: AssistantAnswer) -> NewJob:
    """For the lane of the conversation."""
    body = AnswerJob(answer=answer, message_id=question.message_id)
    return ANSWER.new(conversation_lane(job), body, key=f"answer:{answer.token}")


def _problem(question: AskJob, key: str) -> AssistantAnswer:
    return AssistantAnswer(token=question.token, problem=key)
