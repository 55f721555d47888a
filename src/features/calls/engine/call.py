"""One call: its connection, ear and mouth, and what it says."""

import asyncio
import math
from array import array
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from loguru import logger

from features.calls.engine.bridge import Bridge
from features.calls.engine.ear import Ear
from features.calls.engine.opus import FRAME_SECONDS, OpusDecoder
from features.calls.engine.peer import Peer, PeerError
from features.calls.engine.recorder import Recorder, as_report
from features.calls.engine.sdp import BadOffer, Described, read_answer, read_offer
from features.calls.engine.talk import CallTalk, Services
from features.calls.engine.timers import CallTimers, CallTimes
from features.calls.frame import Frame
from features.calls.protocol import (
    Answer,
    CallEnd,
    Configure,
    Connected,
    Digit,
    Ended,
    Invitation,
    Offer,
    Record,
    Refused,
    Reply,
    Said,
    Say,
    Silent,
)

#: Loudness from which a frame is speech, as the mean of absolute samples, and how many of them.
LOUD, LOUD_FRAMES = 300, 3
#: Every so many samples are looked at.
SAMPLE_STEP = 4
#: Pause between the last packet and the end, in seconds.
GOODBYE_SECONDS = 0.3
#: Longest wait for a connection to close, in seconds.
CLOSE_SECONDS = 2.0


