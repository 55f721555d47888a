"""A feature that only the proof adds to the bot: it answers numbers, in ways that can go wrong."""

import asyncio
import re
from collections.abc import Iterable
from datetime import timedelta

from pydantic import TypeAdapter

from schemas.cloud_api_schema import TextMessage
from services.conversations.decisions import Decisions, sending
from services.conversations.stage import Stage, StageResult
from services.conversations.state import StateSlot
from services.conversations.turn import ConversationTurn
from services.feature import Feature

WORDS = re.compile(r"(count|slow|flaky|poison) (\d+)")
SLOW_SECONDS = 1.2
#: Age of a message until which `flaky` fails.
FLAKY_UNTIL = timedelta(seconds=2)
#: The number that was answered last.
LAST = StateSlot("counting", TypeAdapter(int), 0)


class Counting(Feature):
    """Answers `count 17` with `17 after 16`: so each answer shows what the state was."""

    name = "counting"
    summary = "answers numbers, for the proof"

    def stages(self) -> Iterable[Stage]:
        """Return the stage that takes all such messages."""
        return (Stage("count", self.count, before=("opt_out_keyword",)),)

    async def count(self, turn: ConversationTurn) -> StageResult:
        """Answer a number with the number before it."""
        found = WORDS.fullmatch(turn.text)
        if found is None:
            return None
        await _misbehave(found[1], turn)
        answer = TextMessage(body=f"{found[2]} after {LAST.read(turn.state)}")
        return sending([answer]) + Decisions(state=LAST.change(int(found[2])))


async def _misbehave(kind: str, turn: ConversationTurn) -> None:
    sent_at = turn.message.sent_at or turn.now
    if kind == "slow":
        await asyncio.sleep(SLOW_SECONDS)
    if kind == "poison" or (kind == "flaky" and turn.now - sent_at < FLAKY_UNTIL):
        raise RuntimeError(kind)


FEATURE = Counting
