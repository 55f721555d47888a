"""Puts the assistant together: who answers free text, what it hears and sees."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import httpx

from config.env import Settings
from domain.allowlist import Allowlist
from features.assistant.chat import POOL
from features.assistant.jobs import AssistantRunner
from features.assistant.settings import AssistantSettings
from features.assistant.token_usage import TokenBudget
from features.attachments.media_reader import MediaReader
from features.attachments.settings import AttachmentsSettings
from features.voice_notes.settings import VoiceNotesSettings
from features.voice_notes.transcription import VoiceNoteTranscriber
from features.voice_replies.settings import VoiceRepliesSettings
from jobs.attempt import JobSpec
from jobs.retry import RetryPolicy
from jobs.worker import Worker
from services.clients.cloud_api.client import CloudApi
from services.clients.cloud_api.download import Downloads
from services.conversations.agent import Agent
from services.conversations.context import ConversationContext
from services.conversations.typing_indicator import TypingIndicator
from services.open_ai_service import OpenAIService, make_openai
from services.whatsapp_service import WhatsAppService
from storage.engine.group_commit import GroupCommit
from storage.tables.users import Users

#: What a question may cost is spent with each attempt.
ONCE_MORE = RetryPolicy(tries=2, first=timedelta(seconds=1), longest=timedelta(seconds=1))
#: Questions that are being answered at the same time, by one process; and of those, that are
#: begun at the same time: each takes some milliseconds of computing first.
MOST_AT_ONCE, BEGUN_AT_ONCE = 500, 2


def make_agent(settings: Settings, openai: OpenAIService | None) -> Agent | None:
    """Who answers free text: put your own agent here. None: only what the FAQ has."""
    return openai


def has_agent(settings: Settings) -> bool:
    """Whether somebody answers free text, in whichever process."""
    has_key = settings.of(AssistantSettings).openai_api_key is not None
    return has_key or make_agent(settings, None) is not None


@dataclass(frozen=True, slots=True)
class AssistantFactory:
    """The parts of the assistant that a process shares."""

    agent: Agent | None
    openai: OpenAIService | None
    attachments: MediaReader | None
    spending: TokenBudget
    typing: TypingIndicator
    whatsapp: WhatsAppService

    @classmethod
    def of(
        cls,
        settings: Settings,
        database: GroupCommit,
        http: httpx.AsyncClient,
        api: CloudApi,
        whatsapp: WhatsAppService,
        agent: Agent | None = None,
    ) -> "AssistantFactory":
        """`agent` instead of the one that the settings name."""
        openai = _openai(settings, http)
        assistant = settings.of(AssistantSettings)
        return cls(
            agent or make_agent(settings, openai),
            openai,
            MediaReader(Downloads(api, http), openai) if openai else None,
            TokenBudget(
                database,
                per_person=assistant.openai_daily_tokens_per_person,
                in_all=assistant.openai_daily_tokens,
            ),
            TypingIndicator(whatsapp.show_typing),
            whatsapp,
        )

    def hearing(self, settings: Settings) -> VoiceNoteTranscriber | None:
        """None: voice notes are not understood."""
        voice_notes = settings.of(VoiceNotesSettings)
        if self.attachments is None or not voice_notes.openai_transcription_model:
            return None
        return VoiceNoteTranscriber(
            self.attachments, self.spending, self.typing, is_quoted=voice_notes.quote_transcripts
        )

    def sees(self, settings: Settings) -> frozenset[str]:
        """Which kinds of files the agent is shown."""
        can_see = self.agent is not None and self.attachments is not None
        shows_files = can_see and settings.of(AttachmentsSettings).openai_vision
        return frozenset({"image", "document"} if shows_files else ())

    def worker(
        self,
        settings: Settings,
        database: GroupCommit,
        script: ConversationContext,
        directory: Allowlist,
        clock: Callable[[], datetime],
        *,
        answers_to: Worker,
    ) -> Worker | None:
        """Asks the agent; None without one."""
        if self.agent is None:
            return None
        runner = AssistantRunner(
            self.agent,
            script,
            users=Users(database),
            attachments=self.attachments,
            directory=directory,
            spending=self.spending,
            typing=self.typing,
            history_tokens=settings.of(AssistantSettings).openai_history_tokens,
            clock=clock,
            voice=self.openai if settings.of(VoiceRepliesSettings).openai_speech_model else None,
            upload=partial(self.whatsapp.upload_media, mime_type="audio/ogg"),
        )
        kinds = {"ask": JobSpec(runner.ask, ONCE_MORE, on_discard=runner.give_up)}
        return Worker(
            database,
            kinds,
            pools=(POOL,),
            lease=settings.lease,
            slots=MOST_AT_ONCE,
            per_claim=BEGUN_AT_ONCE,
            downstream=[answers_to],
        )


def _openai(settings: Settings, http: httpx.AsyncClient) -> OpenAIService | None:
    assistant = settings.of(AssistantSettings)
    replies = settings.of(VoiceRepliesSettings)
    if assistant.openai_api_key is None:
        return None
    client = make_openai(
        api_key=assistant.openai_api_key.get_secret_value(),
        base_url=assistant.openai_base_url,
        http=http,
    )
    return OpenAIService(
        client,
        model=assistant.openai_model,
        answer_tokens=assistant.openai_answer_tokens,
        transcription_model=settings.of(VoiceNotesSettings).openai_transcription_model,
        speech_model=replies.openai_speech_model or "",
        voice=replies.openai_voice,
        moderation_model=assistant.openai_moderation_model,
    )
