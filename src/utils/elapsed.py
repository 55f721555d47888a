"""Time that has passed since a stored moment, by a clock that may have been set back."""

#: Seconds by which two readings of one clock may differ without it having been set back: a
#: transaction may wait for a lock after it has read the clock, and others commit meanwhile.
CLOCK_TOLERANCE_SECONDS = 5.0


def has_passed(seconds: float, *, since: float, now: float) -> bool:
    """Return whether so many seconds have passed since a moment; all in seconds since 1970.

    A moment in the future was stored by a clock that was ahead: it counts as long ago, or what
    waits for the time to pass would wait for as long as the clock was ahead.
    """
    return not -CLOCK_TOLERANCE_SECONDS <= now - since < seconds
