"""Keeps the console and the bot in step: one turn after the other, in the lane of the base."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from loguru import logger

from domain.user import User
from features.airtable.base_schema import (
    BROADCASTS,
    CONSENT_LOG,
    CONTACTS,
    FAQ,
    HOURS,
    MESSAGES,
    TICKETS,
    UNANSWERED,
)
from features.airtable.base_setup import SetupNeeded, complete, find_ids
from features.airtable.change_feed import Subscription
from features.airtable.contacts_table import Contacts
from features.airtable.field_ids import FieldIds
from features.airtable.message_table import MessageTable
from features.airtable.mirrored_table import MirroredTable
from features.airtable.record_mappers import (
    consent_to_record,
    message_to_record,
    ticket_to_record,
    unanswered_to_record,
)
from features.airtable.sync_cycle import Changes, SyncCycle, SyncSettings
from features.airtable.tables.synced_tables import (
    consent_sync,
    message_sync,
    ticket_sync,
    unanswered_sync,
)
from features.broadcasts.broadcast_table import BroadcastTable
from features.broadcasts.template_table import TemplateTable
from features.faq.operator_table import FaqTable
from features.handoff.hours_table import HoursTable
from features.handoff.ticket_table import TicketTable
from jobs.maintenance import forget_done
from jobs.model import Job, Json, NewTimer, Outcome
from services.airtable_service import AirtableService
from services.clients.airtable import errors
from services.clients.cloud_api.client import ReadTemplates
from storage.engine.group_commit import GroupCommit
from storage.tables.key_value import KeyValueStore

#: After trouble that only a person can end, and after other trouble.
LONG_PAUSE = timedelta(minutes=5)
SHORT_PAUSE = timedelta(seconds=20)


def lane_of(base_id: str) -> str:
    """In which lane a base is kept in step."""
    return f"airtable:{base_id}"


def ids_name(base_id: str) -> str:
    """Under which name the ids of its tables and fields are kept."""
    return f"airtable:{base_id}:ids"


def calls_of_month(state: Mapping[str, Any], now: datetime, *, more: int = 0) -> dict[str, Any]:
    """How often Airtable was called this month (UTC), as the state of the lane has it."""
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
        clock: Callable[[], datetime],
        erasure_notice: Callable[[User], str],
        templates: ReadTemplates | None = None,
    ) -> None:
        self._airtable = airtable
        self._kept = KeyValueStore(database)
        self._ids_name = ids_name(airtable.base_id)
        self._settings = settings
        self._clock = clock
        self._subscription = Subscription(airtable, settings)
        self._told: list[MirroredTable[Any]] = [
            MirroredTable(airtable, database, TICKETS, ticket_sync, ticket_to_record),
            MirroredTable(airtable, database, CONSENT_LOG, consent_sync, consent_to_record),
            MirroredTable(airtable, database, UNANSWERED, unanswered_sync, unanswered_to_record),
        ]
        self._messages: MessageTable | None = None
        if settings.messages is not None:
            self._messages = MessageTable(airtable, database, settings.messages)
            self._told.append(
                MirroredTable(airtable, database, MESSAGES, message_sync, message_to_record)
            )
        self._contacts = Contacts(airtable, database, settings, erasure_notice, self._told)
        self._tickets = TicketTable(database)
        self._templates = TemplateTable(airtable, templates)
        self._hours = HoursTable(airtable, database)
        self._faq = FaqTable(airtable, database)
        self._broadcasts = BroadcastTable(airtable, database)

    @property
    def lane(self) -> str:
        return lane_of(self._airtable.base_id)

    def close(self) -> None:
        """Its connections."""
        self._airtable.close()

    async def sync(self, job: Job, state: Mapping[str, Json]) -> Outcome:
        """One turn: read what operators changed, then tell what they do not know yet.

        The lane of another base, which was in the settings before, rests until it is there again.
        """
        if job.lane != self.lane:
            return Outcome(timers={"sync": None}, writes=[forget_done(job.lane)])
        cycle = SyncCycle(
            self._clock(), job, dict(state), FieldIds(await self._kept.get(self._ids_name) or {})
        )
        if job.kind == "console":  # somebody said that there is something to read
            cycle.state["unread"] = True
        trouble, pause = await self._attempt(cycle)
        cycle.state |= {
            "trouble": trouble,
            **calls_of_month(cycle.state, cycle.now, more=cycle.calls),
        }
        if pause is None:
            pause = self._settings.pause(cycle.calls)
            if cycle.applied_changes or (cycle.has_more and self._settings.calls_per_month is None):
                pause = timedelta(0)
        timers = {"sync": NewTimer(pause, {})}
        return Outcome(cycle.state, cycle.jobs, timers, [*cycle.writes, forget_done(self.lane)])

    async def _attempt(self, cycle: SyncCycle) -> tuple[str | None, timedelta | None]:
        """What went wrong, if anything did, and for how long to wait then."""
        try:
            await self._set_up(cycle)
            await self._subscription.keep(cycle)
            # What was read counts as read once it was obeyed.
            with cycle.all_or_nothing():
                await self._apply_changes(cycle, await self._subscription.changes(cycle))
            if (
                not cycle.applied_changes
            ):  # else that is stored first: the same cells would be obeyed twice
                with cycle.all_or_nothing():
                    await self._apply_changes(cycle, await self._subscription.reread(cycle))
            if not cycle.applied_changes:  # else that is told with the next turn
                await self._contacts.erase(cycle)
                await self._contacts.push_updates(cycle)
                for table in self._told:
                    await table.push_updates(cycle)
                await self._templates.push_updates(cycle)
                await self._broadcasts.push_updates(cycle)
                await self._faq.push_updates(cycle)
                if self._messages is not None:
                    await self._messages.forget_old(cycle)
        except errors.TooFast as error:
            return str(error), error.after
        except errors.OverQuota as error:
            logger.error("Airtable is paused until next month: {}", error)
            return str(error), errors.next_month(cycle.now) - cycle.now
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

    async def _set_up(self, cycle: SyncCycle) -> None:
        tables = self._settings.tables
        if cycle.state.get("is_set_up") and cycle.ids.has(tables):
            return
        find = complete if self._settings.create_tables else find_ids
        cycle.ids = await find(self._airtable, cycle.ids, tables)
        cycle.calls += 1
        await self._kept.put(self._ids_name, cycle.ids.ids)
        cycle.state["is_set_up"] = True

    async def _apply_changes(self, cycle: SyncCycle, changes: Changes) -> None:
        await self._contacts.apply_changes(cycle, changes.get(cycle.ids.table(CONTACTS), {}))
        await self._tickets.apply_changes(cycle, changes.get(cycle.ids.table(TICKETS), {}))
        await self._broadcasts.apply_changes(cycle, changes.get(cycle.ids.table(BROADCASTS), {}))
        if cycle.ids.table(HOURS) in changes:
            await self._hours.read(cycle)
        if cycle.ids.table(FAQ) in changes:
            await self._faq.read(cycle)
