"""Metrics of calls."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from features.calls.protocol import Beat
from features.calls.states import CallState, End

STAGES = (CallState.PRE_ACCEPTED, CallState.CONNECTED, CallState.TALKING)
SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class CallMetrics:
    """How calls end, how long each stage took, and whether their audio is on time."""

    def __init__(self, registry: CollectorRegistry) -> None:
        ends = Counter("bot_voice_calls", "Voice calls by end", ["end"], registry=registry)
        self._ends = {end: ends.labels(end.value) for end in End}
        stages = Histogram(
            "bot_voice_call_seconds",
            "From taking a call up to each of its stages",
            ["stage"],
            buckets=SECONDS,
            registry=registry,
        )
        self._stages = {stage: stages.labels(stage.value) for stage in STAGES}
        packets = Counter(
            "bot_voice_packets",
            "20 ms of audio: sent on time, sent late, lost on the way from callers",
            ["packets"],
            registry=registry,
        )
        self._on_time = packets.labels("on_time")
        self._late, self._lost = packets.labels("late"), packets.labels("lost")

    def ended(self, end: End) -> None:
        """Count a call that is over."""
        self._ends[end].inc()

    def staged(self, stage: CallState, seconds: float) -> None:
        """Note that a call has reached a stage, so many seconds after it was taken up."""
        self._stages[stage].observe(seconds)

    def beat(self, beat: Beat) -> None:
        """Count the packets since the last beat."""
        self._on_time.inc(beat.frames - beat.late_frames)
        self._late.inc(beat.late_frames)
        self._lost.inc(beat.lost_frames)
