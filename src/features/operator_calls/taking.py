"""What operators see of live calls, and do in them; the process that has a call carries it out."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from domain.conversation_status import ConversationStatus
from domain.json import JsonObject
from domain.user import User
from features.calls import rows
from features.calls.operators import Wish
from features.calls.states import CallState
from features.calls.tables import CallRow, row_of, voice_call
from features.inbox import masks, operators
from features.inbox.acting import InboxActs
from features.inbox.conversation import ActRefused, Conversation, find_conversation
from features.inbox.operators import Operator
from features.inbox.tables import threads
from features.operator_calls import presence, tables
from features.operator_calls.tables import LegRow, LegState
from jobs.job_queue import Decision
from jobs.model import NewJob
from storage.engine.group_commit import Transaction
from storage.engine.write import Write
from storage.tables import users

#: Longest wait for the process that has the call, and pause between two looks, in seconds.
ANSWER_SECONDS, LOOK_SECONDS = 8.0, 0.05
#: Calls that are shown.
MAX_CALLS = 50
OVER = "This call is over."
NOT_TAKEN = "The call could not be taken over. Try again."


class _Acted(NamedTuple):
    """What an act of an operator leads to."""

    user_key: str
    jobs: Sequence[NewJob] = ()
    writes: Sequence[Write] = ()


@dataclass(frozen=True, slots=True)
class TakenCalls:
    """Live calls, for operators."""

    acts: InboxActs
    clock: Callable[[], datetime]
    #: Told that something is new in the database.
    news: Callable[[], None]
    #: Whether this bot takes calls.
    is_on: bool
    ice_servers: Sequence[str] = ()

    async def all(self, operator: Operator) -> JsonObject:
        """Return the calls in which people talk, and note that the operator is there."""
        if not self.is_on:
            return {"calls": [], "is_on": False}
        now = self.clock()
        if not operator.is_away:
            note = Transaction(lambda connection, _: presence.note(connection, now))
            await self.acts.database.submit(note)

        def read(connection: Connection, _: float) -> JsonObject:
            found = _live(connection)
            legs = tables.open_legs(connection, [one.id for one in found])
            mask = masks.mask_for(connection, operator)
            people = users.people(connection, users.by_key, [one.user_key for one in found])
            shown = [
                _shown(
                    one,
                    legs,
                    operator,
                    mask,
                    people,
                    has_chat=threads.number_of(connection, one.user_key) is not None,
                )
                for one in found
            ]
            return {"calls": shown, "is_on": True, "ice_servers": [*self.ice_servers]}

        return await self.acts.database.reader.run(read)

    async def take(self, operator: Operator, call: str, leg: str, sdp: str) -> str:
        """Take a call over, and its conversation. Return the SDP answer. Raise ActRefused."""

        def act(connection: Connection, now: datetime) -> _Acted:
            row = rows.find(connection, call)
            if row is None or row.state != CallState.TALKING:
                raise ActRefused(OVER)
            legs = tables.open_legs(connection, [call])
            if (other := next((one.operator for one in legs if one.operator), None)) is not None:
                raise ActRefused(f"{other} talks in this call.")
            given = (call, row.user_key, LegState.ASKED, now)
            tables.add(connection, leg, *given, operator=operator.name, offer=sdp)
            return self._taken(connection, operator, row.user_key, now)

        await self._carry_out(operator, "took a call", act)
        return await self._answer(call, leg)

    async def end(self, operator: Operator, leg: str, wish: Wish) -> None:
        """Hang up, or let the bot go on, in the call and in the chat. Raise ActRefused.

        Return once the call has obeyed: a browser that left before would seem to have broken off.
        """

        def act(connection: Connection, now: datetime) -> _Acted:
            row = tables.find(connection, leg)
            if row is None or row.operator != operator.name:
                raise ActRefused(OVER)
            tables.change(connection, leg, {"wish": wish.value})
            it = _conversation(connection, row.user_key, now)
            if wish is Wish.HANG_UP or it is None:
                return _Acted(row.user_key)
            return _Acted(row.user_key, *self.acts.let_go(it, ConversationStatus.BOT))

        name = "hung up" if wish is Wish.HANG_UP else "handed a call back"
        await self._carry_out(operator, name, act)
        await self._leg_once(leg, lambda _: False)

    async def _carry_out(
        self,
        operator: Operator,
        name: str,
        act: Callable[[Connection, datetime], _Acted],
    ) -> None:
        """Carry out an act once, and keep who did it."""

        def decide(connection: Connection, seconds: float) -> Decision[ActRefused | None]:
            now = datetime.fromtimestamp(seconds, UTC)
            if operators.has_done(connection, operator):
                return Decision(None)
            try:
                acted = act(connection, now)
            except ActRefused as refused:
                return Decision(refused)
            operators.note(connection, operator, name, acted.user_key, now)
            return Decision(None, acted.jobs, acted.writes)

        if (refused := await self.acts.queue.decide(decide)) is not None:
            raise refused
        self.news()

    def _taken(
        self, connection: Connection, operator: Operator, user_key: str, now: datetime
    ) -> _Acted:
        """Return what has the operator answer in the chat, too, if there is one yet."""
        if (it := _conversation(connection, user_key, now)) is None:
            return _Acted(user_key)
        held = self.acts.hold(it, operator)
        assigned = threads.change(user_key, assigned_to=operator.name)
        return _Acted(user_key, held.jobs, [*held.writes, assigned])

    async def _answer(self, call: str, leg: str) -> str:
        row = await self._leg_once(leg, lambda one: one.answer is not None)
        if row is None or row.state == LegState.ENDED:
            raise ActRefused(NOT_TAKEN)
        if row.answer is not None:
            return row.answer
        end = {"state": LegState.ENDED.value, "offer": None}
        await self.acts.database.submit(Transaction(lambda c, _: tables.change(c, leg, end)))
        found = await self.acts.database.reader.run(lambda c, _: rows.find(c, call))
        raise ActRefused(OVER if found is None or found.is_over else NOT_TAKEN)

    async def _leg_once(self, leg: str, is_so: Callable[[LegRow], bool]) -> LegRow | None:
        """Return a row once something holds or it has ended, or as it is after a while."""
        began = time.monotonic()
        while True:
            row = await self.acts.database.reader.run(lambda c, _: tables.find(c, leg))
            is_late = time.monotonic() - began > ANSWER_SECONDS
            if row is None or row.state == LegState.ENDED or is_so(row) or is_late:
                return row
            await asyncio.sleep(LOOK_SECONDS)


def _conversation(connection: Connection, key: str, now: datetime) -> Conversation | None:
    try:
        return find_conversation(connection, key, now)
    except ActRefused:  # they call before they write
        return None


def _live(connection: Connection) -> Sequence[CallRow]:
    of = voice_call.c
    query = select(voice_call).where(of.state == CallState.TALKING.value)
    found = connection.execute(query.order_by(of.offered_at).limit(MAX_CALLS))
    return [row_of(row) for row in found]


def _shown(
    row: CallRow,
    legs: Sequence[LegRow],
    operator: Operator,
    mask: masks.Mask,
    people: Mapping[str, User],
    *,
    has_chat: bool,
) -> JsonObject:
    own = [one for one in legs if one.call_id == row.id]
    who = next((one.operator for one in own if one.operator), None)
    since = row.accepted_at or row.offered_at
    return {
        "call": mask.hide(row.id),
        "key": mask.hide(row.user_key),
        "name": mask.name(people.get(row.user_key) or User(row.user_key)),
        "since": since.isoformat(),
        "is_outgoing": row.is_outgoing,
        "has_chat": has_chat,
        "is_waiting": any(one.state == LegState.WANTED for one in own),
        "operator": who,
        "is_mine": who == operator.name,
    }
