"""What a feature can add to conversations: the half of `Feature` that turns see."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from domain.user import User
from flow_engine import Option
from services.agent import DraftRequest
from services.conversations.asides import Aside
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.domain_events import EventListener
from services.conversations.exits import Exit
from services.conversations.extensions import EffectHandler, Reset, TimerHandler
from services.conversations.observer import ConversationObserver
from services.conversations.stage import Stage
from services.conversations.turn import ConversationTurn
from services.conversations.unclear_answers import UnclearAnswer


class Participant:
    """Takes part in conversations. Subclasses override what they add; the defaults add nothing."""

    #: Whether it answers free text by rules of its own, which know no FAQ.
    answers_by_checks: bool = False
    #: Whether it takes all free text, so that nobody is led to a menu.
    replaces_menus: bool = False

    def stages(self) -> Iterable[Stage]:
        """Return stages of the inbound routing table."""
        return ()

    def effects(self) -> Mapping[type, EffectHandler]:
        """Return the handler of each effect of this feature, by the effect's type."""
        return {}

    def timers(self) -> Mapping[str, TimerHandler]:
        """Return the handlers of this feature's timers of conversations, by their names.

        A turn sets one with `TIMER.timer(after, TimerJob(timer=name, turn=0))`.
        """
        return {}

    def exits(self) -> Iterable[Exit]:
        """Return buttons that lead people on who are stuck in a form, or not understood."""
        return ()

    def observers(self) -> Iterable[ConversationObserver]:
        """Return what keeps rows about conversations and messages."""
        return ()

    def listeners(self) -> Iterable[EventListener]:
        """Return what hears that something happened: a message came, a record was saved, …

        A feature tells of events of its own by `Extensions.happened`.
        """
        return ()

    def reset(self, turn: ConversationTurn, reason: Reset) -> Decisions:
        """Decide what this feature forgets when a conversation starts over."""
        return NOTHING

    def is_in_chat(self, turn: ConversationTurn) -> bool:
        """Whether free text of this person belongs to an open chat of this feature."""
        return False

    async def load_options(self, name: str) -> Sequence[str | Option]:
        """Return the options of a source; `name` is what follows the prefix."""
        return ()

    async def reserve_option(self, name: str, option: str) -> Decisions | None:
        """Decide to take an option, with the record that is saved; None if it is taken already."""
        return NOTHING

    def machine_noticed(self, turn: ConversationTurn) -> Decisions:
        """Decide whom to tell that the bot no longer answers a machine on the other side."""
        return NOTHING

    def introduction(self, turn: ConversationTurn) -> str | None:
        """Return the key of a sentence for the first message that somebody gets; None for none.

        It says what is possible at any time, thanks to this feature. `turn` is what is known once
        the message is sent: nobody is told to ask for what they get already.
        """
        return None

    async def kept_about(self, turn: ConversationTurn) -> Sequence[str]:
        """Return what this feature keeps about a person, a line each, in their language."""
        return ()

    async def answer(self, turn: ConversationTurn) -> Decisions | None:
        """Answer free text from what this feature knows, without a model; None if it cannot."""
        return None

    @property
    def writes_drafts(self) -> bool:
        """Whether `draft` can write answers for operators."""
        return False

    async def draft(self, asked: DraftRequest) -> str | None:
        """Return an answer for an operator to read, change and send; None if it cannot now."""
        return None

    def erasing(self, person: User, at: datetime) -> Decisions:
        """Decide to erase a person here and where this feature keeps copies; else NOTHING."""
        return NOTHING

    async def aside(self, turn: ConversationTurn) -> Aside | None:
        """Answer a question that interrupts a form, at once and with confidence; else None."""
        return None

    def ask_aside(self, turn: ConversationTurn) -> Decisions | None:
        """Have a question that interrupts a form answered later; None if that is impossible."""
        return None

    async def interpret(self, turn: ConversationTurn, answer: UnclearAnswer) -> Decisions | None:
        """Have an answer read that no rule can read; None if that is impossible.

        What was read goes to `FormEvents.take_reading`, in the lane of the conversation.
        """
        return None
