"""Who holds a conversation, as webhooks tell it: the owner's phone, Meta's agent, or we again."""

from dataclasses import dataclass
from datetime import UTC, datetime

from jobs.model import Job, LaneState, Outcome
from jobs.spec import HandledJob
from services.conversations.decisions import Decisions, writing
from services.conversations.holders import (
    META_AGENT,
    held_by_agent,
    held_by_phone,
    let_go,
    take_up,
)
from services.conversations.job_specs import ECHO, HANDOVER, EchoJob, HandoverJob
from services.conversations.observer import EchoedMessage
from services.conversations.turn import ConversationTurn
from services.conversations.turn_runner import TurnRunner
from storage.engine.write import Write
from storage.tables.deliveries import Deliveries

#: Meta's type of a message that is an emoji on another one: who reacts says nothing, and the bot
#: goes on.
REACTION = "reaction"


@dataclass(frozen=True, slots=True)
class HoldingJobs:
    """Handles echoes and handovers, in the lane of their person."""

    runner: TurnRunner
    sent: Deliveries

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs, with their handlers."""
        return (
            ECHO.handled_by(self.handle_echo),
            HANDOVER.handled_by(self.handle_handover),
        )

    async def handle_echo(self, job: Job, body: EchoJob, state: LaneState) -> Outcome:
        """Show operators what was sent from our number, and leave the conversation to who did."""
        if await self.sent.is_ours(body.message_id):
            return Outcome(state)

        async def decide(turn: ConversationTurn) -> Decisions:
            at = min(_moment(body.sent_at) or turn.now, turn.now)
            shown = writing(*self._echoed(turn, body, at))
            if body.kind == REACTION:
                return shown
            if body.is_by_agent:
                return held_by_agent(turn) + shown
            return held_by_phone(turn, at, self.runner.context.human_idle) + shown

        return await self.runner.run("echo", job, state, decide)

    async def handle_handover(self, job: Job, body: HandoverJob, state: LaneState) -> Outcome:
        """Let go of a conversation, or take it up; tell operators either way."""

        async def decide(turn: ConversationTurn) -> Decisions:
            noted = writing(*self._noted(turn, str(job.key), _told(body)))
            if turn.is_blocked:
                return noted
            if body.is_ours:
                return noted + await take_up(turn, self.runner.context, body.note or "")
            return noted + let_go(turn, self.runner.context, body.role or META_AGENT)

        return await self.runner.run("handover", job, state, decide)

    def _echoed(self, turn: ConversationTurn, body: EchoJob, at: datetime) -> list[Write]:
        echoed = EchoedMessage(
            message_id=body.message_id,
            user=turn.user,
            kind=body.kind,
            text=body.text,
            at=at,
            phone_number_id=turn.phone_number_id,
            by_agent=body.is_by_agent,
        )
        observers = self.runner.context.extensions.observers
        return [write for one in observers for write in one.message_echoed(echoed)]

    def _noted(self, turn: ConversationTurn, note_id: str, text: str) -> list[Write]:
        observers = self.runner.context.extensions.observers
        return [
            write for one in observers for write in one.noted(note_id, turn.user, text, turn.now)
        ]


def _told(body: HandoverJob) -> str:
    """Return what operators read about a handover."""
    who = f"{META_AGENT} ({body.role})" if body.role else META_AGENT
    said = f"{who} handed the conversation to us" if body.is_ours else f"{who} answers now"
    return f"{said}: {body.note}" if body.note else f"{said}."


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
