"""Joins an operator's browser with a caller: packets of Opus pass between them undecoded."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from loguru import logger

from features.calls.engine.ear import Ear
from features.calls.engine.mouth import Mouth
from features.calls.engine.opus import OpusDecoder, OpusEncoder, is_whole_frame
from features.calls.engine.peer import Peer, PeerError
from features.calls.engine.sdp import BadOffer, read_offer
from features.calls.frame import Frame
from features.calls.leg_frames import Join, LegAnswer, LegEnded, LegUp

#: Longest time until the browser is connected, and longest time without a packet of it, in seconds.
CONNECT_SECONDS, NO_PACKET_SECONDS = 8.0, 6.0
#: Longest wait for a connection to close, in seconds.
CLOSE_SECONDS = 2.0


@dataclass(slots=True)
class Relay:
    """Passes packets on to a mouth; those that last longer or shorter than 20 ms are made anew."""

    mouth: Mouth
    _codecs: tuple[OpusDecoder, OpusEncoder] | None = None

    def take(self, payload: bytes) -> None:
        """Take a packet of sound."""
        if is_whole_frame(payload):
            self.mouth.passed.put(payload)
            return
        decoder, encoder = self._codecs = self._codecs or (OpusDecoder(), OpusEncoder())
        for packet in encoder.encode(decoder.decode(payload)):
            self.mouth.passed.put(packet)


class Leg:
    """The connection of one operator."""

    def __init__(
        self,
        leg: str,
        caller: Mouth,
        on_state: Callable[[str], None],
        clock: Callable[[], float],
        ice_servers: Sequence[str],
    ) -> None:
        self.id = leg
        self.mouth = Mouth(clock, lambda: None)
        self.began = clock()
        #: when the connection came about, and when the last packet came
        self.up_at: float | None = None
        self.packet_at = 0.0
        self._clock = clock
        self._relay = Relay(caller)
        self._ear: Ear | None = None
        self._peer = Peer(
            self.mouth.next_packet,
            on_rtp=self._take_rtp,
            on_rtcp=self._note_packet,
            on_state=on_state,
            ice_servers=ice_servers,
        )

    async def answer(self, sdp: str) -> str:
        """Return the answer to an offer. Raise BadOffer or PeerError."""
        offer = read_offer(sdp)
        self._ear = Ear(offer.opus, offer.events, _NoDecoder(), _ignore, _ignore, self._hear)
        return await self._peer.answer(offer)

    def open(self) -> None:
        """Let sound through, both ways."""
        self.up_at = self.packet_at = self._clock()
        self.mouth.open()

    def is_gone(self, now: float) -> bool:
        """Return whether the browser did not connect in time, or sends nothing any more."""
        if self.up_at is None:
            return now - self.began >= CONNECT_SECONDS
        return now - self.packet_at >= NO_PACKET_SECONDS

    async def close(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._peer.close()

    def _take_rtp(self, data: bytes) -> None:
        if self._ear is not None and self._ear.take(data):
            self._note_packet()

    def _note_packet(self) -> None:
        self.packet_at = self._clock()

    def _hear(self, payload: bytes) -> None:
        if self.up_at is not None:
            self._relay.take(payload)


@dataclass(slots=True)
class Bridge:
    """The operator in one call, if there is one: one at a time."""

    call: str
    #: Of the caller. The ear is there once their SDP is.
    mouth: Mouth
    ear: Callable[[], Ear | None]
    report: Callable[[Frame], None]
    clock: Callable[[], float]
    ice_servers: Sequence[str] = ()
    _leg: Leg | None = None
    _seconds: float = 0.0
    _ending: set["asyncio.Task[None]"] = field(default_factory=set)

    @property
    def is_up(self) -> bool:
        """Whether an operator and the caller hear each other."""
        return self._leg is not None and self._leg.up_at is not None

    def seconds(self, now: float) -> float:
        """Return for how long operators talked."""
        leg = self._leg
        return self._seconds + (now - leg.up_at if leg is not None and leg.up_at else 0.0)

    async def join(self, order: Join) -> None:
        """Answer the offer of an operator's browser, unless another one is in the call."""
        if self._leg is not None:
            self.report(LegEnded(call=self.call, leg=order.leg))
            return

        def follow(state: str) -> None:
            self._follow(leg, state)

        leg = self._leg = Leg(order.leg, self.mouth, follow, self.clock, self.ice_servers)
        try:
            sdp = await leg.answer(order.sdp)
        except (BadOffer, PeerError) as error:
            logger.warning("the SDP of an operator was refused: {}", error)
            await self._end(leg)
            return
        if leg is self._leg:
            self.report(LegAnswer(call=self.call, leg=leg.id, sdp=sdp))

    async def leave(self, leg_id: str) -> None:
        """Close the connection of an operator."""
        if self._leg is not None and self._leg.id == leg_id:
            await self._end(self._leg)

    async def close(self) -> None:
        """Close whatever is open: the call is over."""
        if self._leg is not None:
            await self._end(self._leg)

    def tick(self, now: float) -> None:
        """End a connection that is gone."""
        if self._leg is not None and self._leg.is_gone(now):
            self._end_soon(self._leg)

    def _follow(self, leg: Leg, state: str) -> None:
        if leg is not self._leg:
            return
        if state == "connected" and leg.up_at is None:
            leg.open()
            if (ear := self.ear()) is not None:
                ear.relay = Relay(leg.mouth).take
            self.report(LegUp(call=self.call, leg=leg.id))
        elif state in ("failed", "closed"):
            self._end_soon(leg)

    def _end_soon(self, leg: Leg) -> None:
        task = asyncio.create_task(self._end(leg))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _end(self, leg: Leg) -> None:
        if leg is not self._leg:
            return
        self._seconds, self._leg = self.seconds(self.clock()), None
        if (ear := self.ear()) is not None:
            ear.relay = None
        self.mouth.passed.clear()
        self.report(LegEnded(call=self.call, leg=leg.id, was_up=leg.up_at is not None))
        await leg.close()


class _NoDecoder:
    """Decodes nothing: all packets are passed on."""

    def decode(self, payload: bytes) -> bytes:
        return b""


def _ignore(_: object) -> None:
    return None
