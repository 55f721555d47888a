"""The desk: decides about each call, and runs those that are answered.

A job ends once the call is begun. What keeps the call is its row, and the sign of life of the
process that has its audio; when that process is gone, another one ends the call at Meta.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from loguru import logger

from domain.user import User
from features.calls import rows
from features.calls.book import CallBook, after
from features.calls.call_hours import CallHours
from features.calls.calling import CallingApi, advice
from features.calls.dialog import CallAssistant, CallDialog
from features.calls.engine_port import Drain, Engine, HungUp
from features.calls.job_specs import CONNECT, TERMINATE, ConnectJob, TerminateJob
from features.calls.live_call import CallTimes, LiveCall
from features.calls.rules import CallFacts, Limits, short_answer
from features.calls.speech import speech_for
from features.calls.states import CallState, End
from features.calls.tables import CallRow
from jobs.model import Job, LaneState, Outcome
from jobs.spec import HandledJob
from services.clients.cloud_api.errors import Rejected, WhatsAppError
from services.conversations.state import ConversationState
from services.conversations.turn import ConversationTurn
from services.feature import Parts
from services.sending.numbers import acting_as
from storage.engine.group_commit import Transaction
from storage.tables.users import Users

#: Longest wait for the assistant, in seconds: the caller hears nothing meanwhile.
DIALOG_SECONDS = 2.0
#: Ends of calls that Meta still lets ring.
REJECTED = frozenset({End.OFF, End.NOT_ALLOWED, End.BUSY, End.FAILED})


@dataclass(slots=True)
class CallDesk:
    """Handles the events of calls."""

    parts: Parts
    #: Carries the audio; None where calls are off.
    engine: Engine | None
    api: CallingApi
    book: CallBook
    limits: Limits
    times: CallTimes
    hours: CallHours
    staged: Callable[[CallState, float], None]
    ended: Callable[[End], None]
    #: Names this process in the rows of its calls.
    owner: str
    #: Talks with callers, in place of the menu; None where no feature adds it.
    assistant: CallAssistant | None = None
    live: dict[str, LiveCall] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs of calls, with their handlers."""
        return (CONNECT.handled_by(self.connect), TERMINATE.handled_by(self.terminate))

    async def connect(self, job: Job, body: ConnectJob, state: LaneState) -> Outcome:
        """A person calls: answer, or turn the call away and say so in the chat."""
        _, number, user_key = job.lane.split(":", 2)
        turn = await self._turn(number, user_key)
        now = turn.now
        offered_at = now if body.at is None else min(now, datetime.fromtimestamp(body.at, UTC))
        facts = self._facts(turn, body, now - offered_at)
        new = rows.Offered(
            body.call, number, user_key, turn.language, body.payload, offered_at, self.owner
        )
        claimed = await self.parts.database.submit(
            Transaction(lambda connection, at: rows.claim(connection, at, new, facts, self.limits))
        )
        row = claimed.row
        if claimed.is_ours and self.engine is not None:
            self._begin(row, body.sdp, turn, short_answer(facts), self.engine)
            return Outcome()
        if row.is_over and row.meta_status is None and row.reason in REJECTED:
            await self._reject(row)
        if row.reason is not None:
            self.ended(row.reason)
        return Outcome(jobs=after(row))

    async def terminate(self, job: Job, body: TerminateJob, state: LaneState) -> Outcome:
        """Meta says that a call is over."""
        _, number, user_key = job.lane.split(":", 2)
        row = await self.parts.database.submit(
            Transaction(lambda connection, at: rows.finish(connection, at, body, number, user_key))
        )
        self.hung_up(body.call)
        return Outcome(jobs=after(row))

    def hung_up(self, call: str) -> None:
        """Have a call of this process end: it is over at Meta."""
        if (live := self.live.get(call)) is not None:
            live.events.queue.put_nowait(HungUp())

    async def keep_alive(self) -> None:
        """Say that this process lives, and end the calls that another process saw end."""
        if not self.live:
            return
        before = list(self.live)
        at = self.parts.clock()
        open_calls = await self.parts.database.submit(
            Transaction(lambda connection, _: rows.keep_alive(connection, self.owner, at))
        )
        for call in set(before) - set(open_calls):
            self.hung_up(call)

    async def end_orphans(self, *, is_alone: bool | None = None) -> int:
        """End the calls of processes that are gone: at Meta, in their rows, and with an apology.

        Return how many there were. `is_alone` is as in `rows.orphans`.
        """
        at = self.parts.clock()
        found = await self.parts.database.reader.run(
            lambda connection, _: rows.orphans(connection, at, self.owner, is_alone=is_alone)
        )
        for row in found:
            with acting_as(row.phone_number_id):
                await self._end_orphan(row)
        return len(found)

    async def drain(self, patience: timedelta) -> None:
        """Let calls go on for a while, then say goodbye, and end them."""
        if not self._tasks:
            return
        if patience:
            await asyncio.wait(self._tasks, timeout=patience.total_seconds())
        for live in list(self.live.values()):
            live.events.queue.put_nowait(Drain())
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=DRAIN_SECONDS)

    async def settled(self) -> None:
        """Wait until no call goes on."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _facts(self, turn: ConversationTurn, body: ConnectJob, age: timedelta) -> CallFacts:
        is_silent = turn.is_blocked or turn.is_opted_out
        return CallFacts(
            age=age,
            is_on=self.engine is not None,
            is_ready=self.engine is not None and self.engine.is_up,
            is_allowed=self.parts.allowlist.admits(turn.user) and not is_silent,
            has_offer=bool(body.sdp),
            is_open=self.hours.are_open(turn.phone_number_id, turn.now),
            is_held=turn.is_bot_paused,
        )

    async def _turn(self, number: str, user_key: str) -> ConversationTurn:
        """Return what is known of the person; their conversation goes on in its own lane."""
        user = await Users(self.parts.database).find(user_key) or User(user_key)
        user = self.parts.allowlist.with_role(user)
        language = self.parts.conversations.runner.language_of(user)
        now = self.parts.clock()
        return ConversationTurn(user, number, ConversationState(), language, now)

    def _begin(
        self, row: CallRow, sdp: str, turn: ConversationTurn, short: End | None, engine: Engine
    ) -> None:
        speech = speech_for(self.parts.context, turn)
        parts = (engine, self.api, self.book, self.times, self.staged)
        begin = partial(self._begin_dialog, row, turn)
        live = LiveCall(row, sdp, speech, short, begin, *parts)
        self.live[row.id] = live
        task = asyncio.create_task(self._run(live))
        self._tasks.add(task)
        task.add_done_callback(partial(self._forget, row.id))

    async def _begin_dialog(self, row: CallRow, turn: ConversationTurn) -> CallDialog | None:
        """Have the assistant talk; without it, or if it fails, the menu does."""
        if self.assistant is None:
            return None
        try:
            async with asyncio.timeout(DIALOG_SECONDS):
                return await self.assistant.begin(row, turn)
        except Exception as error:  # noqa: BLE001 - the caller hears the menu
            logger.opt(exception=error).error("the assistant does not talk in a call")
            return None

    async def _run(self, live: LiveCall) -> None:
        try:
            self.ended(await live.run())
        except Exception as error:  # noqa: BLE001 - other calls go on; the row is an orphan's
            logger.opt(exception=error).error("a call broke off")

    def _forget(self, call: str, task: asyncio.Task[Any]) -> None:
        self.live.pop(call, None)
        self._tasks.discard(task)

    async def _reject(self, row: CallRow) -> None:
        try:
            await self.api.reject(row.id, since=row.offered_at)
        except WhatsAppError as error:
            logger.info("Meta did not reject a call: {}", advice(error))

    async def _end_orphan(self, row: CallRow) -> None:
        try:
            await self.api.terminate(row.id)
        except Rejected:
            pass  # it is over already
        except WhatsAppError as error:
            logger.warning("a call of a process that is gone goes on: {}", advice(error))
            return
        await self.book.end(row.id, End.ORPHANED)
        self.ended(End.ORPHANED)


#: Longest wait for the goodbyes of all calls when the process stops, in seconds.
DRAIN_SECONDS = 6.0
