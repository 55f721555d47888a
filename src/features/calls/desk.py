"""The desk: decides about each call, and runs those that are answered.

A job ends once the call is begun. What keeps the call is its row, and the sign of life of the
process that has its audio; when that process is gone, another one ends the call at Meta.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from loguru import logger

from domain.user import User
from features.calls import rows, signals
from features.calls.book import CallBook, after
from features.calls.call_hours import CallHours
from features.calls.calling import CallingApi, advice, end_at_meta, turn_away
from features.calls.carrying import Carried, CarriedCalls
from features.calls.dialog import CallAssistant, CallDialog
from features.calls.engine_port import Engine
from features.calls.incoming_call import CallTimes
from features.calls.job_specs import CONNECT, TERMINATE, ConnectJob, TerminateJob
from features.calls.live_call import LiveCall
from features.calls.operators import CallOperators
from features.calls.own_rows import OWN_ID
from features.calls.rules import CallFacts, Limits, short_answer
from features.calls.signal_desk import SignalDesk
from features.calls.speech import speech_for
from features.calls.states import CallState, End
from features.calls.tables import CallRow
from jobs.model import Job, LaneState, Outcome, Snooze
from jobs.spec import HandledJob, person_lane
from services.clients.cloud_api.errors import WhatsAppError
from services.conversations.state import ConversationState
from services.conversations.turn import ConversationTurn
from services.feature import Parts
from services.sending.numbers import acting_as
from storage.engine.group_commit import Transaction
from storage.tables.users import Users

#: Longest wait for the assistant, in seconds: the caller hears nothing meanwhile.
DIALOG_SECONDS = 2.0
#: Age until which a call for which there is no line here rings on: other processes may take it,
#: or the engine may start again. Pause between two looks.
SHARED_FOR, ENGINE_STARTS_WITHIN = timedelta(seconds=4), timedelta(seconds=8)
LINE_PAUSE = timedelta(seconds=0.3)
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
    #: Take calls over; None where no feature adds them.
    operators: CallOperators | None = None
    calls: CarriedCalls = field(init=False)

    def __post_init__(self) -> None:
        self.calls = CarriedCalls(self.ended)

    @property
    def live(self) -> Mapping[str, Carried]:
        """The calls of this process, by Meta's id."""
        return self.calls.live

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs of calls, with their handlers."""
        return (
            CONNECT.handled_by(self.connect),
            TERMINATE.handled_by(self.terminate),
            *SignalDesk(self.parts, self.api, self.calls).handled(),
        )

    async def connect(self, job: Job, body: ConnectJob, state: LaneState) -> Outcome:
        """A person calls: answer, or turn the call away and say so in the chat."""
        number, user_key = person_lane(job)
        turn = await self.turn(number, user_key)
        now = turn.now
        offered_at = now if body.at is None else min(now, datetime.fromtimestamp(body.at, UTC))
        facts = self._facts(turn, body, now - offered_at)
        new = rows.Offered(
            body.call, number, user_key, turn.language, body.payload, offered_at, self.owner
        )
        is_alone = self.parts.database.url.get_backend_name() == "sqlite"
        limits = replace(
            self.limits,
            are_shared=not is_alone and facts.age <= SHARED_FOR,
            is_waited_for=facts.age <= ENGINE_STARTS_WITHIN,
        )
        claimed = await self.parts.database.submit(
            Transaction(lambda connection, at: rows.claim(connection, at, new, facts, limits))
        )
        if claimed is None:
            raise Snooze("this process has no line for the call yet", LINE_PAUSE)
        row = claimed.row
        if claimed.is_ours and self.engine is not None:
            self._begin(row, body.sdp, turn, short_answer(facts), self.engine)
            return Outcome()
        if row.is_over and row.meta_status is None and row.reason in REJECTED:
            await turn_away(self.api, row.id, row.offered_at)
        if row.reason is not None:
            self.ended(row.reason)
        return Outcome(jobs=after(row))

    async def terminate(self, job: Job, body: TerminateJob, state: LaneState) -> Outcome:
        """Meta says that a call is over."""
        number, user_key = person_lane(job)
        row = await self.parts.database.submit(
            Transaction(lambda connection, at: rows.finish(connection, at, body, number, user_key))
        )
        self.calls.hung_up(body.call)
        return Outcome(jobs=after(row))

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
            self.calls.hung_up(call)

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
        await self.calls.drain(patience)

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

    async def turn(self, number: str, user_key: str) -> ConversationTurn:
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
        live = LiveCall(
            call=row.id,
            sdp=sdp,
            language=speech.language,
            offered_at=row.offered_at,
            engine=engine,
            api=self.api,
            times=self.times,
            staged=self.staged,
            row=row,
            speech=speech,
            short=short,
            begin_dialog=partial(self.begin_dialog, row, turn),
            book=self.book,
            operators=self.operators,
        )
        self.calls.carry(live, row.id)

    async def begin_dialog(
        self, row: CallRow, turn: ConversationTurn, opening: str = ""
    ) -> CallDialog | None:
        """Have the assistant talk; without it, or if it fails, the menu does.

        `opening` is what a person hears first whom we call.
        """
        if self.assistant is None:
            return None
        try:
            async with asyncio.timeout(DIALOG_SECONDS):
                return await self.assistant.begin(row, turn, opening)
        except Exception as error:  # noqa: BLE001 - the caller hears the menu
            logger.opt(exception=error).error("the assistant does not talk in a call")
            return None

    async def _end_orphan(self, row: CallRow) -> None:
        await self.book.note_reason(row.id, End.ORPHANED)
        try:
            await self._end_at_meta(row)
        except WhatsAppError as error:
            logger.warning("a call of a process that is gone goes on: {}", advice(error))
            return
        await self.book.end(row.id, End.ORPHANED)
        self.ended(End.ORPHANED)

    async def _end_at_meta(self, row: CallRow) -> None:
        """End a call that rings at Meta, is answered, or is over: its row may be behind."""
        call: str | None = row.id
        if row.id.startswith(OWN_ID):  # its process was killed before it read Meta's id
            call = await self.parts.database.reader.run(
                lambda c, _: signals.unnamed(c, row.user_key, row.offered_at)
            )
        if call is None:
            return  # Meta tells its id later, or never: `SignalDesk` ends it
        may_ring = row.accepted_at is None and not row.is_outgoing
        await end_at_meta(self.api, call, row.offered_at, may_ring=may_ring)
