"""What happens to the open form besides texts: files, timers, ends of calls, a newer version."""

from dataclasses import dataclass
from datetime import timedelta

from flow_engine import CallEnded, CallFailed, Sent, TimerFired
from flow_engine.advance import advance, resume
from services.conversations.calls import CallResult, hold
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.effect_executor import EffectExecutor
from services.conversations.extensions import Reset
from services.conversations.form_answers import as_reply
from services.conversations.interruptions import forget_interrupted
from services.conversations.open_form import leave_form, wait_again, waits_of
from services.conversations.turn import ConversationTurn
from services.conversations.unclear_answers import UNCLEAR, UnclearAnswer, agrees, checked

#: The time after a person's last message in which a business may write freely.
WINDOW = timedelta(hours=24)
#: Meta's types of messages that are no text.
SENT_KINDS = ("image", "video", "audio", "document", "location", "contacts")
#: A timer that is later than this fires after the bot was away: workers look much more often.
LATE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class FormEvents:
    """Goes where such an event leads."""

    context: ConversationContext

    @property
    def _executor(self) -> EffectExecutor:
        return EffectExecutor(self.context)

    async def resume(self, turn: ConversationTurn) -> Decisions:
        """Bring the open form up to date with the newest version of its flow."""
        stored = turn.state.flow
        if stored is None:
            return NOTHING
        flow = self.context.flows.find_flow(stored.flow)
        if flow is None:  # it was removed while somebody was in it
            return leave_form()
        updated = resume(flow, stored)
        if updated.state is not None and updated.state.step == stored.step:
            return Decisions(state={"flow": updated.state})
        return await self._executor.follow(turn, updated)

    async def take(self, turn: ConversationTurn) -> Decisions | None:
        """Take a file, a place or a contact as an answer; None where only text is asked for."""
        flow, state, message = self.context.open_flow(turn), turn.state.flow, turn.message
        is_sent = message.content is not None and message.kind in SENT_KINDS
        if flow is None or state is None or not is_sent:
            return None
        if state.awaiting_call:
            return hold(turn)
        if not flow.received_types(state.step):
            return None
        sent = Sent(message.kind, message.content)
        return await self._executor.follow(turn, advance(flow, state, sent))

    async def fire_timer(
        self, turn: ConversationTurn, name: str, number: int, *, late: timedelta
    ) -> Decisions:
        """Remind of an unanswered question, or stop waiting for its answer.

        `late` is how long after its time the timer fires: if the bot was away for that long, the
        answer may still be redelivered, so it is waited for once more.
        """
        decided = await self._brought_up_to_date(turn)
        turn = turn.after(decided)
        flow, state = self.context.open_flow(turn), turn.state.flow
        if flow is None or state is None:
            return decided
        if name == "cancel" and number == state.turn:
            if late > LATE:
                return decided + wait_again(self.context, turn, flow, number)
            if waits_of(flow, self.context).cancel_after >= WINDOW:
                return decided + leave_form()  # the window is closed: nothing may be said
            decided += forget_interrupted()
            kept = self.context.extensions.reset(turn, Reset.TIMED_OUT)
            if kept.messages:
                return decided + leave_form() + kept
        step = advance(flow, state, TimerFired(name, number))
        return decided + await self._executor.follow(turn.after(decided), step)

    async def end_call(self, turn: ConversationTurn, told: CallResult) -> Decisions:
        """Go on with what the code of a step returned, or with its failure."""
        decided = await self._brought_up_to_date(turn)
        turn = turn.after(decided)
        flow, state = self.context.open_flow(turn), turn.state.flow
        if flow is None or state is None or flow.name != told.flow:
            return decided
        event = CallFailed(told.turn) if told.has_failed else CallEnded(told.result, told.turn)
        return decided + await self._executor.follow(turn, advance(flow, state, event))

    async def take_reading(
        self, turn: ConversationTurn, token: str, found: str | None
    ) -> Decisions:
        """Take what a feature read in an answer; one that it could not read is refused.

        Nothing happens if the form has moved on, or if the person got another answer meanwhile.
        """
        unclear = UNCLEAR.read(turn.state)
        if token != unclear.token:
            return NOTHING
        decided = Decisions(state=UNCLEAR.change(UnclearAnswer()))
        decided += await self._brought_up_to_date(turn.after(decided))
        turn = turn.after(decided)
        flow, state = self.context.open_flow(turn), turn.state.flow
        if flow is None or state is None or state.turn != unclear.turn:
            return decided
        answer = checked(flow, state, unclear, found)
        step = advance(flow, state, as_reply(turn, answer or unclear.text))
        if answer and agrees(step.effects):
            step = advance(flow, state, as_reply(turn, unclear.text))
        return decided + await self._executor.follow(turn, step)

    async def _brought_up_to_date(self, turn: ConversationTurn) -> Decisions:
        """Resume the form; where the bot may not speak any more, leave it."""
        left = leave_form() if turn.is_bot_paused else NOTHING
        return left + await self.resume(turn.after(left))
