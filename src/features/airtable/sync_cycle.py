"""One turn of keeping the console and the bot in step."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from features.airtable.base_schema import TableSchema, tables_of
from features.airtable.field_ids import FieldIds
from jobs.model import Job, NewJob
from storage.engine.write import Write

#: Requests of one turn, so that what was done is stored before long.
MOST_REQUESTS = 5
MONTH = timedelta(days=30)

#: Cells by the id of their field.
Cells = Mapping[str, Any]
#: Changed records by their id; None is one that was deleted.
Changed = Mapping[str, Cells | None]
#: Those of each table, by its id.
Changes = Mapping[str, Changed]


@dataclass(frozen=True, slots=True)
class SyncSettings:
    """How the console is kept."""

    #: where Airtable can tell that something changed; None: it is asked again and again
    webhook_url: str | None = None
    #: how often it is asked
    poll: timedelta = timedelta(seconds=30)
    #: what the plan of the workspace allows; None is without limit
    calls_per_month: int | None = None
    #: whether missing tables may be made
    create_tables: bool = False
    #: after so long without an operator the bot answers again
    idle: timedelta = timedelta(hours=8)
    #: for how long messages are shown; None shows none
    messages: timedelta | None = None

    @property
    def tables(self) -> Sequence[TableSchema]:
        """Those that the base has to have."""
        return tables_of(with_messages=self.messages is not None)

    def pause(self, calls: int) -> timedelta:
        """After a turn of so many calls, so that the month's will do."""
        if self.calls_per_month is None:
            return self.poll
        return max(self.poll, calls * MONTH / self.calls_per_month)


@dataclass(slots=True)
class SyncCycle:
    """What one turn found and did; all of it is stored together."""

    now: datetime
    job: Job
    #: what the lane knows from turn to turn
    state: dict[str, Any]
    ids: FieldIds
    calls: int = 0
    jobs: list[NewJob] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    #: there is more to do, as fast as the plan of the workspace allows
    has_more: bool = False
    #: operators changed something: tell them at once what became of it
    applied_changes: bool = False

    @property
    def calls_left(self) -> int:
        return max(MOST_REQUESTS - self.calls, 0)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """What fails within leaves the turn as it was, so that the next one does it again."""
        state, jobs, writes = deepcopy(self.state), len(self.jobs), len(self.writes)
        try:
            yield
        except BaseException:
            self.state = state
            del self.jobs[jobs:], self.writes[writes:]
            raise

    def is_due(self, name: str, every: timedelta) -> bool:
        """Whether it is so long since the moment that the state has under this name."""
        since = float(self.state.get(name, 0))
        return self.now.timestamp() - since >= every.total_seconds()

    def note(self, name: str) -> None:
        """That moment is now."""
        self.state[name] = self.now.timestamp()
