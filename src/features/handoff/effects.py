"""Handing a conversation to a person, and telling people when nobody is there."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from domain.conversation_status import ConversationStatus
from features.handoff import tickets
from features.handoff.alerts import alert_job
from flow_engine import TalkToHuman
from services.conversations.context import ConversationContext, Reset
from services.conversations.decisions import NOTHING, Decisions, enqueueing, writing
from services.conversations.holders import hold
from services.conversations.profile import leave_form
from services.conversations.replies import Replies
from services.conversations.state import StateSlot
from services.conversations.turn import ConversationTurn
from utils.elapsed import has_passed

#: Least time between two notices that nobody is there.
AWAY_NOTICE_INTERVAL = timedelta(hours=12)
#: When the last such notice was sent, in seconds since 1970.
AWAY_NOTICE_SENT_AT = StateSlot("away_told_at", TypeAdapter(float), 0.0)


@dataclass(frozen=True, slots=True)
class Handoff:
    """Decides who answers."""

    context: ConversationContext
    #: Whether a person can be reached at a moment.
    is_open: Callable[[datetime], Awaitable[bool]]
    #: Whether operators get an alert in the chat of their team.
    sends_alerts: bool

    async def talk_to_human(self, turn: ConversationTurn, effect: TalkToHuman) -> Decisions:
        """Let a person answer, if anybody can; the bot is silent from then on."""
        replies = Replies(self.context)
        if not self.context.can_hand_off:
            return replies.say(turn, "handoff.nobody_here") + replies.show_menu(turn)
        decided = leave_form() + self.context.extensions.reset(turn, Reset.HANDED_OFF)
        decided += self._hand_off(turn, effect.asked)
        turn = turn.after(decided)
        said = replies.say(turn, "handoff.handed_over")
        return decided + said + await self.away_notice(turn)

    async def away_notice(self, turn: ConversationTurn) -> Decisions:
        """Tell a person who waits outside the opening hours; once in a while is enough."""
        told_at, interval = AWAY_NOTICE_SENT_AT.read(turn.state), AWAY_NOTICE_INTERVAL
        is_due = has_passed(interval.total_seconds(), since=told_at, now=turn.timestamp)
        if not is_due or await self.is_open(turn.now):
            return NOTHING
        noted = Decisions(state=AWAY_NOTICE_SENT_AT.change(turn.timestamp))
        return noted + Replies(self.context).say(turn, "handoff.away")

    def _hand_off(self, turn: ConversationTurn, asked: str) -> Decisions:
        number = secrets.token_hex(5).upper()
        until = turn.now + self.context.human_idle
        decided = hold(turn, ConversationStatus.NEEDS_HUMAN, until=until)
        opened = tickets.open_(number, user_key=turn.user.key, asked=asked, at=turn.now)
        decided += writing(opened)
        if self.sends_alerts:
            decided += enqueueing([alert_job(turn.user, ticket=number, asked=asked)])
        return decided