class Call:
    """Carries the audio of one call, and reports what happens in it."""

    def __init__(
        self,
        call: str,
        settings: Configure,
        services: Services,
        report: Callable[[Frame], None],
        clock: Callable[[], float],
    ) -> None:
        self.id = call
        self.talk = CallTalk(call, services, self._tell, clock)
        self._services = services
        self._recorder: Recorder | None = None
        self._settings = settings
        self._report = report
        self._clock = clock
        self._times = CallTimes(offered=clock())
        limits = (settings.connect_seconds, settings.max_seconds)
        self._timers = CallTimers(self._times, *limits)
        self._peer: Peer | None = None
        self._ear: Ear | None = None
        self._loud = self._heard_frames = 0
        ways = (report, clock, settings.ice_servers)
        self.bridge = Bridge(call, self.talk.mouth, lambda: self._ear, *ways)
        self.is_over = False

    async def answer(self, offer: Offer) -> None:
        """Answer an offer, or refuse it."""
        try:
            checked = read_offer(offer.sdp)
            self._listen_to(checked)
            sdp = await self._make_peer().answer(checked)
        except (BadOffer, PeerError) as error:
            await self._refuse(error)
            return
        if not self.is_over:
            self._report(Answer(call=self.id, sdp=sdp))

    async def invite(self) -> None:
        """Make an offer of ours; its time to connect begins with the answer to it."""
        self._times.offered = math.inf
        try:
            sdp = await self._make_peer().offer()
        except PeerError as error:
            await self._refuse(error)
            return
        if not self.is_over:
            self._report(Invitation(call=self.id, sdp=sdp))

    async def connect(self, reply: Reply) -> None:
        """Take the answer to our offer, or refuse it."""
        if self._peer is None or self._ear is not None:
            return  # it is connecting already
        try:
            checked = read_answer(reply.sdp)
            self._listen_to(checked)
            self._times.offered = self._clock()
            await self._peer.connect(checked)
        except (BadOffer, PeerError) as error:
            await self._refuse(error)

    def accept(self) -> None:
        """Let packets out: Meta has confirmed that the call is answered."""
        if self._times.accepted is None:
            self._times.accepted = self._clock()
            self.talk.mouth.open()

    def record(self, order: Record) -> None:
        """Speak lines, then record what the caller says."""
        self._recorder = Recorder(order.max_seconds)
        self.talk.say(Say(call=self.id, lines=order.lines))

    def stop_recording(self) -> None:
        """Report what was recorded, if something is being recorded."""
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            self._saving = asyncio.create_task(self._save(recorder.take()))

    async def end(self, end: CallEnd) -> None:
        """Close the call at once, and report it."""
        if self.is_over:
            return
        self.is_over = True
        self.stop_recording()
        self.talk.close()
        await self.bridge.close()
        heard = round(self._heard_frames * FRAME_SECONDS, 2)
        said = round(self.talk.mouth.speech_frames * FRAME_SECONDS, 2)
        try:
            await self._close()
        finally:
            self._report(Ended(call=self.id, end=end, heard_seconds=heard, said_seconds=said))

    def traffic(self) -> Counter[str]:
        """Return the packets so far, by their names in `Beat`."""
        mouth, lost = self.talk.mouth, 0 if self._ear is None else self._ear.lost
        return Counter(frames=mouth.frames, late_frames=mouth.late_frames, lost_frames=lost)

    def due_end(self) -> CallEnd | None:
        """Return why the call has to end now, and report silence on the way."""
        now = self._clock()
        self.talk.tick(now)
        self.bridge.tick(now)
        self._times.joined = self.bridge.seconds(now)
        if self.talk.is_busy or self.bridge.is_up:
            self._times.speech = now
        if self.talk.ended_at is not None and now - self.talk.ended_at >= GOODBYE_SECONDS:
            return CallEnd.CLOSED
        if (seconds := self._timers.silence(now)) is not None:
            self._report(Silent(call=self.id, seconds=seconds))
        return self._timers.end(now)

    # ---- the connection

    def _listen_to(self, checked: Described) -> None:
        self._ear = Ear(checked.opus, checked.events, OpusDecoder(), self._hear, self._digit)

    def _make_peer(self) -> Peer:
        self._peer = Peer(
            self.talk.mouth.next_packet,
            on_rtp=self._take_rtp,
            on_rtcp=self._take_rtcp,
            on_state=self._follow,
            ice_servers=self._settings.ice_servers,
        )
        return self._peer

    async def _refuse(self, error: Exception) -> None:
        if self.is_over:
            return  # the desk ended it meanwhile
        logger.warning("an SDP was refused: {}", error)
        self.is_over = True
        await self._close()
        self._report(Refused(call=self.id, why="bad_sdp"))

    def _follow(self, state: str) -> None:
        if self.is_over:
            return
        if state == "connected":
            self._times.connected = self._clock()
            self._report(Connected(call=self.id))
        elif state == "failed":
            never = self._times.connected is None
            self._end_soon(CallEnd.NO_MEDIA if never else CallEnd.LOST)
        elif state == "closed":
            self._end_soon(CallEnd.CLOSED)

    def _end_soon(self, end: CallEnd) -> None:
        self._ending = asyncio.create_task(self.end(end))

    async def _close(self) -> None:
        if self._peer is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._peer.close()

    async def _save(self, pcm: bytes) -> None:
        self._report(await as_report(self.id, pcm, self._services))

    def _tell(self, frame: Frame) -> None:
        """Report what the talk tells; a recording begins once its lines are said."""
        if isinstance(frame, Said) and self._recorder is not None:
            self._recorder.is_on = True
        self._report(frame)

    # ---- the ear

    def _take_rtp(self, data: bytes) -> None:
        if self._ear is not None and self._ear.take(data):
            self._times.audio = self._times.packet = self._clock()

    def _take_rtcp(self) -> None:
        self._times.packet = self._clock()

    def _hear(self, pcm: bytes) -> None:
        samples = array("h", pcm)[::SAMPLE_STEP]
        if self._recorder is not None and self._recorder.hear(pcm):
            self.stop_recording()
        is_loud = bool(samples) and sum(map(abs, samples)) > LOUD * len(samples)
        if self._times.accepted is not None:
            self.talk.hear(pcm)
        self._loud = self._loud + 1 if is_loud else 0
        if self._loud >= LOUD_FRAMES:
            self._heard_frames += LOUD_FRAMES if self._loud == LOUD_FRAMES else 1
            self._times.speech = self._clock()

    def _digit(self, digit: str) -> None:
        self._times.speech = self._clock()
        if self._recorder is not None and self._recorder.is_on:
            self.stop_recording()
        self.talk.press()
        self._report(Digit(call=self.id, digit=digit))
