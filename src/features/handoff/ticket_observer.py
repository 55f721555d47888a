"""Tickets follow the conversation: what people write goes there, until the bot answers again."""

from collections.abc import Sequence
from datetime import datetime

from domain.conversation_status import HUMAN_STATUSES, ConversationStatus
from domain.inbound import Inbound
from domain.user import User
from features.handoff import tickets
from services.conversations.message_view import for_operators
from services.conversations.observer import ConversationObserver
from services.conversations.turn import ConversationTurn, is_in_form
from storage.engine.write import Write
from texts.catalogue import Texts


class TicketObserver(ConversationObserver):
    """Adds what people write to their tickets; closes them once the bot answers again."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def turn_ended(self, before: ConversationTurn, after: ConversationTurn) -> Sequence[Write]:
        """What is written while somebody waits belongs to the ticket, except answers of forms."""
        waits = {before.user.status, after.user.status} == {ConversationStatus.NEEDS_HUMAN}
        if not waits or is_in_form(before, after) or not self._is_for_operators(after.message):
            return ()
        return (tickets.append(after.user.key, for_operators(after.message)),)

    def status_changed(self, user: User, at: datetime, *, by_bot: bool) -> Sequence[Write]:
        if user.status not in HUMAN_STATUSES:
            return (tickets.close(user.key, at=at),)
        is_answered = user.status != ConversationStatus.NEEDS_HUMAN
        return (tickets.tell_problem(user.key, None),) if is_answered else ()

    def _is_for_operators(self, message: Inbound) -> bool:
        """Return whether somebody wrote or sent something, and not to the bot alone: *menu*."""
        if message.choice is not None or message.joined:
            return False
        if message.attachment is not None:
            return True
        return message.text is not None and not self._texts.is_word("menu", message.text)
