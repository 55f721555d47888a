"""Attachments: the assistant looks at pictures and reads documents."""

from collections.abc import Iterable

from features.assistant.feature import Assistant
from features.attachments.media_reader import MediaReader
from features.attachments.settings import AttachmentsSettings
from services.clients.cloud_api.download import Downloads
from services.conversations.stage import Stage, StageResult
from services.conversations.turn import ConversationTurn
from services.feature import Feature, Parts
from texts.required import RequiredTexts, said_with_first_name

#: Meta's types of messages that the model is shown.
READABLE_KINDS = frozenset({"image", "document"})


class Attachments(Feature):
    """Pictures and documents that people send are shown to the assistant."""

    name = "attachments"
    summary = "the assistant looks at pictures and reads documents"
    page = "docs/assistant.md"
    needs = ("assistant",)
    required_texts = RequiredTexts(
        keys=said_with_first_name("attachments.heic", "attachments.unread", "attachments.unseen")
    )

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        self._assistant = parts.feature(Assistant)
        settings: AttachmentsSettings = parts.settings_of(AttachmentsSettings)
        can_read = self._assistant.agent is not None and self._assistant.openai is not None
        self.is_on = can_read and settings.openai_vision
        if self._assistant.openai is not None:
            reader = MediaReader(Downloads(parts.cloud_api, parts.http), self.is_on)
            self._assistant.read_attachments_with(reader)

    def stages(self) -> Iterable[Stage]:
        return (Stage("attachment", self._attachment, before=("unsupported_type",)),)

    async def _attachment(self, turn: ConversationTurn) -> StageResult:
        """A picture or a document, outside of forms, goes to the assistant."""
        message = turn.message
        is_file = message.kind in READABLE_KINDS and message.attachment is not None
        if not self.is_on or not is_file or turn.state.flow is not None:
            return None
        return await self._assistant.take_message(turn)


FEATURE = Attachments
