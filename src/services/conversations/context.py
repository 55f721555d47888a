"""What all conversations share, and what features add to them."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum
from typing import TYPE_CHECKING, Any

from domain.delivery import StatusReport
from domain.user import User
from flow_engine import Flows, TalkToAssistant, TalkToHuman
from flow_engine.ask import CallHandler, OptionSource
from flow_engine.effects import FeatureEffect
from jobs.model import NewJob
from schemas.cloud_api_schema import TemplateMessage
from services.conversations.decisions import Decisions, all_of
from services.conversations.stage import Stage
from services.conversations.turn import ConversationTurn
from services.conversations.webhook_events import EventHandler
from storage.engine.write import Write
from texts.catalogue import Texts

if TYPE_CHECKING:
    from services.conversations.asides import Aside
    from services.conversations.exits import Exit

#: Carries out one effect of a feature: (turn, effect) -> decisions.
EffectHandler = Callable[[ConversationTurn, Any], Awaitable[Decisions]]

#: Decides what a timer of a feature leads to.
TimerHandler = Callable[[ConversationTurn], Awaitable[Decisions]]


class Reset(Enum):
    """Why a conversation starts over."""

    OPTED_OUT = "opted out"
    HANDED_OFF = "handed off to a person"
    #: The person had their data deleted.
    DATA_DELETED = "data deleted"
    #: The person does not agree that the answers of a form are kept.
    REFUSED = "refused"


class ConversationObserver:
    """Keeps rows about conversations. Subclasses override what they keep; each returns writes."""

    def turn_ended(self, before: ConversationTurn, after: ConversationTurn) -> Sequence[Write]:
        """A turn was decided; `after.message` is the message as it was understood."""
        return ()

    def status_changed(self, user: User, at: datetime, *, by_bot: bool) -> Sequence[Write]:
        """Somebody else answers this person from now on; `user.status` says who."""
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


@dataclass(slots=True)
class Extensions:
    """What features add to conversations; complete before the first turn."""

    stages: list[Stage] = field(default_factory=list)
    effects: dict[type, EffectHandler] = field(default_factory=dict)
    #: By Meta's name of the field.
    events: dict[str, list[EventHandler]] = field(default_factory=dict)
    observers: list[ConversationObserver] = field(default_factory=list)
    #: By the name of the timer.
    timers: dict[str, TimerHandler] = field(default_factory=dict)
    #: Decide what a feature forgets when a conversation starts over.
    resets: list[Callable[[ConversationTurn, Reset], Decisions]] = field(default_factory=list)
    #: Return the jobs that tell operators something at once: (text, key of the alert) -> jobs.
    alerts: list[Callable[[str, str], Iterable[NewJob]]] = field(default_factory=list)
    #: Take an option of a source: (option) -> decisions, or None if it is taken already.
    reservations: dict[str, Callable[[str], Awaitable[Decisions | None]]] = field(
        default_factory=dict
    )
    #: Answer questions in a form at once, or later.
    asides: "list[Callable[[ConversationTurn], Awaitable[Aside | None]]]" = field(
        default_factory=list
    )
    later_asides: list[Callable[[ConversationTurn], Decisions | None]] = field(default_factory=list)
    #: Decide whom to tell that a machine is on the other side.
    machine_notices: list[Callable[[ConversationTurn], Decisions]] = field(default_factory=list)
    #: Buttons for people who are stuck.
    exits: "list[Exit]" = field(default_factory=list)
    #: Return keys of texts for the first message that somebody gets.
    introductions: list[Callable[[], str | None]] = field(default_factory=list)
    #: Whether operators see conversations and can answer.
    operators_reachable: bool = False
    #: Whether free text of this person belongs to a feature's open chat.
    open_chats: list[Callable[[ConversationTurn], bool]] = field(default_factory=list)

    def can_execute(self, effect: object) -> bool:
        """Whether an effect has a handler; those of the core always have."""
        if isinstance(effect, FeatureEffect) and effect.is_silent:
            return True
        of_feature = isinstance(effect, FeatureEffect | TalkToAssistant | TalkToHuman)
        return not of_feature or type(effect) in self.effects

    def alert(self, text: str, key: str) -> list[NewJob]:
        """Return the jobs that tell operators something at once; the same key tells it once."""
        return [job for tell in self.alerts for job in tell(text, key)]

    def reset(self, turn: ConversationTurn, reason: Reset) -> Decisions:
        """Decide what all features forget."""
        return all_of(decide(turn, reason) for decide in self.resets)

    def status_changed(self, user: User, at: datetime, *, by_bot: bool) -> list[Write]:
        """Return what the observers write when somebody else answers a person."""
        return [
            write
            for observer in self.observers
            for write in observer.status_changed(user, at, by_bot=by_bot)
        ]

    def is_in_chat(self, turn: ConversationTurn) -> bool:
        return any(is_open(turn) for is_open in self.open_chats)


@dataclass(frozen=True, slots=True)
class ConversationContext:
    """Flows, texts and settings that every turn reads."""

    flows: Flows
    texts: Texts
    remind_after: timedelta
    cancel_after: timedelta
    zone: tzinfo = UTC
    #: Free text waits so long for more of it; 0 answers each message at once.
    burst_pause: timedelta = timedelta(0)
    #: The bot answers again so long after the last act of an operator.
    human_idle: timedelta = timedelta(hours=8)
    #: Age from which a message is not answered as if it were new.
    answer_within: timedelta = timedelta(hours=12)
    #: Sent in place of what may not be said outside the window.
    outside_window_template: TemplateMessage | None = None
    option_sources: dict[str, OptionSource] = field(default_factory=dict)
    #: Own code that flows call by name.
    calls: Mapping[str, CallHandler] = field(default_factory=dict)
    extensions: Extensions = field(default_factory=Extensions)

    @property
    def can_hand_off(self) -> bool:
        """Whether an operator can be requested."""
        return self.extensions.operators_reachable and self.extensions.can_execute(TalkToHuman())
