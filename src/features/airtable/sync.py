"""Keeps Airtable and the bot in step: one cycle after the other, in the lane of the base."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from loguru import logger

from features.airtable.added_records import refuse_added
from features.airtable.attachments import Attachments
from features.airtable.base_setup import SetupNeeded, complete, find_ids
from features.airtable.change_feed import Subscription
from features.airtable.contacts_table import ContactsTable
from features.airtable.field_ids import FieldIds
from features.airtable.job_specs import SYNC, SYNC_POOL, SYNC_TIMER
from features.airtable.mirrored_table import push_rows
from features.airtable.sync_cycle import Changes, SyncCycle, SyncSettings
from jobs.maintenance import forget_done
from jobs.model import Job, LaneState, Outcome
from jobs.spec import EmptyBody
from services.airtable_service import AirtableService
from services.clients.airtable import errors
from services.operator_tables import OperatorTable
from storage.engine.group_commit import GroupCommit
from storage.tables.key_value import KeyValueStore

#: Pause after trouble that only a person can end, and after other trouble.
LONG_PAUSE = timedelta(minutes=5)
SHORT_PAUSE = timedelta(seconds=20)


def lane_of(base_id: str) -> str:
    """Return the lane in which a base is kept in step."""
    return SYNC_POOL.lane(base_id)


def ids_name(base_id: str) -> str:
    """Return the key under which the ids of the tables and fields of a base are stored."""
    return f"airtable:{base_id}:ids"


def calls_of_month(state: Mapping[str, Any], now: datetime, *, more: int = 0) -> dict[str, Any]:
    """Return how often Airtable was called this month (UTC), as the state of the lane has it."""
    month = f"{now.astimezone(UTC):%Y-%m}"
    before = int(state.get("calls", 0)) if state.get("month") == month else 0
    return {"month": month, "calls": before + more}


class AirtableSync:
    """Handles the jobs of that lane. No trouble of Airtable fails a job, or loses anything."""

    def __init__(
        self,
        airtable: AirtableService,
        database: GroupCommit,
        settings: SyncSettings,
        *,
        contacts: ContactsTable,
        tables: Sequence[OperatorTable],
        attachments: Attachments,
        clock: Callable[[], datetime],
    ) -> None:
        self._airtable = airtable
        self._database = database
        self._stored = KeyValueStore(database)
        self._ids_name = ids_name(airtable.base_id)
        self._settings = settings
        self._clock = clock
        self._contacts = contacts
        self._tables = tables
        self._attachments = attachments
        self._schemas = [contacts.schema, *(table.schema for table in tables)]
        self._subscription = Subscription(airtable, settings, self._schemas)

    @property
    def lane(self) -> str:
        return lane_of(self._airtable.base_id)

    def close(self) -> None:
        """Close its connections."""
        self._airtable.close()

    async def read_changes(self, job: Job, body: EmptyBody, state: LaneState) -> Outcome:
        """Run a cycle that begins with what operators changed."""
        return await self._run(job, {**state, "unread": True})

    async def sync(self, job: Job, body: EmptyBody, state: LaneState) -> Outcome:
        """Run a cycle: read what operators changed, then push what they do not know yet."""
        return await self._run(job, dict(state))

    async def _run(self, job: Job, state: dict[str, Any]) -> Outcome:
        """The lane of another base, which was in the settings before, rests until it is back."""
        if job.lane != self.lane:
            return Outcome(timers={"sync": None}, writes=[forget_done(job.id)])
        ids = FieldIds(await self._stored.get(self._ids_name) or {})
        cycle = SyncCycle(self._clock(), state, ids, self._airtable, self._database)
        trouble, pause = await self._attempt(cycle)
        used = calls_of_month(cycle.state, cycle.now, more=cycle.calls)
        cycle.state |= {"trouble": trouble, **used}
        if pause is None:
            pause = self._settings.pause(cycle.calls)
            is_unlimited = self._settings.calls_per_month is None
            if cycle.applied_changes or (cycle.has_more and is_unlimited):
                pause = timedelta(0)
        timers = {"sync": SYNC_TIMER.timer(pause, EmptyBody())}
        return Outcome(cycle.state, cycle.jobs, timers, [*cycle.writes, forget_done(job.id)])

    async def _attempt(self, cycle: SyncCycle) -> tuple[str | None, timedelta | None]:
        """What went wrong, if anything did, and for how long to wait then."""
        try:
            await self._cycle(cycle)
        except errors.TooFast as error:
            return str(error), error.after
        except errors.OverQuota as error:
            logger.error("Airtable is paused until next month: {}", error)
            return str(error), next_month(cycle.now) - cycle.now
        except errors.WrongToken as error:
            logger.error("Airtable: {}", error)
            return str(error), LONG_PAUSE
        except (errors.Forbidden, errors.WrongValue, SetupNeeded) as error:
            cycle.state.pop("is_set_up", None)  # somebody changed the base: look at it anew
            logger.error("Airtable: {}", error)
            return str(error), LONG_PAUSE
        except (errors.Unreachable, errors.NotFound) as error:
            logger.warning("Airtable: {}", error)
            return str(error), SHORT_PAUSE
        return None, None

    async def _cycle(self, cycle: SyncCycle) -> None:
        await self._set_up(cycle)
        await self._subscription.keep(cycle)
        # What was read counts as read once it was applied.
        with cycle.all_or_nothing():
            await self._apply_changes(cycle, await self._subscription.changes(cycle))
        if not cycle.applied_changes:  # else that is stored first, or it would be applied twice
            with cycle.all_or_nothing():
                await self._apply_changes(cycle, await self._subscription.reread(cycle))
        if not cycle.applied_changes:  # else that is pushed with the next cycle
            await self._push(cycle)

    async def _push(self, cycle: SyncCycle) -> None:
        await self._contacts.erase(cycle)
        await self._contacts.push_updates(cycle)
        for table in self._tables:
            await push_rows(cycle, table)
        for table in self._tables:
            await table.push_updates(cycle)
        await self._attachments.push(cycle)

    async def _set_up(self, cycle: SyncCycle) -> None:
        if cycle.state.get("is_set_up") and cycle.ids.has(self._schemas):
            return
        find = complete if self._settings.create_tables else find_ids
        cycle.ids = await find(self._airtable, cycle.ids, self._schemas)
        cycle.calls += 1
        await self._stored.put(self._ids_name, cycle.ids.ids)
        cycle.state["is_set_up"] = True

    async def _apply_changes(self, cycle: SyncCycle, changes: Changes) -> None:
        for table in (self._contacts, *self._tables):
            changed = changes.get(cycle.ids.table(table.schema))
            if changed is not None:
                by_name = {
                    record_id: None if cells is None else cycle.ids.by_name(table.schema, cells)
                    for record_id, cells in changed.items()
                }
                await table.apply_changes(cycle, by_name)
                if table.is_filled_by_bot:
                    await refuse_added(cycle, table, by_name)


def handled_jobs(sync: AirtableSync) -> tuple[Any, ...]:
    """Return the jobs of the lane, with their handlers."""
    return (SYNC.handled_by(sync.read_changes), SYNC_TIMER.handled_by(sync.sync))


def next_month(now: datetime) -> datetime:
    """Return when a quota is renewed: at the first of the next month, UTC."""
    first = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)
