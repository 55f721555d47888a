"""Sound of one side on its way to the other: 20 ms after 20 ms, with as little delay as it needs.

Knows no clock: `take` is called every 20 ms. A packet that is lost leaves a gap, since phones and
browsers fill gaps better than silence would: by what Opus repeats of the packet before (FEC), or by
what they heard last.
"""

from collections import deque
from dataclasses import dataclass, field

from features.calls.engine.opus import SILENCE

#: Packets that may wait, and so the longest delay here: 60 ms. Then the oldest are left out.
MAX_WAITING_PACKETS = 3
#: Packets in a row that leave another one behind, until that one is left out: 5 seconds. Nothing
#: needs the delay of 20 ms that it means.
SPARE_PACKETS = 250
#: Longest gap, in packets. What is longer is a pause, and sounds like one.
MAX_GAP_PACKETS = 3


@dataclass(slots=True)
class Playout:
    """Packets of one direction, in order."""

    _waiting: deque[bytes] = field(default_factory=lambda: deque(maxlen=MAX_WAITING_PACKETS))
    #: takes in a row that left a packet behind, and that found none
    _spare: int = 0
    _missed: int = MAX_GAP_PACKETS

    def put(self, packet: bytes) -> None:
        """Queue a packet."""
        self._waiting.append(packet)

    def take(self) -> bytes | None:
        """Return the packet of the next 20 ms, which may be silence; None for a gap."""
        if not self._waiting:
            self._spare, self._missed = 0, self._missed + 1
            return None if self._missed <= MAX_GAP_PACKETS else SILENCE
        packet, self._missed = self._waiting.popleft(), 0
        self._spare = self._spare + 1 if self._waiting else 0
        if self._spare == SPARE_PACKETS:
            self._spare = 0
            self._waiting.popleft()
        return packet

    def clear(self) -> None:
        """Forget what waits: nobody is heard any more."""
        self._waiting.clear()
        self._missed = MAX_GAP_PACKETS
