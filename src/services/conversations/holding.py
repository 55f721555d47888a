"""Who holds a conversation, as webhooks tell it: the owner's phone, Meta's agent, or we again."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from domain.conversation_status import ConversationStatus
from flow_engine import TalkToHuman
from jobs.model import Job, LaneState, Outcome
from jobs.spec import HandledJob
from services.conversations.context import Reset
from services.conversations.decisions import NOTHING, Decisions, writing
from services.conversations.effect_executor import EffectExecutor
from services.conversations.job_specs import ECHO, HANDOVER, EchoJob, HandoverJob
from services.conversations.profile import hold, leave_form, return_to_bot
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn
from services.conversations.turn_runner import TurnRunner
from storage.engine.write import Write
from storage.tables.deliveries import Deliveries

#: How operators read who holds a conversation.
OWNERS_PHONE, META_AGENT = "the owner's phone", "Meta's agent"


def held_by_agent(turn: ConversationTurn, who: str = META_AGENT) -> Decisions:
    """Meta's agent, or another app, holds the conversation until we get it back."""
    if turn.is_blocked or turn.user.status == ConversationStatus.META_AGENT:
        return NOTHING
    return hold(turn, ConversationStatus.META_AGENT, who=who)


def without_words(decided: Decisions) -> Decisions:
    """Return the decisions without what they say."""
    return replace(decided, messages=())


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
            if body.is_by_agent:
                return held_by_agent(turn) + shown
            return self._held_by_phone(turn, at) + shown

        return await self.runner.run("echo", job, state, decide)

    async def handle_handover(self, job: Job, body: HandoverJob, state: LaneState) -> Outcome:
        """Let go of a conversation, or take it up; tell operators either way."""

        async def decide(turn: ConversationTurn) -> Decisions:
            noted = writing(*self._noted(turn, str(job.key), _told(body)))
            if turn.is_blocked:
                return noted
            if body.is_ours:
                return noted + await self._take_up(turn, body)
            left = leave_form() + self.runner.context.extensions.reset(turn, Reset.HANDED_OFF)
            return noted + left + held_by_agent(turn, body.role or META_AGENT)

        return await self.runner.run("handover", job, state, decide)

    def _held_by_phone(self, turn: ConversationTurn, at: datetime) -> Decisions:
        """The owner answers, so the bot is silent for as long as it is for operators."""
        until = at + self.runner.context.human_idle
        if turn.is_blocked or until <= turn.now:
            return NOTHING
        known = turn.user.bot_paused_until
        longest = until if known is None else max(until, known)
        return hold(turn, ConversationStatus.PHONE, who=OWNERS_PHONE, until=longest)

    async def _take_up(self, turn: ConversationTurn, body: HandoverJob) -> Decisions:
        """The agent could not help any more: a person of ours answers, or else the bot."""
        decided = return_to_bot(turn) if turn.is_held else NOTHING
        turn = turn.after(decided)
        if turn.is_opted_out or turn.is_bot_paused:
            return decided
        context = self.runner.context
        if context.can_hand_off:
            asked = [TalkToHuman(body.note or "")]
            return decided + await EffectExecutor(context).execute(turn, asked)
        return decided + Replies(context).show_menu(turn)

    def _echoed(self, turn: ConversationTurn, body: EchoJob, at: datetime) -> list[Write]:
        observers = self.runner.context.extensions.observers
        number, text = turn.phone_number_id, body.text
        return [
            write
            for one in observers
            for write in one.message_echoed(
                body.message_id, turn.user, body.kind, text, at, phone_number_id=number
            )
        ]

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
