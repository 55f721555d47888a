"""When a call ends by itself. Pure: every time is given, in seconds of one clock."""

from dataclasses import dataclass

from features.calls.protocol import CallEnd

#: Longest wait for the first packet, from the start of the talk, in seconds.
FIRST_MEDIA_SECONDS = 10.0
#: Longest time without any packet. A muted phone still sends, or says so by RTCP.
NO_PACKET_SECONDS = 10.0
#: Longest time without audio while RTCP still comes.
NO_AUDIO_SECONDS = 30.0
#: Longest ringing: Meta ends it after 60 seconds.
RINGING_SECONDS = 60.0
#: Silence of both sides that the desk is told of, in seconds.
SILENCES = (8, 16)


@dataclass(slots=True)
class CallTimes:
    """What happened when in one call; None for what has not happened yet."""

    #: when the other side's SDP came; infinite while that of a call of ours is awaited
    offered: float
    connected: float | None = None
    accepted: float | None = None
    #: last packet of audio, last packet of any kind, and last speech of either side
    audio: float | None = None
    packet: float | None = None
    speech: float | None = None
    #: seconds for which an operator talked: they do not count as time of the bot
    joined: float = 0.0


@dataclass(slots=True)
class CallTimers:
    """The limits of one call."""

    times: CallTimes
    connect_seconds: float
    max_seconds: float
    #: how many of SILENCES were told
    told_silences: int = 0

    def end(self, now: float) -> CallEnd | None:
        """Return why the call has to end now; None if it goes on."""
        times = self.times
        if times.accepted is None:
            return self._end_before_talk(now)
        if now - times.accepted - times.joined >= self.max_seconds:
            return CallEnd.TOO_LONG
        if times.audio is None:
            is_over = now - times.accepted >= FIRST_MEDIA_SECONDS
            return CallEnd.NO_MEDIA if is_over else None
        quiet = now - max(times.audio, times.packet or 0.0, times.accepted)
        if quiet >= NO_PACKET_SECONDS or now - times.audio >= NO_AUDIO_SECONDS:
            return CallEnd.LOST
        return None

    def silence(self, now: float) -> int | None:
        """Return a length of silence that the desk has to be told of, once each."""
        times = self.times
        if times.accepted is None:
            return None
        since = max(times.accepted, times.speech or 0.0)
        if now - since < SILENCES[0]:
            self.told_silences = 0
        if self.told_silences == len(SILENCES) or now - since < SILENCES[self.told_silences]:
            return None
        self.told_silences += 1
        return SILENCES[self.told_silences - 1]

    def _end_before_talk(self, now: float) -> CallEnd | None:
        since = now - self.times.offered
        if self.times.connected is None and since >= self.connect_seconds:
            return CallEnd.NO_MEDIA
        return CallEnd.FAILED if since >= RINGING_SECONDS else None
