"""A call in which an operator talks, and the bot is silent."""

import asyncio
from dataclasses import dataclass

from features.calls.call_events import CallEvents, CallOver
from features.calls.dialog_talk import DialogTalk
from features.calls.engine_port import Engine
from features.calls.leg_frames import Join, Leave, LegAnswer, LegEnded, LegUp
from features.calls.operators import CallOperators, OperatorJoins, OperatorWishes, Wish
from features.calls.protocol import Digit, Line, Say, Silent
from features.calls.speech import Speech
from features.calls.states import End
from features.calls.tables import CallRow


@dataclass(slots=True)
class JoinedTalk:
    """Lets callers wait for operators, and operators talk."""

    row: CallRow
    speech: Speech
    engine: Engine
    events: CallEvents
    operators: CallOperators

    async def wait(self, model: DialogTalk | None) -> OperatorJoins | None:
        """Let the caller wait. Return the operator who takes the call; None if nobody does.

        Raises CallOver, also for a caller who gives up by the pound key.
        """
        await self.operators.want(self.row)
        await self._say(self.speech.line("asking_team"))
        try:
            async with asyncio.timeout(self.operators.patience.total_seconds()):
                return await self._next_operator(model)
        except TimeoutError:
            return None
        finally:
            await self.operators.forget(self.row)

    async def run(self, joining: OperatorJoins, model: DialogTalk | None) -> bool:
        """Let an operator talk until they leave. Return whether both heard each other.

        Raises CallOver once the call ends: for the caller, or because the operator wants it.
        """
        try:
            join = Join(call=self.row.id, leg=joining.leg, sdp=joining.sdp)
            await self.engine.send(join)
            with self.events.unlimited():
                return await self._until_left(joining.leg, model)
        finally:
            await self.operators.leave(joining.leg)

    async def _until_left(self, leg: str, model: DialogTalk | None) -> bool:
        while True:
            match await self.events.next():
                case LegAnswer(sdp=sdp):
                    await self.operators.answer(leg, sdp)
                case LegUp():
                    if model is not None:
                        await model.close()
                    await self._say(self.speech.line("operator_joins"))
                    await self.operators.talk(leg)
                case LegEnded(leg=ended, was_up=was_up):
                    if ended == leg:
                        return was_up
                    await self.operators.leave(ended)
                case OperatorWishes(leg=of, wish=wish) if of == leg:
                    if wish is Wish.HANG_UP:
                        raise CallOver(End.COMPLETED)
                    await self.engine.send(Leave(call=self.row.id, leg=leg))
                case OperatorJoins(leg=other):
                    await self.operators.leave(other)  # a colleague was faster
                case event if model is not None:
                    await model.note(event)

    async def _next_operator(self, model: DialogTalk | None) -> OperatorJoins:
        while True:
            match await self.events.next():
                case OperatorJoins() as joining:
                    return joining
                case Silent():
                    await self._say(self.speech.line("still_asking"))
                case Digit(digit="#"):
                    raise CallOver(End.COMPLETED)
                case event if model is not None:
                    await model.note(event)

    async def _say(self, *lines: Line) -> None:
        await self.engine.send(Say(call=self.row.id, lines=lines))
