"""What features add to conversations."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from flow_engine import FeatureEffect, TalkToAssistant, TalkToHuman
from jobs.model import NewJob
from services.conversations.decisions import Decisions, all_of
from services.conversations.observer import Hearing
from services.conversations.stage import Stage
from services.conversations.turn import ConversationTurn
from services.conversations.webhook_events import EventHandler, FieldReader

if TYPE_CHECKING:
    from services.conversations.asides import Aside
    from services.conversations.exits import Exit
    from services.conversations.unclear_answers import UnclearAnswer

#: Carries out one effect of a feature: (turn, effect) -> decisions.
EffectHandler = Callable[[ConversationTurn, Any], Awaitable[Decisions]]

#: Decides what a timer of a feature leads to.
TimerHandler = Callable[[ConversationTurn], Awaitable[Decisions]]


#: Has an answer read that no rule can read; None if that is impossible.
Interpreter = Callable[[ConversationTurn, "UnclearAnswer"], Awaitable[Decisions | None]]


class Reset(Enum):
    """Why a conversation starts over."""

    OPTED_OUT = "opted out"
    HANDED_OFF = "handed off to a person"
    #: The person had their data deleted.
    DATA_DELETED = "data deleted"
    #: The person does not agree that the answers of a form are kept.
    REFUSED = "refused"
    #: A form got no answer for too long. What a feature says of it is said alone.
    TIMED_OUT = "timed out"


@dataclass(slots=True)
class Extensions(Hearing):
    """What features add to conversations; complete before the first turn."""

    stages: list[Stage] = field(default_factory=list)
    effects: dict[type, EffectHandler] = field(default_factory=dict)
    #: What is asked for at any moment, by the key of its words.
    requests: dict[str, FeatureEffect] = field(default_factory=dict)
    #: By Meta's name of the field.
    events: dict[str, list[EventHandler]] = field(default_factory=dict)
    #: Read webhook fields as they come, by Meta's name of the field.
    readers: dict[str, FieldReader] = field(default_factory=dict)
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
    #: Have an answer read that no rule can read: (turn, answer) -> decisions, or None.
    interpreters: "list[Interpreter]" = field(default_factory=list)
    #: Decide whom to tell that a machine is on the other side.
    machine_notices: list[Callable[[ConversationTurn], Decisions]] = field(default_factory=list)
    #: Buttons for people who are stuck.
    exits: "list[Exit]" = field(default_factory=list)
    #: Return keys of texts for the first message that somebody gets.
    introductions: list[Callable[[ConversationTurn], str | None]] = field(default_factory=list)
    #: Return whether operators see conversations through a feature at this moment, and can answer.
    ways_to_operators: list[Callable[[], bool]] = field(default_factory=list)
    #: Whether operators see and edit the tables of features.
    shows_tables: bool = False
    #: Whether people are led to the menu.
    has_menus: bool = True
    #: Whether free text of this person belongs to a feature's open chat.
    open_chats: list[Callable[[ConversationTurn], bool]] = field(default_factory=list)

    @property
    def operators_reachable(self) -> bool:
        """Whether operators see conversations and can answer."""
        return any(leads_there() for leads_there in self.ways_to_operators)

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

    def is_in_chat(self, turn: ConversationTurn) -> bool:
        return any(is_open(turn) for is_open in self.open_chats)
