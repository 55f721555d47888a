"""Runs the code that a flow calls between two questions (`Call`), off the lane of the conversation.

A job of the pool CALLS runs the code, and its last act is a job of the conversation with the
result. Both commit with what caused them, so nothing is lost when a process is killed; the code
may run twice then.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from loguru import logger
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from domain.inbound import Inbound, Sender
from flow_engine import Call, Flow, RunCall
from flow_engine.ask import CallHandler
from jobs.model import Job, LaneState, Outcome, RetryLater
from jobs.retry import INTERACTIVE, RetryPolicy
from jobs.spec import HandledJob, JobSpec, Pool, WorkerProfile
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions, enqueueing
from services.conversations.job_specs import CONVERSATIONS, conversation_lane
from services.conversations.state import StateSlot
from services.conversations.turn import ConversationTurn

#: Most people whose calls run at the same time, in one process.
MAX_CALLS = 50
#: Most messages that are kept while a call runs; later ones are answered with "one moment".
MAX_HELD_MESSAGES = 50

CALLS = Pool("calls", WorkerProfile("calls", max_lanes=MAX_CALLS), is_about_person=True)


class CallJob(BaseModel):
    """A call of the code of one step."""

    model_config = ConfigDict(frozen=True)

    flow: str
    step: str
    #: The turn of the flow that waits for the result.
    turn: int
    answers: dict[str, Any]


class CallResult(BaseModel):
    """What became of a call; `result` is a JSON value, or None if it failed."""

    model_config = ConfigDict(frozen=True)

    flow: str
    turn: int
    result: Any = None
    has_failed: bool = False


class CallFailedOnce(RetryLater):
    """The code of a step failed, and is tried again."""


#: The step says how often; what stops the process counts here.
_RETRY = RetryPolicy(tries=100, first=timedelta(seconds=1), longest=timedelta(seconds=30))
CALL = JobSpec("call", CallJob, pool=CALLS, retry=_RETRY)
CALL_ENDED = JobSpec("call_ended", CallResult, pool=CONVERSATIONS, retry=INTERACTIVE)

#: What a person wrote while a call ran, in order, without what says who wrote it.
HELD = StateSlot("held", TypeAdapter(tuple[Inbound, ...]), ())


def call(turn: ConversationTurn, effect: RunCall) -> Decisions:
    """Decide to run the code of a step."""
    body = CallJob(
        flow=effect.flow, step=effect.step, turn=effect.turn, answers=dict(effect.answers)
    )
    lane = CALLS.lane(turn.phone_number_id, turn.user.key)
    return enqueueing([CALL.new(lane, body)])


def hold(turn: ConversationTurn) -> Decisions | None:
    """Decide to keep a message until the call has ended; None if there are too many."""
    held = HELD.read(turn.state)
    if len(held) >= MAX_HELD_MESSAGES:
        return None
    nameless = replace(turn.message, sender=Sender())
    return Decisions(state=HELD.change((*held, nameless)))


class CallJobs:
    """Runs the code of steps."""

    def __init__(self, context: ConversationContext) -> None:
        self._flows = context.flows
        self._named = context.calls

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the job, if any flow calls code."""
        flows = (one for one in self._flows if isinstance(one, Flow))
        if not any(isinstance(step, Call) for flow in flows for step in flow.steps):
            return ()
        return (CALL.handled_by(self.run, on_discard=self.give_up),)

    async def run(self, job: Job, body: CallJob, state: LaneState) -> Outcome:
        """Run the code once; its result, or its last failure, goes to the conversation."""
        flow = self._flows.find_flow(body.flow)
        steps = {step.name: step for step in flow.steps} if flow is not None else {}
        step = steps.get(body.step)
        if flow is None or not isinstance(step, Call):
            return _ended(job, body, has_failed=True)  # the flow is another one by now
        try:
            form = flow.filled_in(body.answers)
            async with asyncio.timeout(step.timeout.total_seconds()):
                result = await self._handler(step)(form)
        except Exception as error:
            logger.opt(exception=error).warning(
                "{}.{}: the call failed, attempt {}", flow.name, step.name, job.tries + 1
            )
            if job.tries < step.retries:
                raise CallFailedOnce(type(error).__name__, timedelta(0)) from error
            return _ended(job, body, has_failed=True)
        return self._checked(job, body, flow, result)

    def _handler(self, step: Call) -> CallHandler:
        return self._named[step.handler] if isinstance(step.handler, str) else step.handler

    async def give_up(self, job: Job, body: CallJob | None, state: LaneState) -> Outcome:
        """Tell the conversation that the code never ended, as when it kills the process."""
        return _ended(job, body, has_failed=True) if body is not None else Outcome()

    def _checked(self, job: Job, body: CallJob, flow: Flow[Any], result: object) -> Outcome:
        """Return the result as it is stored; one that does not fit the field is a failure."""
        try:
            return _ended(job, body, flow.read(body.step, result))
        except ValidationError as error:
            kinds = ", ".join(sorted({one["type"] for one in error.errors()}))
            logger.error(
                "{}.{}: the result of the call is no answer: {}", flow.name, body.step, kinds
            )
            return _ended(job, body, has_failed=True)


def _ended(job: Job, body: CallJob, result: object = None, *, has_failed: bool = False) -> Outcome:
    told = CallResult(flow=body.flow, turn=body.turn, result=result, has_failed=has_failed)
    return Outcome(jobs=[CALL_ENDED.new(conversation_lane(job), told)])
