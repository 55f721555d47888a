"""Routes a message through the stages, together with what waits of the same thought."""

from dataclasses import replace

from services.conversations.asked_once import asked_once
from services.conversations.bursts import BURST, PAUSE, Burst, Bursts
from services.conversations.context import ConversationContext
from services.conversations.core_stages import MACHINE, OPT_OUT, CoreStages
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.machines import Machines
from services.conversations.message_types import MessagePolicy, policy_for
from services.conversations.misses import with_end_of_misses
from services.conversations.stage import Route, arrange, route
from services.conversations.turn import ConversationTurn
from services.conversations.unclear_answers import read_no_longer


class MessageRouter:
    """Finds the stage that takes a message."""

    def __init__(self, context: ConversationContext) -> None:
        #: The routing table, in order.
        self.stages = arrange(CoreStages(context).table(), context.extensions.stages)
        self._bursts = Bursts(context)
        self._machines = Machines(context)

    async def route(self, turn: ConversationTurn) -> Route:
        """Return what a message leads to, and before it what waits, if that is answered first."""
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

    async def _route(self, turn: ConversationTurn, before: Decisions = NOTHING) -> Route:
        routed = with_end_of_misses(await route(self.stages, turn.after(before)))
        if routed.stage not in (MACHINE, PAUSE):
            routed = self._machines.count(routed)
        over = read_no_longer(turn, routed.decided) if routed.decided.messages else NOTHING
        return replace(routed, decided=before + routed.decided + over)

    async def _after_burst(self, turn: ConversationTurn, burst: Burst, ended: Decisions) -> Route:
        """Answer what still waits, and then a message that is answered at once."""
        tail = self._bursts.begin_tail(turn)
        if self._bursts.is_part_of(burst, turn):
            whole = await self._route(turn, ended)
            return replace(whole, decided=whole.decided + tail)
        first = await self._route(replace(turn, message=burst.as_message()), ended)
        after = turn.after(first.decided)
        second = await self._route(replace(after, began_with=after.state))
        before = asked_once(first.decided, second.decided)
        return replace(second, decided=before + second.decided + tail)


def _leaves_burst(routed: Route) -> bool:
    """Return whether what waits goes on waiting, perhaps with one message more."""
    return routed.stage == PAUSE or policy_for(routed.turn.message) is MessagePolicy.IGNORE
