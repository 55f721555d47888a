"""When a process may begin its next send, given its share of a limit. Pure: time is a parameter."""

from collections import deque

#: Time by which requests may differ on their way to Meta, which counts at their arrival: so much
#: longer than a second is the window in which sends are counted here.
JITTER_SECONDS = 0.015
#: Speed at which sends that were held up are caught up, as a multiple of the usual one.
CATCH_UP = 1.25
#: Time whose sends may begin together, in seconds: an event loop does not wake for each of them.
BUNCH_SECONDS = 0.01
#: … after a stall: of a longer one, the rest is caught up bit by bit.
MAX_BUNCH_SECONDS = 0.1


class SendWindow:
    """The sends of one process: never more than its share in any window of `seconds`.

    A send is admitted, and counts at every time until it is known when it began.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._starts: deque[float] = deque()
        self._admitted = 0
        self._share = 0
        #: Times between which the share may be used.
        self._from, self._until = 0.0, 0.0
        #: When the next send would begin if all had kept an even distance.
        self._even_at = 0.0

    def share_until(self, start: float, share: int, until: float) -> None:
        """Replace the share; it may be used from `start` until `until`."""
        self._from, self._share, self._until = start, share, until

    def used(self, now: float) -> int:
        """Return the number of sends in the window that ends now, or that may begin now."""
        while self._starts and self._starts[0] <= now - self.seconds:
            self._starts.popleft()
        return len(self._starts) + self._admitted

    def bound(self, now: float) -> int:
        """Return the most sends of any window that ends from now on, with the present share."""
        return max(self.used(now), self._share if now < self._until else 0)

    def wait(self, now: float) -> float | None:
        """Return the seconds until the next send may begin; None without a share to use."""
        if self._share == 0 or now >= self._until:
            return None
        at = max(now, self._from, self._even_at - BUNCH_SECONDS)
        if (excess := self.used(now) - self._share) >= 0:
            if excess >= len(self._starts):
                return BUNCH_SECONDS  # others have been admitted, and have yet to begin
            at = max(at, self._starts[excess] + self.seconds)
        return at - now

    def begin(self, now: float) -> bool:
        """Count a send that was admitted and begins now; False if the share has ended meanwhile."""
        self._admitted -= 1
        if now >= self._until:
            return False
        self._starts.append(now)
        return True

    def admit(self, now: float) -> None:
        """Let one send begin, as long as the share may be used."""
        self._admitted += 1
        distance = self.seconds / (self._share * CATCH_UP)
        self._even_at = max(self._even_at, now - MAX_BUNCH_SECONDS) + distance
