"""Runs the turns that messages begin: who is admitted, what is counted, noted and read."""

from dataclasses import dataclass
from time import perf_counter

from loguru import logger

from jobs.model import Outcome
from services.conversations.bursts import PAUSE
from services.conversations.core_stages import MACHINE
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.message_records import MessageRecords
from services.conversations.message_types import MessagePolicy, policy_for
from services.conversations.turn import ConversationTurn
from services.conversations.turn_runner import TurnRunner
from services.message_handler import MessageHandler
from utils.logger import pseudonym
from utils.metrics import Metrics


@dataclass(frozen=True, slots=True)
class MessageTurns:
    """One turn for each message, or for the messages of one thought."""

    runner: TurnRunner
    handler: MessageHandler
    metrics: Metrics
    records: MessageRecords

    async def run(self, turn: ConversationTurn, added: Decisions = NOTHING) -> Outcome:
        """Answer a message; `added` is decided before it. Strangers may have to stay outside."""
        message = turn.message
        if not self.runner.allowlist.admits(turn.user):
            self.metrics.received["not_allowed"].inc()
            logger.info("[WhatsAppWebhook] {} is not on the allowlist", pseudonym(turn.user.key))
            return Outcome()
        began = perf_counter()
        routed = await self.handler.process_message(turn)
        decided, understood = added + routed.decided, routed.turn.message
        self.runner.report(
            "message", turn, decided, began=began, stage=routed.stage, understood=understood
        )
        if routed.stage == MACHINE:
            self.metrics.machine_messages.inc()
        decided += self.records.noted(turn, routed.turn.after(routed.decided))
        is_ignored = policy_for(message) is MessagePolicy.IGNORE
        is_read = bool(decided.messages) or not routed.turn.is_bot_paused
        read = message.message_id if is_read and not is_ignored and routed.stage != PAUSE else None
        return self.runner.outcome(turn, decided, read=read, understood=understood)
