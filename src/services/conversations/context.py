"""What all conversations share, and what features add to them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum
from typing import TYPE_CHECKING, Any

from domain.delivery import StatusReport
from domain.user import User
from flow_engine import Flows, TalkToAssistant, TalkToHuman
from flow_engine.ask import CallHandler
from flow_engine.effects import FeatureEffect
from services.conversations.decisions import Decisions, all_of
from services.conversations.stage import Stage
from services.conversations.turn import ConversationTurn
from services.conversations.webhook_events import EventHandler
from storage.engine.write import Write
from texts.catalogue import Texts

if TYPE_CHECKING:
    from services.conversations.asides import Aside
    from services.conversations.exits import Exit

#: Returns the choices of a step that asks for them (`Ask(options_from=...)`).
OptionSource = Callable[[], Awaitable[tuple[str, ...]]]

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
    option_sources: Mapping[str, OptionSource] = field(default_factory=dict)
    #: Own code that flows call by name.
    calls: Mapping[str, CallHandler] = field(default_factory=dict)
    extensions: Extensions = field(default_factory=Extensions)
    #: Whether a message that nobody asked for may be sent now without a template. Where it is not
    #: known when a person wrote, Meta decides.
    is_window_open: Callable[[ConversationTurn], bool] = lambda turn: True

    @property
    def can_hand_off(self) -> bool:
        """Whether an operator can be requested."""
        return self.extensions.operators_reachable and self.extensions.can_execute(TalkToHuman())
