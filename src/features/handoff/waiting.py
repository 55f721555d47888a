"""People who wait for an operator: reminders to the team, and an apology if nobody comes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from loguru import logger
from pydantic import BaseModel, ConfigDict, TypeAdapter

from domain.conversation_status import ConversationStatus
from features.handoff import tickets
from features.handoff.alerts import nudge_job
from features.handoff.team import Team
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions, enqueueing, writing
from services.conversations.job_specs import TIMER, TimerJob
from services.conversations.replies import Replies
from services.conversations.state import StateSlot
from services.conversations.turn import ConversationTurn

#: Least time between two notices that nobody is there.
AWAY_NOTICE_INTERVAL = timedelta(hours=12)
#: WhatsApp lets a business write so long after a person's last message.
WINDOW = timedelta(hours=24)
#: Names of the timers.
NUDGE, APOLOGY = "handoff_nudge", "handoff_apology"


class WaitingState(BaseModel):
    """What is known of the wait of one person."""

    model_config = ConfigDict(frozen=True)

    ticket: str = ""
    #: When the person asked for an operator, in seconds since 1970.
    since: float = 0.0
    #: When the person was last told that nobody is there, in seconds since 1970.
    away_told_at: float = 0.0
    #: When the person was last told that the request is with the team, in seconds since 1970.
    told_at: float = 0.0
    #: How often that was.
    times_told: int = 0
    #: Whether the person was told that what they write is in the ticket.
    is_noted: bool = False
    #: End of the bot's pause as the bot set it: an operator who replies moves it.
    paused_until: float = 0.0


WAITING = StateSlot("waiting", TypeAdapter(WaitingState), WaitingState())


@dataclass(frozen=True, slots=True)
class WaitingTimers:
    """Sets the timers of a wait, and decides what they lead to."""

    context: ConversationContext
    team: Team
    nudge_after: timedelta
    apology_after: timedelta
    #: Whether operators get a reminder in the chat of their team.
    sends_alerts: bool

    def begin(self, turn: ConversationTurn, start: datetime) -> Decisions:
        """Count the time of a wait from `start`, when the team is there."""
        delay = max(start - turn.now, timedelta(0))
        until = turn.user.bot_paused_until
        seen = {"paused_until": until.timestamp() if until is not None else 0.0}
        waiting = WAITING.read(turn.state).model_copy(update=seen)
        timers = {
            name: TIMER.timer(delay + after, TimerJob(timer=name, turn=0)) if after else None
            for name, after in ((NUDGE, self.nudge_after), (APOLOGY, self.apology_after))
        }
        return Decisions(state=WAITING.change(waiting), timers=timers)

    def end(self, turn: ConversationTurn) -> Decisions:
        """Wait no longer."""
        kept = WaitingState(away_told_at=WAITING.read(turn.state).away_told_at)
        return Decisions(state=WAITING.change(kept), timers={NUDGE: None, APOLOGY: None})

    async def nudge(self, turn: ConversationTurn) -> Decisions:
        """Remind the team of a person whom nobody has answered."""
        if not self._still_waits(turn):
            return NOTHING
        waiting = WAITING.read(turn.state)
        logger.info("nobody has answered the ticket {} yet", waiting.ticket)
        since = datetime.fromtimestamp(waiting.since, self.context.zone)
        told = f"Nobody has answered yet: this person has waited since {since:%H:%M}."
        decided = writing(tickets.tell_problem(turn.user.key, told))
        if self.sends_alerts:
            decided += enqueueing([nudge_job(turn.user, ticket=waiting.ticket)])
        return decided

    async def apologize(self, turn: ConversationTurn) -> Decisions:
        """Apologize, once, to a person whom nobody has answered in time."""
        is_late = turn.timestamp - WAITING.read(turn.state).since > WINDOW.total_seconds()
        if not self._still_waits(turn) or is_late or not await self.team.is_open(turn.now):
            return NOTHING
        return Replies(self.context).say(turn, "handoff.apology")

    def _still_waits(self, turn: ConversationTurn) -> bool:
        waiting, until = WAITING.read(turn.state), turn.user.bot_paused_until
        is_untouched = waiting.paused_until == (until.timestamp() if until is not None else 0.0)
        needs_human = turn.user.status == ConversationStatus.NEEDS_HUMAN
        return needs_human and is_untouched and not turn.is_opted_out
