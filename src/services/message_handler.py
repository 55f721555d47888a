"""Decides what one message of a person leads to: the routing table, and the first stage that fits.

The stages are in `services/conversations/core_stages.py` and in the features; `python3 watch.py
flows` draws the table.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flow_engine import StartFlow, TalkToAssistant
from services.conversations.bursts import BURST, PAUSE, Burst, Bursts
from services.conversations.calls import HELD, CallResult
from services.conversations.context import ConversationContext
from services.conversations.core_stages import MACHINE, OPT_OUT, CoreStages
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.effect_executor import EffectExecutor
from services.conversations.forms import Forms
from services.conversations.machines import Machines
from services.conversations.message_types import MessagePolicy, policy_for
from services.conversations.misses import with_end_of_misses
from services.conversations.profile import leave_form
from services.conversations.replies import Replies
from services.conversations.schedule import take_due
from services.conversations.stage import Routed, Stage, arrange, route
from services.conversations.turn import ConversationTurn


class MessageHandler:
    """Handles messages and timers; every method returns decisions, and changes nothing."""

    def __init__(self, context: ConversationContext) -> None:
        self._context = context
        self._forms = Forms(context)
        self._executor = EffectExecutor(context)
        self._replies = Replies(context)
        self._bursts = Bursts(context)
        self._machines = Machines(context)
        self._stages = arrange(CoreStages(context).table(), context.extensions.stages)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The routing table, in order."""
        return self._stages

    async def process_message(self, turn: ConversationTurn) -> Routed:
        """Offer the message to each stage in turn; exactly one takes it."""
        burst, ended = BURST.read(turn.state), self._bursts.end()
        if turn.message.joined:
            return await self._route(turn, ended)
        if turn.message.is_standby:  # what waits is not answered either: see `bot_paused`
            return await self._route(turn)
        routed = None
        if not burst.messages or turn.message.choice is None:
            routed = await self._route(turn)
        if routed is not None and (not burst.messages or _leaves_burst(routed)):
            tail = NOTHING if _leaves_burst(routed) else self._bursts.begin_tail(turn)
            return replace(routed, decided=routed.decided + tail)
        if routed is not None and routed.stage == OPT_OUT:
            return replace(routed, decided=ended + routed.decided)
        return await self._after_burst(turn, burst, ended)

    async def _route(self, turn: ConversationTurn, before: Decisions = NOTHING) -> Routed:
        routed = with_end_of_misses(await route(self._stages, turn.after(before)))
        if routed.stage not in (MACHINE, PAUSE):
            routed = self._machines.count(routed)
        return replace(routed, decided=before + routed.decided)

    async def _after_burst(self, turn: ConversationTurn, burst: Burst, ended: Decisions) -> Routed:
        """Answer what still waits, and then a message that is answered at once."""
        ended += self._bursts.begin_tail(turn)
        if self._bursts.is_part_of(burst, turn):
            return await self._route(turn, ended)
        first = await self._route(replace(turn, message=burst.as_message()), ended)
        after = turn.after(first.decided)
        second = await self._route(replace(after, began_with=after.state))
        return replace(second, decided=first.decided + second.decided)

    async def process_timer(
        self, turn: ConversationTurn, name: str, number: int, *, late: timedelta
    ) -> Decisions:
        """Remind of an unanswered question, or stop waiting for its answer."""
        return await self._forms.fire_timer(turn, name, number, late=late)

    async def process_scheduled(
        self, turn: ConversationTurn, timer: str, stored: Mapping[str, Any]
    ) -> Decisions:
        """Do what was scheduled; `stored` is what the timer says of it."""
        decided, effect = take_due(turn, timer, stored)
        if effect is None:
            return decided
        return decided + await self._executor.execute(turn.after(decided), [effect])

    async def process_call(self, turn: ConversationTurn, told: CallResult) -> Decisions:
        """Go on after a call; then handle what the person wrote meanwhile, in order."""
        decided = await self._forms.end_call(turn, told)
        held = HELD.read(turn.state)
        turn = turn.after(decided)
        for number, message in enumerate(held):
            if turn.state.flow is not None and turn.state.flow.awaiting_call:
                return decided + Decisions(state=HELD.change(held[number:]))
            turn = replace(turn, message=message, began_with=turn.state)
            routed = await self.process_message(turn)
            decided += routed.decided
            turn = turn.after(routed.decided)
        return decided + Decisions(state=HELD.change(()))

    async def handle_user_register_flow(self, turn: ConversationTurn) -> Decisions:
        """Begin the registration, or take the next answer of it."""
        state = turn.state.flow
        if state is None or state.flow != "registration":
            return await self._executor.execute(turn, [StartFlow("registration")])
        return await self._forms.answer(turn, self._context.flows.flow("registration"))

    async def handle_ai_conversation(self, turn: ConversationTurn) -> Decisions:
        """Hand the conversation to the assistant, if there is one."""
        return await self._executor.execute(turn, [TalkToAssistant()])

    def apologize(self, turn: ConversationTurn) -> Decisions:
        """Say that something went wrong, and lead back to the menu."""
        left = leave_form()
        turn = turn.after(left)
        return left + self._replies.say(turn, "common.broken") + self._replies.show_menu(turn)


def _leaves_burst(routed: Routed) -> bool:
    """Return whether what waits goes on waiting, perhaps with one message more."""
    return routed.stage == PAUSE or policy_for(routed.turn.message) is MessagePolicy.IGNORE
