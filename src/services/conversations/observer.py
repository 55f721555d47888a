"""What keeps rows about conversations: features subclass it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.delivery import StatusReport
from domain.user import User
from services.conversations.turn import ConversationTurn
from storage.engine.write import Write


class ConversationObserver:
    """Keeps rows about conversations. Subclasses override what they keep; each returns writes."""

    def turn_ended(self, before: ConversationTurn, after: ConversationTurn) -> Sequence[Write]:
        """A turn was decided; `after.message` is the message as it was understood."""
        return ()

    def status_changed(self, user: User, at: datetime, *, by_bot: bool) -> Sequence[Write]:
        """Somebody else answers this person from now on; `user.status` says who."""
        return ()

    def handed_back(self, user: User) -> Sequence[Write]:
        """Operators are done with what this person wrote, and the bot answers again."""
        return ()

    def message_queued(
        self, key: str, user: User, message: Mapping[str, Any], at: datetime
    ) -> Sequence[Write]:
        """A message waits to be sent; `key` is its delivery id, `message` Meta's JSON."""
        return ()

    def send_failed(self, key: str, reason: str) -> Sequence[Write]:
        """Meta did not take a message."""
        return ()

    def message_echoed(
        self,
        message_id: str,
        user: User,
        kind: str,
        text: str | None,
        at: datetime,
        *,
        phone_number_id: str,
    ) -> Sequence[Write]:
        """Somebody else sent a message from our number: the owner's phone, or Meta's agent."""
        return ()

    def noted(self, note_id: str, user: User, text: str, at: datetime) -> Sequence[Write]:
        """Something happened in a conversation that operators should read."""
        return ()

    def statuses_reported(self, statuses: Sequence[StatusReport]) -> Sequence[Write]:
        """Meta reported what became of messages."""
        return ()
