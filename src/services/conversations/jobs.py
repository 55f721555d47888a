"""Handles the jobs of a conversation: messages and timers of people."""

from dataclasses import dataclass, replace
from datetime import timedelta

from domain.inbound import Inbound
from jobs.model import Job, LaneState, Outcome
from jobs.spec import HandledJob, person_lane
from services.conversations.bursts import BURST, PAUSE, Burst
from services.conversations.calls import CALL_ENDED, CallResult
from services.conversations.decisions import Decisions, enqueueing
from services.conversations.job_specs import CONVERSATIONS, MESSAGE, TIMER, TimerJob
from services.conversations.message_turns import MessageTurns
from services.conversations.turn import ConversationTurn
from services.conversations.turn_runner import TurnRunner
from services.message_handler import MessageHandler

#: What operators are told when the bot could not answer; why may quote what a person wrote.
GIVEN_UP = (
    "The bot could not answer a message, and has apologised. "
    "See why: python3 watch.py jobs list --state dead"
)


@dataclass(frozen=True, slots=True)
class ConversationJobs:
    """One turn of one conversation for each job."""

    runner: TurnRunner
    handler: MessageHandler
    messages: MessageTurns

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs of conversations, with their handlers."""
        return (
            MESSAGE.handled_by(self.handle_message, on_discard=self.apologize),
            TIMER.handled_by(self.handle_timer, on_discard=self.apologize_for_burst),
            CALL_ENDED.handled_by(self.handle_call),
        )

    async def handle_message(self, job: Job, message: Inbound, state: LaneState) -> Outcome:
        """Handle what a person wrote or tapped."""
        message = await self.messages.records.with_quotation(message)
        return await self.messages.run(*await self.runner.load(job, state, message))

    async def handle_timer(self, job: Job, body: TimerJob, state: LaneState) -> Outcome:
        """Handle that a person has not answered for a while."""
        turn, added = await self.runner.load(job, state)
        if body.timer == PAUSE:
            return await self._end_pause(turn, body)
        phone_number_id, key = person_lane(job)
        if turn.user.key != key:  # two people turned out to be one, who goes on in another lane
            lane = CONVERSATIONS.lane(phone_number_id, turn.user.key)
            return Outcome({}, [TIMER.new(lane, body)] if body.later is not None else ())

        if (of_feature := self.runner.context.extensions.timers.get(body.timer)) is not None:
            return await self.runner.run_loaded("timer", job, turn, added, of_feature)

        async def decide(turn: ConversationTurn) -> Decisions:
            if body.later is not None:
                return await self.handler.process_scheduled(turn, body.timer, body.later)
            due = turn.timestamp if body.due is None else body.due
            late = timedelta(seconds=turn.timestamp - due)
            return await self.handler.process_timer(turn, body.timer, body.turn, late=late)

        return await self.runner.run_loaded("timer", job, turn, added, decide)

    async def handle_call(self, job: Job, body: CallResult, state: LaneState) -> Outcome:
        """Handle what the code of a flow returned."""

        async def decide(turn: ConversationTurn) -> Decisions:
            return await self.handler.process_call(turn, body)

        return await self.runner.run("call", job, state, decide)

    async def _end_pause(self, turn: ConversationTurn, body: TimerJob) -> Outcome:
        """Answer the messages of one thought together; a timer that was moved does nothing."""
        burst = BURST.read(turn.state)
        if not burst.messages or burst.count != body.turn:
            return Outcome()
        return await self.messages.run(replace(turn, message=burst.as_message()))

    async def apologize_for_burst(
        self, job: Job, body: TimerJob | None, state: LaneState
    ) -> Outcome:
        """Say that messages were given up that waited for a pause; other timers need no word."""
        if body is None or body.timer != PAUSE:
            return Outcome()
        turn, added = await self.runner.load(job, state)
        forgotten = Decisions(state=BURST.change(Burst()))
        decided = added + forgotten + self.handler.apologize(turn.after(forgotten))
        return self.runner.outcome(turn, decided + self._told(turn))

    async def apologize(self, job: Job, body: object, state: LaneState) -> Outcome:
        """Say that a message was given up, and go back to the menu."""
        turn, added = await self.runner.load(job, state)
        decided = added + self.handler.apologize(turn)
        return self.runner.outcome(turn, decided + self._told(turn))

    def _told(self, turn: ConversationTurn) -> Decisions:
        """Tell operators of an apology, once an hour."""
        key = f"given_up:{turn.now:%Y-%m-%dT%H}"
        return enqueueing(self.runner.context.extensions.alert(GIVEN_UP, key))
