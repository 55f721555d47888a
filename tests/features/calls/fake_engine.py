"""An engine without audio: a test says what it reports."""

import base64
from asyncio import Queue

from emulator.cloud_api.testing import CALL_ANSWER, CALL_OFFER
from features.calls.engine_port import CallEvent, CallReport, EngineGone
from features.calls.protocol import (
    Accepted,
    Answer,
    CallEnd,
    Connected,
    End,
    Ended,
    Invitation,
    Invite,
    Offer,
    Order,
    Record,
    Recorded,
    Refused,
    Reply,
    Say,
    StopRecording,
)


class FakeEngine:
    """Answers offers and connects at once, and closes after the last words."""

    def __init__(self) -> None:
        self.is_up = True
        #: whether offers are answered, and whether audio connects
        self.answers = True
        self.connects = True
        #: whether a goodbye is followed by the end
        self.closes = True
        #: what callers say for the team; None: they are still speaking
        self.message: bytes | None = b""
        self.orders: list[Order] = []
        self._queues: dict[str, Queue[CallEvent]] = {}

    async def send(self, order: Order) -> None:
        if not self.is_up:
            raise EngineGone
        self.orders.append(order)
        if isinstance(order, Offer) and not self.answers:
            self.tell(Refused(call=order.call, why="bad_sdp"))
        elif isinstance(order, Offer):
            self.tell(Answer(call=order.call, sdp=CALL_ANSWER))
            if self.connects:
                self.tell(Connected(call=order.call))
        elif isinstance(order, Record | StopRecording) and self.message is not None:
            audio = base64.b64encode(self.message).decode()
            self.tell(Recorded(call=order.call, audio=audio, text="Call me" if audio else ""))
        elif isinstance(order, Invite):
            self.tell(Invitation(call=order.call, sdp=CALL_OFFER))
        elif isinstance(order, Reply) and self.connects:
            self.tell(Connected(call=order.call))
        elif isinstance(order, Say) and order.then_end and self.closes:
            self.tell(Ended(call=order.call, end=CallEnd.CLOSED, heard_seconds=2, said_seconds=9))

    def route(self, call: str, events: "Queue[CallEvent]") -> None:
        self._queues[call] = events

    def unroute(self, call: str) -> None:
        del self._queues[call]

    def tell(self, report: CallReport) -> None:
        """Report something about a call."""
        if (queue := self._queues.get(report.call)) is not None:
            queue.put_nowait(report)

    @property
    def open_calls(self) -> list[str]:
        """The calls whose reports somebody awaits."""
        return [*self._queues]

    def is_accepted(self, call: str) -> bool:
        return any(isinstance(one, Accepted) and one.call == call for one in self.orders)

    def is_closed(self, call: str) -> bool:
        return any(isinstance(one, End) and one.call == call for one in self.orders)

    def said(self, call: str) -> list[str]:
        """The sentences that were to be spoken, in order."""
        kinds = Say | Record
        says = [one for one in self.orders if isinstance(one, kinds) and one.call == call]
        return [line.text for one in says for line in one.lines]
