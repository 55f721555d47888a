"""Tells a message that Meta cannot take from a Meta that is down.

A message that fails again and again keeps all later ones to its person waiting. While Meta is down
that is right. If other people's messages are sent meanwhile, the message itself is the reason.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import takewhile
from typing import NamedTuple

from jobs.model import Job
from services.clients.cloud_api.errors import Throttled, Unavailable, WhatsAppError

#: Failed attempts before a message is given up while other people get theirs: about a minute.
FEW_TRIES = 4
#: … while other people's sends fail as well, now and then: about five minutes.
MANY_TRIES = 8
#: … while nobody else is written to, and newer messages wait: about two minutes.
TRIES_ALONE = 6
#: Failed sends to other people, as a share of their successful ones, that are no sign of trouble.
MAX_FAILING_SHARE = 0.1
#: Ends of sends that are remembered.
MAX_ENDS = 1000


class SendEnd(NamedTuple):
    """How a send ended, in the lane of its recipient."""

    lane: str
    at: datetime
    is_sent: bool


class StuckMessages:
    """Decides which messages are given up; from what this process alone has seen.

    `newer_waits` tells whether a newer message waits behind a job, and `mark_as_read` asks Meta
    for something that costs nothing.
    """

    def __init__(
        self,
        newer_waits: Callable[[Job], Awaitable[bool]],
        mark_as_read: Callable[[str], Awaitable[None]],
        clock: Callable[[], datetime],
    ) -> None:
        self._newer_waits = newer_waits
        self._mark_as_read = mark_as_read
        self._clock = clock
        self._ends: deque[SendEnd] = deque(maxlen=MAX_ENDS)
        #: A message was given up although nobody else was written to, and none was sent since.
        self._is_unproven = False

    def sent(self, job: Job) -> None:
        """Remember that a message was sent."""
        self._is_unproven = False
        self._ends.append(SendEnd(job.lane, self._clock(), is_sent=True))

    async def failed(self, job: Job, error: Unavailable) -> bool:
        """Remember that a message failed; return whether to give it up."""
        failures = self._failures_in_a_row(job.lane)
        self._ends.append(SendEnd(job.lane, self._clock(), is_sent=False))
        # A server that cannot be reached is no fault of a message.
        if not failures or (error.http_status is None and not error.ambiguous):
            return False
        others = [end for end in self._ends if end.lane != job.lane and end.at >= failures[0].at]
        if not others:
            return await self._is_stuck_alone(job)
        is_up_now = any(end.is_sent and end.at >= failures[-1].at for end in others)
        return is_up_now and _is_exception(others, tries=job.tries + 1)

    def _failures_in_a_row(self, lane: str) -> list[SendEnd]:
        """Return how a lane's sends ended since one was sent, the oldest first."""
        backwards = (end for end in reversed(self._ends) if end.lane == lane)
        return list(takewhile(lambda end: not end.is_sent, backwards))[::-1]

    async def _is_stuck_alone(self, job: Job) -> bool:
        """Whether to give up a message without others to compare: one, until one is sent."""
        if self._is_unproven or job.tries + 1 < TRIES_ALONE or not await self._newer_waits(job):
            return False
        self._is_unproven = await self._meta_answers(job)
        return self._is_unproven

    async def _meta_answers(self, job: Job) -> bool:
        """Whether Meta answers requests; its refusal of an id that is none is an answer."""
        try:
            await self._mark_as_read(str(job.key))
        except WhatsAppError as error:
            return not isinstance(error, (Unavailable, Throttled))
        return True


def _is_exception(others: list[SendEnd], *, tries: int) -> bool:
    """Whether a message fails although others are sent since it failed for the first time."""
    failed = sum(not end.is_sent for end in others)
    few_fail = failed <= MAX_FAILING_SHARE * (len(others) - failed)
    return tries >= (FEW_TRIES if few_fail else MANY_TRIES)
