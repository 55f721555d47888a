"""One turn of one conversation: what is known, for helpers to read."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.conversation_status import HELD_STATUSES, HUMAN_STATUSES, ConversationStatus
from domain.holder import Holder, holder_of
from domain.inbound import Inbound, Sender
from domain.user import User
from services.conversations.decisions import Decisions
from services.conversations.state import ConversationState

#: Stands for "no message" in turns of timers.
NO_MESSAGE = Inbound(message_id="", kind="", sender=Sender(), phone_number_id="")


@dataclass(frozen=True, slots=True)
class ConversationTurn:
    """What is known before the next decision. Never changed: `after` returns the next one."""

    user: User
    phone_number_id: str
    state: ConversationState
    language: str
    now: datetime
    #: The message that is being handled; NO_MESSAGE for timers and the like.
    message: Inbound = NO_MESSAGE
    #: The state when the turn began.
    began_with: ConversationState = field(default_factory=ConversationState)

    def after(self, decided: Decisions, message: Inbound | None = None) -> "ConversationTurn":
        """Return what is known once `decided` holds; `message` takes the place of the message."""
        return replace(
            self,
            user=self.user.with_changes(decided.user) if decided.user else self.user,
            state=self.state.changed(decided.state) if decided.state else self.state,
            language=decided.language or self.language,
            message=message or self.message,
        )

    @property
    def text(self) -> str:
        """What the person wrote; empty if nothing."""
        return self.message.text or ""

    @property
    def timestamp(self) -> float:
        """The moment of the turn, in seconds since 1970."""
        return self.now.timestamp()

    @property
    def is_with_human(self) -> bool:
        """Whether an operator answers, or was requested."""
        return self.user.status in HUMAN_STATUSES

    @property
    def is_blocked(self) -> bool:
        return self.user.status == ConversationStatus.BLOCKED

    @property
    def is_opted_out(self) -> bool:
        return self.user.opted_out_at is not None

    @property
    def is_held(self) -> bool:
        """Whether somebody else than the bot answers, or did until the pause ended."""
        return self.user.status in HELD_STATUSES

    @property
    def holder(self) -> Holder:
        """Who may speak."""
        return holder_of(self.user, self.now)

    @property
    def is_bot_paused(self) -> bool:
        """Whether the bot may not speak: somebody else holds the conversation, or nobody."""
        return not self.holder.is_bot


def is_in_form(before: ConversationTurn, after: ConversationTurn) -> bool:
    """Return whether a turn was part of a form: its words are kept nowhere but in the form."""
    return before.state.flow is not None or after.state.flow is not None
