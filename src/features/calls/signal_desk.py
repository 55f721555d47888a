"""Leads what Meta reports about our calls to the process that has the call."""

from dataclasses import dataclass

from loguru import logger
from sqlalchemy import Connection

from features.calls import own_rows, rows, signals
from features.calls.calling import CallingApi, advice
from features.calls.carrying import CarriedCalls
from features.calls.engine_port import MetaAnswer, MetaStatus
from features.calls.job_specs import ANSWERED, STATUS, AnsweredJob, StatusJob
from features.calls.signals import Signal
from jobs.model import Job, LaneState, Outcome
from jobs.spec import HandledJob, person_lane
from services.clients.cloud_api.errors import WhatsAppError
from services.parts import Parts
from storage.engine.group_commit import Transaction


@dataclass(frozen=True, slots=True)
class SignalDesk:
    """Handles answers and statuses of calls of ours."""

    parts: Parts
    api: CallingApi
    calls: CarriedCalls

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs, with their handlers."""
        return (ANSWERED.handled_by(self.answered), STATUS.handled_by(self.status))

    async def answered(self, job: Job, body: AnsweredJob, state: LaneState) -> Outcome:
        """Meta answers a call of ours: whichever process has it connects its audio."""
        await self._pass_on(job, body.call, MetaAnswer(body.sdp))
        return Outcome()

    async def status(self, job: Job, body: StatusJob, state: LaneState) -> Outcome:
        """The phone of a person whom we call rings, or they took the call, or declined it."""
        note = Transaction(
            lambda connection, _: own_rows.note_status(connection, body.call, body.status)
        )
        await self.parts.database.submit(note)
        await self._pass_on(job, body.call, MetaStatus(body.status))
        return Outcome()

    async def _pass_on(self, job: Job, call: str, signal: Signal) -> None:
        """Lead what Meta reports about a call of ours to the process that has the call."""
        if self.calls.tell(call, signal):
            return
        number, user_key = person_lane(job)
        now = self.parts.clock()

        def leave(connection: Connection, _: float) -> bool:
            row = rows.find(connection, call)
            is_awaited = row is None and own_rows.is_being_dialled(
                connection, number, user_key, now
            )
            if is_awaited or (row is not None and not row.is_over):
                signals.put(connection, call, user_key, signal, now)
            return is_awaited or row is not None

        if not await self.parts.database.submit(Transaction(leave)):
            await self._hang_up(call)  # its process was killed before Meta named the call

    async def _hang_up(self, call: str) -> None:
        try:
            await self.api.terminate(call)
        except WhatsAppError as error:
            logger.info("a call that nobody has was not ended: {}", advice(error))
