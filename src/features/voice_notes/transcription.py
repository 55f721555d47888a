"""Voice notes as what was said in them, before anything else looks at the message."""

from dataclasses import dataclass, replace

from domain.inbound import Inbound
from features.assistant.token_usage import TokenBudget
from features.attachments.media_reader import MediaReader
from services.conversations.turn import Conversation
from services.conversations.typing_indicator import TypingIndicator

#: What a spoken letter costs, in tokens: there are about ten of them in a second.
PER_LETTER = 0.75


@dataclass(frozen=True, slots=True)
class VoiceNoteTranscriber:
    """Understands recordings of those for whom something may still be spent today."""

    attachments: MediaReader
    spending: TokenBudget
    typing: TypingIndicator
    #: whether people are shown what was understood
    is_quoted: bool

    async def hear(self, message: Inbound, conversation: Conversation) -> Inbound:
        """The message with its text; the same if it is none. Raises Unreadable."""
        if message.kind != "audio" or message.attachment is None:
            return message
        user, now = conversation.user, conversation.now
        if not await self.spending.has_budget(user.key, now):
            return message
        with self.typing.while_busy(message.message_id):
            text = await self.attachments.hear(message.attachment)
        conversation.add_writes(self.spending.spent(user.key, int(len(text) * PER_LETTER), now))
        return replace(message, text=text, is_spoken=True)
