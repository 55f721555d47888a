"""Writes down what is said in calls, as it is said: a bot that is killed has it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from features.assistant.token_usage import TokenBudget
from features.call_assistant import tables
from features.call_assistant.settings import CallAssistantSettings
from features.call_assistant.tables import CallRecord
from services.agent import ChatTurn
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import execute_writes


@dataclass(frozen=True, slots=True)
class TalkBook:
    """The records of calls in which the assistant talks."""

    database: GroupCommit
    budget: TokenBudget
    settings: CallAssistantSettings
    clock: Callable[[], datetime]

    async def begin(self, call: str, user_key: str) -> None:
        """Note that the assistant talks in a call."""
        at = self.clock()
        record = CallRecord(call, user_key, at, None, None, 0, "", "")
        kept_until = at + self.settings.kept_for
        await self._run(lambda connection: tables.begin(connection, record, kept_until))

    async def add(
        self, call: str, user_key: str, number: int, turn: ChatTurn, *, is_cut: bool
    ) -> None:
        """Note what one side said, if that is to be kept."""
        if not self.settings.keeps_words:
            return
        at = self.clock()

        def add(connection: Connection) -> None:
            tables.add_turn(connection, call, user_key, number, turn, is_cut=is_cut, at=at)

        await self._run(add)

    async def count(self, call: str, user_key: str, tokens: int) -> bool:
        """Count tokens. Return whether the person may use more of them today."""
        now = self.clock()
        writes = self.budget.spent(user_key, tokens, now)

        def count(connection: Connection) -> None:
            tables.add_tokens(connection, call, tokens)
            execute_writes(connection, writes)

        await self._run(count)
        return await self.budget.has_budget(user_key, now)

    async def _run(self, act: Callable[[Connection], None]) -> None:
        await self.database.submit(Transaction(lambda connection, _: act(connection)))
