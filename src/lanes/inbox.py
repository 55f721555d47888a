"""Where work enters: stored durably before anyone is told that it was received."""

from collections.abc import Callable, Sequence

from lanes.change import Change
from lanes.model import NewJob
from storage.group_commit import GroupCommit
from storage.write import Write


class Lanes:
    """Stores jobs for the workers. One process may have this without a worker."""

    def __init__(self, database: GroupCommit, wake: Callable[[], None] = lambda: None) -> None:
        self._database = database
        self._wake = wake

    async def put(self, jobs: Sequence[NewJob], writes: Sequence[Write] = ()) -> None:
        """Store these; returns once they are committed. Keys seen before are skipped."""
        if jobs or writes:
            await self._database.submit(Change(jobs, writes))
        if jobs:
            self._wake()
