"""Voice notes: what people say is understood like what they type."""

from collections.abc import Iterable
from dataclasses import replace

from features.assistant.feature import Assistant
from features.assistant.media import UnreadableMedia
from features.voice_notes.settings import VoiceNotesSettings
from features.voice_notes.transcription import VoiceNoteTranscriber
from services.clients.cloud_api.download import Downloads
from services.conversations.decisions import NOTHING, Decisions, writing
from services.conversations.opt_out import OptOut
from services.conversations.replies import Replies
from services.conversations.stage import PassOn, Stage, StageResult
from services.conversations.turn import ConversationTurn
from services.conversations.written_languages import follow_sentence
from services.feature import Feature, Parts
from texts.required import ALWAYS_GIVEN, RequiredTexts

#: Tokens that a spoken character costs: about ten characters are said in a second.
TOKENS_PER_CHAR = 0.75


class VoiceNotes(Feature):
    """Voice notes are transcribed before anything else looks at the message."""

    name = "voice_notes"
    summary = "voice notes are transcribed, and understood like text"
    page = "docs/assistant.md"
    needs = ("assistant",)
    required_texts = RequiredTexts(
        keys={"voice_notes.unheard": ALWAYS_GIVEN, "voice_notes.heard": (*ALWAYS_GIVEN, "text")}
    )

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._assistant = parts.feature(Assistant)
        self._settings: VoiceNotesSettings = parts.settings_of(VoiceNotesSettings)
        self._replies = Replies(parts.context)
        self._transcriber = self._make_transcriber()

    def stages(self) -> Iterable[Stage]:
        places = ("operator_requested", "changed_form")
        return (Stage("voice_note", self._voice_note, before=places),)

    async def _voice_note(self, turn: ConversationTurn) -> StageResult:
        """A voice note becomes its text, and goes on as if it had been typed."""
        message, transcriber = turn.message, self._transcriber
        if transcriber is None or message.kind != "audio" or message.attachment is None:
            return None
        if not await self._assistant.budget.has_budget(turn.user.key, turn.now):
            return None
        try:
            with self._assistant.typing.while_busy(message.message_id):
                text = await transcriber.transcribe(message.attachment)
        except UnreadableMedia as unreadable:
            return self._replies.say_then_go_on(turn, unreadable.key)
        return self._as_text(turn, text)

    def _as_text(self, turn: ConversationTurn, text: str) -> Decisions | PassOn:
        """A spoken STOP counts like a written one."""
        tokens = int(len(text) * TOKENS_PER_CHAR)
        decided = writing(*self._assistant.budget.spent(turn.user.key, tokens, turn.now))
        quoted = NOTHING
        if self._settings.quote_transcripts:
            quoted = self._replies.say(turn, "voice_notes.heard", {"text": text})
        spoken = replace(turn.message, text=text, is_spoken=True)
        decided += follow_sentence(self.parts.context, turn.after(NOTHING, spoken))
        opted = OptOut(self.parts.context).spoken(turn.after(decided, spoken))
        if isinstance(opted, PassOn):
            return PassOn(decided + quoted + opted.decided, spoken)
        return PassOn(decided + quoted, spoken) if opted is None else decided + quoted + opted

    def _make_transcriber(self) -> VoiceNoteTranscriber | None:
        model = self._settings.openai_transcription_model
        if not model:
            return None
        openai = self._assistant.make_openai_service(transcription_model=model)
        if openai is None:
            return None
        files = Downloads(self.parts.cloud_api, self.parts.http)
        return VoiceNoteTranscriber(files, openai, self._assistant.file_memory)


FEATURE = VoiceNotes
