"""What is kept of each message, whoever holds the conversation and whether it is answered or not.

When it was written, the ad it came from, what may be quoted, what was filled in in a Flow.
"""

from dataclasses import dataclass, replace

from domain.inbound import Inbound
from schemas.referrals import read_referral
from services.conversations.decisions import NOTHING, Decisions, writing
from services.conversations.message_types import MessagePolicy, opens_window, policy_for
from services.conversations.message_view import words_of
from services.conversations.shared_content import keep_flow_reply
from services.conversations.turn import ConversationTurn, is_in_form
from storage.tables import quotable, users
from storage.tables.quotable import Quotable


@dataclass(frozen=True, slots=True)
class MessageRecords:
    """Reads and writes what is kept of messages."""

    quotable: Quotable

    async def with_quotation(self, message: Inbound) -> Inbound:
        """Return the message with the text that it quotes, while that is kept."""
        if message.quotes is None:
            return message
        return replace(message, quoted_text=await self.quotable.text_of(message.quotes))

    def noted(self, before: ConversationTurn, after: ConversationTurn) -> Decisions:
        """Return what a handled message leaves behind; those of one thought did so one by one."""
        if before.message.joined:
            return NOTHING
        return _noted(before) + _kept(before, after) + keep_flow_reply(before)


def _noted(turn: ConversationTurn) -> Decisions:
    """Note when the person wrote, and the ad that led them here."""
    message = turn.message
    if not opens_window(message):
        return NOTHING
    key, at = turn.user.key, min(message.sent_at or turn.now, turn.now)
    written = writing(users.note_inbound(key, message_id=message.message_id, at=at))
    if message.referral and not turn.user.referral:
        written += writing(users.note_referral(key, read_referral(message.referral)))
    return written


def _kept(before: ConversationTurn, after: ConversationTurn) -> Decisions:
    """Keep the words of a message, so that they can be quoted; forget those that were deleted."""
    message = after.message
    if message.kind == "revoke":
        return writing(quotable.forget([message.quotes or ""]))
    words = words_of(message)
    if not words or is_in_form(before, after) or policy_for(message) is MessagePolicy.IGNORE:
        return NOTHING
    key, at = after.user.key, after.now
    return writing(quotable.add(message.message_id, user_key=key, text=words, at=at))
