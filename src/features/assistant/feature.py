"""The assistant: free text is answered by a language model, with tools, history and a budget."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from features.assistant.chat import AssistantChat
from features.assistant.chat_state import AnswerJob, change_chat, chat_of
from features.assistant.drafts import DraftWriter
from features.assistant.job_specs import ANSWER, ASK, QUESTIONS
from features.assistant.jobs import AssistantJobs, AttachmentReader, SpeechSynthesizer
from features.assistant.meanings import Meanings
from features.assistant.model import openai_service
from features.assistant.settings import AssistantSettings
from features.assistant.token_usage import TokenBudget
from features.assistant.tools import ToolBox
from features.assistant.typing_indicator import TypingIndicator
from flow_engine import TalkToAssistant
from jobs.forgetting import forget_lane
from jobs.model import Job, LaneState, Outcome
from jobs.spec import HandledJob
from schemas.content_text import shares_own_number
from services.agent import CHARACTERS_PER_TOKEN, Agent, DraftRequest
from services.conversations.decisions import NOTHING, Decisions, writing
from services.conversations.extensions import EffectHandler, Reset
from services.conversations.misses import note_miss
from services.conversations.opt_out import TEMPLATE_BUTTON
from services.conversations.replies import Replies
from services.conversations.shared_content import SHARED_TYPES
from services.conversations.stage import PassOn, Stage, StageResult
from services.conversations.turn import ConversationTurn
from services.conversations.unclear_answers import UnclearAnswer
from services.feature import Feature, Parts, SettingsOf
from services.open_ai_service import OpenAIService
from storage.tables.users import Users
from texts.required import RequiredTexts, said_with_first_name
from utils.byte_budget import ByteBudget


def make_agent(openai: OpenAIService | None) -> Agent | None:
    """Return what answers free text: put your own agent here. None: nothing but the FAQ does."""
    return openai


class Assistant(Feature):
    """Free text is answered by a language model."""

    name = "assistant"
    summary = "a language model answers free text, with tools, a history and a budget"
    page = "docs/assistant.md"
    pools = (QUESTIONS,)
    required_texts = RequiredTexts(
        keys=said_with_first_name(
            "assistant.goodbye",
            "assistant.hello",
            "assistant.hello_without_model",
            "assistant.kept",
            "assistant.refuses",
            "assistant.spent",
            "assistant.unavailable",
            "more.ask",
        ),
        words=("leave_assistant",),
        prompts=("assistant", "summary"),
    )

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.settings: AssistantSettings = parts.settings_of(AssistantSettings)
        self.openai = self.make_openai_service()
        self.agent = parts.agent or make_agent(self.openai)
        self.budget = TokenBudget(
            parts.database,
            per_person=self.settings.openai_daily_tokens_per_person,
            in_all=self.settings.openai_daily_tokens,
        )
        #: Memory for the files of people, shared by all jobs of the process.
        self.file_memory = ByteBudget()
        self.typing = TypingIndicator(parts.whatsapp.show_typing)
        self._attachments: list[AttachmentReader] = []
        self._speech: list[SpeechSynthesizer] = []
        self.tool_box = ToolBox(parts.context, parts.features)
        self.chat = AssistantChat(
            parts.context,
            self.tool_box,
            self.settings.history_age,
            has_model=self.agent is not None,
        )
        self._replies = Replies(parts.context)
        self._meanings = self._make_meanings()

    @classmethod
    def banner(cls, settings_of: SettingsOf) -> Mapping[str, str]:
        settings: AssistantSettings = settings_of(AssistantSettings)
        return {"Assistant": settings.answers_by}

    def answer_with(self, agent: Agent, without_menu: Mapping[str, str] | None = None) -> None:
        """Have another agent answer people; forms are still read by the model.

        `without_menu` are texts in place of those that lead to the menu.
        """
        self.agent = agent
        self.chat = replace(self.chat, has_model=True, without_menu=without_menu or {})

    def read_attachments_with(self, reader: AttachmentReader) -> None:
        """Have pictures and documents read for the model."""
        self._attachments.append(reader)

    def speak_with(self, synthesizer: SpeechSynthesizer) -> None:
        """Have answers to voice notes spoken."""
        self._speech.append(synthesizer)

    def effects(self) -> Mapping[type, EffectHandler]:
        """Without a model and without a feature that answers, menus do not offer a chat."""
        answers = any(type(one).answer is not Feature.answer for one in self.parts.features)
        return {TalkToAssistant: self.chat.open} if self.agent is not None or answers else {}

    def stages(self) -> Iterable[Stage]:
        return (
            Stage("shared_with_assistant", self._shared, before=("shared_content",)),
            Stage("open_chat", self._open_chat, before=("menu_tap",)),
            Stage("continue_answer", self._continue_answer, before=("menu_tap",)),
            Stage("close_chat_by_tap", self._close_chat_by_tap, before=("menu_tap",)),
            Stage("ask_assistant", self._ask_assistant, before=("faq_answer", "fallback")),
        )

    def jobs(self) -> Iterable[HandledJob]:
        yield ANSWER.handled_by(self._handle_answer, on_discard=self.parts.conversations.apologize)
        if self.agent is not None:
            jobs = self._jobs(self.agent)
            yield ASK.handled_by(jobs.ask, on_discard=jobs.give_up)
        if self._meanings is not None:
            yield from self._meanings.jobs(self.parts.conversations)

    def reset(self, turn: ConversationTurn, reason: Reset) -> Decisions:
        if reason is Reset.DATA_DELETED:
            lane = QUESTIONS.lane(turn.phone_number_id, turn.user.key)
            emptied = change_chat(turn, history=(), summary="", waiting=(), asking=None)
            return emptied + writing(*forget_lane(lane))
        is_in_form = reason in (Reset.REFUSED, Reset.TIMED_OUT)
        return NOTHING if is_in_form else self.chat.stop(turn)

    async def kept_about(self, turn: ConversationTurn) -> Sequence[str]:
        chat = chat_of(turn)
        if not (chat.history or chat.summary):
            return ()
        return (self.parts.context.texts.say(turn.language, "assistant.kept"),)

    @property
    def writes_drafts(self) -> bool:
        return self.agent is not None

    async def draft(self, asked: DraftRequest) -> str | None:
        if self.agent is None:
            return None
        parts = self.parts
        writer = DraftWriter(self.agent, parts.context, self.budget, parts.database)
        return await writer.write(asked, asked.user.language or parts.default_language)

    def is_in_chat(self, turn: ConversationTurn) -> bool:
        return chat_of(turn).is_on

    def ask_aside(self, turn: ConversationTurn) -> Decisions | None:
        return self.chat.ask(turn) if self.agent is not None else None

    async def interpret(self, turn: ConversationTurn, answer: UnclearAnswer) -> Decisions | None:
        return await self._meanings.ask(turn, answer) if self._meanings is not None else None

    async def _open_chat(self, turn: ConversationTurn) -> StageResult:
        """Free text of an open chat goes to the assistant, until the person leaves it."""
        is_free = chat_of(turn).is_on and turn.message.choice is None
        return await self.take_message(turn) if is_free else None

    async def _shared(self, turn: ConversationTurn) -> StageResult:
        """A place, a contact or an order, outside of forms, goes to the model."""
        message = turn.message
        is_own_number = shares_own_number(message.content)
        is_shared = message.kind in SHARED_TYPES and message.description and not is_own_number
        if self.agent is None or not is_shared or turn.state.flow is not None:
            return None
        return self.chat.ask(turn)

    async def take_message(self, turn: ConversationTurn) -> Decisions:
        """Ask the model, or without one what the other features know."""
        if self.chat.wants_out(turn):
            return self.chat.leave(turn, "assistant.goodbye")
        if self.agent is not None:
            return self.chat.ask(turn)
        for feature in self.parts.features:
            if (answer := await feature.answer(turn)) is not None:
                return answer
        return note_miss(turn) + self.chat.leave(turn, "common.fallback")

    async def _continue_answer(self, turn: ConversationTurn) -> StageResult:
        """A tap on *More…* sends the rest of a long answer."""
        if not (turn.message.choice or "").startswith("more."):
            return None
        rest = chat_of(turn).rest
        return self.chat.say_long(turn, rest) if rest else self._replies.old_menu(turn)

    async def _close_chat_by_tap(self, turn: ConversationTurn) -> StageResult:
        """A tap on a menu closes the open chat, and the tap goes on."""
        is_tap = turn.message.choice is not None and turn.message.kind != TEMPLATE_BUTTON
        if not is_tap or not chat_of(turn).is_on:
            return None
        return PassOn(change_chat(turn, is_on=False))

    async def _ask_assistant(self, turn: ConversationTurn) -> StageResult:
        """Free text that nothing else took is a question for the assistant."""
        if self.agent is None:
            return None
        return Decisions(state={"menu": None}) + self.chat.ask(turn)

    async def _handle_answer(self, job: Job, body: AnswerJob, state: LaneState) -> Outcome:
        async def decide(turn: ConversationTurn) -> Decisions:
            return await self.chat.take(turn, body.answer, body.message_id)

        return await self.parts.conversations.runner.run("answer", job, state, decide)

    def _make_meanings(self) -> Meanings | None:
        if self.agent is None:
            return None
        return Meanings(
            agent=self.agent,
            context=self.parts.context,
            budget=self.budget,
            typing=self.typing,
            clock=self.parts.clock,
        )

    def _jobs(self, agent: Agent) -> AssistantJobs:
        parts = self.parts
        return AssistantJobs(
            agent=agent,
            context=parts.context,
            tools=self.tool_box,
            features=parts.features,
            users=Users(parts.database),
            allowlist=parts.allowlist,
            budget=self.budget,
            typing=self.typing,
            memory=self.file_memory,
            metrics=parts.metrics,
            max_history_chars=self.settings.openai_history_tokens * CHARACTERS_PER_TOKEN,
            clock=parts.clock,
            attachments=self._attachments,
            speech=self._speech,
        )

    def make_openai_service(self, **models: str) -> OpenAIService | None:
        """Return the API with the models of a feature; None without a key."""
        return openai_service(self.settings, self.parts.http, **models)


FEATURE = Assistant
