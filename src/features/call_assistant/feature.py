"""The assistant in voice calls: it talks with callers, acts in the chat, and remembers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from domain.allowlist import role_of
from domain.domain_event import DomainEvent
from features.assistant.feature import Assistant
from features.assistant.prompt import build_prompt
from features.call_assistant import tables
from features.call_assistant.chat import CallChatMemory
from features.call_assistant.dialog import AssistantDialog
from features.call_assistant.job_specs import REMEMBER, EndedTalkJob
from features.call_assistant.operator_table import CALLS, CallTable
from features.call_assistant.settings import CallAssistantSettings
from features.call_assistant.talks import TalkBook
from features.call_assistant.tools import CALL_TOOLS
from features.calls.call_notes import CALL_ENDED
from features.calls.feature import Calls
from features.calls.settings import CallSettings
from features.calls.tables import CallRow
from features.calls.talker_frames import OpenAiAccess, TalkerKind
from jobs.maintenance import state_of
from jobs.spec import HandledJob
from services.agent import AssistantRequest, Tool
from services.conversations.decisions import NOTHING, Decisions, enqueueing
from services.conversations.domain_events import EventListener
from services.conversations.job_specs import CONVERSATIONS
from services.conversations.state import ConversationState
from services.conversations.turn import ConversationTurn
from services.feature import Feature, Parts, SettingsOf
from services.operator_tables import OperatorTable
from texts.required import ALWAYS_GIVEN, RequiredTexts


class CallAssistant(Feature):
    """Talks with callers, where a model is set and calls are answered."""

    name = "call_assistant"
    summary = "the assistant talks with callers, acts in the chat, and remembers what was said"
    page = "docs/calls.md"
    needs = ("assistant", "calls")
    schemas = (CALLS,)
    required_texts = RequiredTexts(
        keys={
            "call_assistant.note": (*ALWAYS_GIVEN, "summary"),
            "call_assistant.kept": ALWAYS_GIVEN,
        },
        prompts=("call", "call_summary"),
    )

    @classmethod
    def banner(cls, settings_of: SettingsOf) -> Mapping[str, str]:
        calls: CallSettings = settings_of(CallSettings)
        settings: CallAssistantSettings = settings_of(CallAssistantSettings)
        return {"Callers": f"talk with: {settings.call_talker}"} if calls.calls_enabled else {}

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self.settings: CallAssistantSettings = parts.settings_of(CallAssistantSettings)
        self._assistant = parts.feature(Assistant)
        self._calls = parts.feature(Calls)
        self._memory = CallChatMemory(parts, self._assistant, self.settings)
        self.book = TalkBook(parts.database, self._assistant.budget, self.settings, parts.clock)
        if self.talkers:
            self._calls.talk_with(self)

    @property
    def talkers(self) -> Sequence[TalkerKind]:
        """The ways in which the assistant can talk, best first."""
        settings, chosen = self.settings, self.settings.call_talker
        has_key = self._assistant.settings.openai_api_key is not None
        if not has_key or not self._calls.takes_calls or self._assistant.agent is None:
            return ()
        hears = bool(settings.call_transcription_model)
        works = {
            TalkerKind.REALTIME: bool(settings.call_realtime_model),
            TalkerKind.PIPELINE: hears,
        }
        return [kind for kind, is_set in works.items() if is_set and chosen in ("auto", kind)]

    @property
    def access(self) -> OpenAiAccess:
        """The server of the models, for the engine."""
        assistant, settings = self._assistant.settings, self.settings
        assert assistant.openai_api_key is not None
        return OpenAiAccess(
            api_key=assistant.openai_api_key,
            base_url=assistant.openai_base_url,
            realtime_url=settings.call_realtime_url,
            realtime_model=settings.call_realtime_model,
            transcription_model=settings.call_transcription_model,
            speech_model=settings.call_speech_model,
            voice=settings.call_voice,
        )

    def jobs(self) -> Iterable[HandledJob]:
        return self._memory.handled() if self._assistant.agent is not None else ()

    def listeners(self) -> Iterable[EventListener]:
        return (self,) if self.talkers else ()

    def operator_tables(self) -> Iterable[OperatorTable]:
        say, language = self.parts.context.texts.say, self.parts.default_language
        return (CallTable(lambda key: say(language, key, {"first_name": ""})),)

    async def kept_about(self, turn: ConversationTurn) -> Sequence[str]:
        key = turn.user.key
        has_words = await self.parts.database.reader.run(lambda c, _: tables.has_words(c, key))
        return (self._text(turn, "call_assistant.kept"),) if has_words else ()

    def wants(self, event_type: str) -> bool:
        """Return whether an event is the end of a call."""
        return event_type == CALL_ENDED

    def heard(self, event: DomainEvent) -> Decisions:
        """Have the chat remember a call that was talked in."""
        data = event.data
        if not data["seconds"] or event.user_key is None:
            return NOTHING
        body = EndedTalkJob(call=data["call"], seconds=data["seconds"], end=data["end"])
        lane = CONVERSATIONS.lane(data["phone_number_id"], event.user_key)
        return enqueueing([REMEMBER.new(lane, body, key=f"voice_remember:{body.call}")])

    async def begin(
        self, row: CallRow, turn: ConversationTurn, opening: str
    ) -> AssistantDialog | None:
        """Begin to talk in a call; None if the person, or the day, has no budget."""
        assistant, user = self._assistant, turn.user
        agent = assistant.agent
        if agent is None or not await assistant.budget.has_budget(user.key, turn.now):
            return None
        turn = replace(turn, state=await self._state(turn))
        chat = assistant.chat.fresh(turn)
        request = AssistantRequest(user, role_of(user), turn.language, "")
        await self.book.begin(row.id, user.key)
        return AssistantDialog(
            row=row,
            talkers=self.talkers,
            request=request,
            prompt=await self._prompt(turn, request, chat.summary, opening),
            past=chat.history,
            tools=await self._tools(request),
            refusal=self._text(turn, "assistant.refuses"),
            agent=agent,
            book=self.book,
            queue=self.parts.queue,
            max_tokens=self.settings.call_tokens,
        )

    def _text(self, turn: ConversationTurn, key: str) -> str:
        given = {"first_name": turn.user.first_name}
        return self.parts.context.texts.say(turn.language, key, given)

    async def _state(self, turn: ConversationTurn) -> ConversationState:
        """Return where the conversation of the person stands; it goes on meanwhile."""
        lane = CONVERSATIONS.lane(turn.phone_number_id, turn.user.key)
        return ConversationState.read(
            await self.parts.database.reader.run(lambda connection, _: state_of(connection, lane))
        )

    async def _prompt(
        self, turn: ConversationTurn, request: AssistantRequest, summary: str, opening: str
    ) -> str:
        context, language = self.parts.context, turn.language
        facts = [await one.grounding(request) for one in self.parts.features]
        greeting = opening or self._text(turn, "calls.greeting_assistant")
        prompt = build_prompt(
            context,
            turn.user,
            turn.now,
            list(filter(None, facts)),
            language=language,
            summary=summary,
        )
        return f"{prompt}\n\n{context.texts.prompt(language, 'call')}\n\n{greeting}"

    async def _tools(self, request: AssistantRequest) -> Mapping[str, Tool]:
        offered = await self._assistant.tool_box.offered(request)
        return {one.name: one for one in (*offered, *CALL_TOOLS)}


FEATURE = CallAssistant
