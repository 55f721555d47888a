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
from features.airtable.field_ids import BaseIds
from features.airtable.message_table import MessageTable
from features.airtable.mirrored_table import MirroredTable
from features.airtable.record_mappers import (
    consent_cells,
    message_cells,
    ticket_cells,
    unanswered_cells,
)
from features.airtable.sync_cycle import Changes, ConsoleSettings, Turn
from features.airtable.tables import messages
from features.broadcasts.broadcast_table import BroadcastTable
from features.broadcasts.template_table import TemplateTable
from features.faq import unanswered
from features.faq.operator_table import FaqTable
from features.handoff import tickets
from features.handoff.hours_table import HoursTable
from features.handoff.ticket_table import TicketTable
from jobs.maintenance import forget_done
from jobs.model import Job, Json, NewTimer, Outcome
from services.airtable_service import AirtableService
from services.clients.airtable import errors
from services.clients.cloud_api.client import ReadTemplates
from storage.engine.group_commit import GroupCommit
from storage.tables import consents
from storage.tables.key_value import Kept

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


class ConsoleRunner:
    """Handles the jobs of that lane. No trouble of Airtable fails a job, or loses anything."""

    def __init__(
        self,
        airtable: AirtableService,
        database: GroupCommit,
        settings: ConsoleSettings,
        *,
        clock: Callable[[], datetime],
        farewell: Callable[[User], str],
        templates: ReadTemplates | None = None,
    ) -> None:
        self._airtable = airtable
        self._kept = Kept(database)
        self._ids_name = ids_name(airtable.base_id)
        self._settings = settings
        self._clock = clock
        self._subscription = Subscription(airtable, settings)
        self._told: list[MirroredTable[Any]] = [
            MirroredTable(airtable, database, TICKETS, tickets.mirror, ticket_cells),
            MirroredTable(airtable, database, CONSENT_LOG, consents.mirror, consent_cells),
            MirroredTable(airtable, database, UNANSWERED, unanswered.mirror, unanswered_cells),
        ]
        self._messages: MessageTable | None = None
        if settings.messages is not None:
            self._messages = MessageTable(airtable, database, settings.messages)
            self._told.append(
                MirroredTable(airtable, database, MESSAGES, messages.mirror, message_cells)
            )
        self._contacts = Contacts(airtable, database, settings, farewell, self._told)
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
        turn = Turn(
            self._clock(), job, dict(state), BaseIds(await self._kept.recall(self._ids_name) or {})
        )
        if job.kind == "console":  # somebody said that there is something to read
            turn.state["unread"] = True
        trouble, pause = await self._attempt(turn)
        turn.state |= {"trouble": trouble, **calls_of_month(turn.state, turn.now, more=turn.calls)}
        if pause is None:
            pause = self._settings.pause(turn.calls)
            if turn.obeyed or (turn.hurries and self._settings.calls_per_month is None):
                pause = timedelta(0)
        timers = {"sync": NewTimer(pause, {})}
        return Outcome(turn.state, turn.jobs, timers, [*turn.writes, forget_done(self.lane)])

    async def _attempt(self, turn: Turn) -> tuple[str | None, timedelta | None]:
        """What went wrong, if anything did, and for how long to wait then."""
        try:
            await self._set_up(turn)
            await self._subscription.keep(turn)
            # What was read counts as read once it was obeyed.
            with turn.all_or_nothing():
                await self._obey(turn, await self._subscription.changes(turn))
            if not turn.obeyed:  # else that is stored first: the same cells would be obeyed twice
                with turn.all_or_nothing():
                    await self._obey(turn, await self._subscription.reread(turn))
            if not turn.obeyed:  # else that is told with the next turn
                await self._contacts.erase(turn)
                await self._contacts.tell(turn)
                for table in self._told:
                    await table.tell(turn)
                await self._templates.tell(turn)
                await self._broadcasts.tell(turn)
                await self._faq.tell(turn)
                if self._messages is not None:
                    await self._messages.forget_old(turn)
        except errors.TooFast as error:
            return str(error), error.after
        except errors.OverQuota as error:
            logger.error("Airtable is paused until next month: {}", error)
            return str(error), errors.next_month(turn.now) - turn.now
        except errors.WrongToken as error:
            logger.error("Airtable: {}", error)
            return str(error), LONG_PAUSE
        except (errors.Forbidden, errors.WrongValue, SetupNeeded) as error:
            turn.state.pop("is_set_up", None)  # somebody changed the base: look at it anew
            logger.error("Airtable: {}", error)
            return str(error), LONG_PAUSE
        except (errors.Unreachable, errors.NotFound) as error:
            logger.warning("Airtable: {}", error)
            return str(error), SHORT_PAUSE
        return None, None

    async def _set_up(self, turn: Turn) -> None:
        tables = self._settings.tables
        if turn.state.get("is_set_up") and turn.ids.has(tables):
            return
        find = complete if self._settings.create_tables else find_ids
        turn.ids = await find(self._airtable, turn.ids, tables)
        turn.calls += 1
        await self._kept.keep(self._ids_name, turn.ids.ids)
        turn.state["is_set_up"] = True

    async def _obey(self, turn: Turn, changes: Changes) -> None:
        await self._contacts.obey(turn, changes.get(turn.ids.table(CONTACTS), {}))
        await self._tickets.obey(turn, changes.get(turn.ids.table(TICKETS), {}))
        await self._broadcasts.obey(turn, changes.get(turn.ids.table(BROADCASTS), {}))
        if turn.ids.table(HOURS) in changes:
            await self._hours.read(turn)
        if turn.ids.table(FAQ) in changes:
            await self._faq.read(turn)
