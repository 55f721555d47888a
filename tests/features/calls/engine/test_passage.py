"""The way of sound through the engine, in virtual time: how late, and what of lost packets is left.

Only counts and the given times are looked at, so a busy machine changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("av", reason="needs the extra calls: aiortc")

from tests.features.calls.engine.test_ear import FakeDecoder, rtp

from features.calls.engine.bridge import Relay
from features.calls.engine.ear import Ear
from features.calls.engine.mouth import Mouth
from features.calls.engine.opus import FRAME_SECONDS, PCM_BYTES, SILENCE
from features.calls.engine.playout import MAX_GAP_PACKETS, Playout

OPUS = 111
#: Rounding of times.
A_BIT = 1e-6
#: Longest delay, in seconds.
LONGEST_DELAY = 0.06
#: Time between the packets of the speaker and those that leave, in seconds.
PHASE = 0.007
#: Packets of a passage: ten seconds. Which of them are lost: up to 3%.
COUNT = 500
LOSSES = st.sets(st.integers(1, COUNT - 10), max_size=COUNT * 3 // 100)


def packet(number: int) -> bytes:
    """Return a packet of 20 ms that names its number."""
    return SILENCE[:1] + number.to_bytes(4, "big")


@dataclass
class Passage:
    """Packets from the ear of one side to the mouth of the other; the test moves the clock."""

    #: when each packet arrives, by its number: those that are lost never do
    arrivals: dict[int, float]
    now: float = 0.0
    #: when each packet left
    left: dict[int, float] = field(default_factory=dict)
    silences: int = 0
    #: how much longer a sleep takes than it should
    oversleeps: float = 0.0

    def __post_init__(self) -> None:
        self.mouth = Mouth(lambda: self.now, lambda: None, self._sleep)
        relay = Relay(self.mouth).take
        self.ear = Ear(OPUS, None, FakeDecoder(), lambda pcm: None, lambda digit: None, relay)
        self._coming = sorted((at, number) for number, at in self.arrivals.items())

    async def pass_until(self, moment: float) -> None:
        self.mouth.open()
        while self.now < moment:
            payload, _ = await self.mouth.next_packet()
            if payload == SILENCE:
                self.silences += 1
            else:
                self.left[int.from_bytes(payload[1:], "big")] = self.now

    async def _sleep(self, seconds: float) -> None:
        until = self.now + seconds + self.oversleeps
        while self._coming and self._coming[0][0] <= until:
            self.now, number = self._coming.pop(0)
            self.ear.take(rtp(number, packet(number)))
        self.now = until

    @property
    def delays(self) -> list[float]:
        return [at - self.arrivals[number] for number, at in self.left.items()]


def spoken(
    lost: set[int] | frozenset[int] = frozenset(), *, count: int = COUNT
) -> dict[int, float]:
    """Return when packets come, but for those that are lost."""
    numbers = (number for number in range(count) if number not in lost)
    return {number: PHASE + number * FRAME_SECONDS for number in numbers}


async def test_without_loss_each_packet_leaves_with_the_next_one_of_the_other_side() -> None:
    passage = Passage(spoken())
    await passage.pass_until(COUNT * FRAME_SECONDS)
    assert list(passage.left) == list(range(COUNT))
    assert max(passage.delays) <= FRAME_SECONDS + A_BIT
    assert passage.mouth.late_frames == 0


@given(lost=LOSSES)
async def test_what_is_lost_leaves_a_gap_of_its_length_and_delays_nothing(lost: set[int]) -> None:
    passage = Passage(spoken(lost))
    await passage.pass_until(COUNT * FRAME_SECONDS)
    assert list(passage.left) == [number for number in range(COUNT) if number not in lost]
    assert max(passage.delays) <= FRAME_SECONDS + A_BIT
    assert passage.ear.lost == len(lost)
    longest = max(_runs(lost), default=0)
    assert passage.silences <= sum(max(0, one - MAX_GAP_PACKETS) for one in _runs(lost)) + 1
    times = list(passage.left.values())
    gaps = [after - before for before, after in pairwise(times)]
    assert max(gaps) <= (longest + 1) * FRAME_SECONDS + A_BIT


@given(late=st.lists(st.floats(0, 0.3), min_size=60, max_size=60))
async def test_whatever_comes_in_bursts_waits_for_60_ms_at_most(late: Sequence[float]) -> None:
    arrivals, before = dict[int, float](), 0.0
    for number, more in enumerate(late):
        before = arrivals[number] = max(before, PHASE + number * FRAME_SECONDS + more)
    passage = Passage(arrivals)
    await passage.pass_until(2)
    assert max(passage.delays) <= LONGEST_DELAY + A_BIT


async def test_a_delay_that_nothing_needs_any_more_is_given_up() -> None:
    arrivals, last = spoken(count=2 * COUNT), 2 * COUNT - 1
    for number in range(100, 103):  # these come together
        arrivals[number] = arrivals[102]
    passage = Passage(arrivals)
    await passage.pass_until(2 * COUNT * FRAME_SECONDS)
    assert passage.left[105] - arrivals[105] > 2 * FRAME_SECONDS
    assert passage.left[last] - arrivals[last] <= FRAME_SECONDS + A_BIT
    assert len(passage.left) == 2 * COUNT - 2


async def test_what_the_bot_says_over_it_does_not_delay_it() -> None:
    passage = Passage(spoken())
    passage.mouth.say([packet(COUNT)] * 100)
    await passage.pass_until(COUNT * FRAME_SECONDS)
    del passage.left[COUNT]
    assert min(passage.left) == 99
    assert max(passage.delays) <= FRAME_SECONDS + A_BIT


async def test_a_stall_counts_each_packet_that_leaves_late() -> None:
    passage = Passage(spoken())
    await passage.pass_until(1)
    assert passage.mouth.late_frames == 0
    passage.oversleeps = 0.05
    await passage.mouth.next_packet()
    passage.oversleeps = 0.0
    await passage.pass_until(2)
    assert passage.mouth.late_frames == 2  # by 50 and by 30 ms; the next one by 10


@given(lost=LOSSES)
def test_a_model_hears_each_lost_frame_concealed_and_the_others_60_ms_late_at_most(
    lost: set[int],
) -> None:
    arrivals, now = spoken(lost), 0.0
    #: when each frame was heard, and whether it is a concealed one
    frames: list[tuple[float, bool]] = []

    def hear(pcm: bytes) -> None:
        frames.append((now, pcm != b"\x01" * PCM_BYTES))

    ear = Ear(OPUS, None, FakeDecoder(), hear, lambda digit: None)
    for number, at in arrivals.items():
        now = at
        ear.take(rtp(number, b"\x01"))
    assert [number for number, (_, is_made) in enumerate(frames) if is_made] == sorted(lost)
    assert ear.lost == len(lost)
    delays = [at - arrivals[number] for number, (at, made) in enumerate(frames) if not made]
    # nothing tells that time goes on but the packet that is 80 ms ahead, which may be lost as well
    longest = max(_runs(lost), default=0)
    assert max(delays) <= LONGEST_DELAY + longest * FRAME_SECONDS + A_BIT


def test_a_pause_sounds_like_one() -> None:
    playout = Playout()
    assert playout.take() == SILENCE, "nobody has spoken yet"
    playout.put(b"a")
    heard = [playout.take() for _ in range(MAX_GAP_PACKETS + 2)]
    assert heard == [b"a", *[None] * MAX_GAP_PACKETS, SILENCE]
    playout.put(b"b")
    playout.clear()
    assert playout.take() == SILENCE


def _runs(lost: set[int]) -> list[int]:
    """Return the lengths of runs of lost packets."""
    runs, before = list[int](), -2
    for number in sorted(lost):
        if number == before + 1:
            runs[-1] += 1
        else:
            runs.append(1)
        before = number
    return runs
