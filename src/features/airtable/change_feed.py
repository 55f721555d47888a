"""Learning what operators changed: by a webhook that is read from a cursor on, and by rereading."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from features.airtable.base_schema import CONTACTS
from features.airtable.operator_commands import READ_TOGETHER
from features.airtable.sync_cycle import ChangedById, Changes, SyncCycle, SyncSettings
from features.airtable.timestamps import parse_iso_datetime
from services.airtable_service import AirtableService
from services.clients.airtable import errors
from services.operator_tables import Owner, TableSchema

#: Shortest and longest time between full readings of the base, which find what no webhook told:
#: changes by programs, among them this one.
RECONCILED_EVERY = (timedelta(minutes=10), timedelta(days=1))
#: A full reading may use one of so many of the calls that the plan allows.
RECONCILING_SHARE = 20
#: Airtable forgets a webhook after seven days.
REFRESHED_EVERY = timedelta(days=1)
#: Owners of the cells that are read then.
READ_AGAIN = (Owner.OPERATORS, Owner.BOTH)
#: Key of the lane's state: the base was once read as a whole.
WAS_READ = "was_read"
Found = dict[str, dict[str, dict[str, Any] | None]]


class Subscription:
    """The webhook of the bot at one base. Its state is kept by the lane."""

    def __init__(
        self, airtable: AirtableService, settings: SyncSettings, tables: Sequence[TableSchema]
    ) -> None:
        self._airtable = airtable
        #: The tables in which operators own something.
        self._read = [table for table in tables if _is_for_operators(table)]
        self._settings = settings
        self._url = settings.webhook_url
        self._poll = settings.poll

    async def keep(self, cycle: SyncCycle) -> None:
        """Have a webhook, with our address and not about to expire."""
        known = cycle.state.get("webhook")
        is_other = known is not None and (
            known["url"] != self._url or known.get("with") != list(READ_TOGETHER)
        )
        if known is not None and is_other:
            del cycle.state["webhook"]
            cycle.calls += 1
            with suppress(errors.NotFound):
                await self._airtable.unsubscribe(known["id"])
        elif known is not None and cycle.is_due("refreshed_at", REFRESHED_EVERY):
            await self._refresh(cycle)
        if "webhook" not in cycle.state:
            await self._subscribe(cycle)

    async def changes(self, cycle: SyncCycle) -> Changes:
        """What changed since it was asked last; not asked while there is a rush to tell."""
        found: Found = {}
        if not (cycle.state.get("unread") or cycle.is_due("read_at", self._poll)):
            return found
        cycle.note("read_at")
        more = True
        while more and cycle.calls_left:
            cycle.calls += 1
            try:
                payloads, cursor, more = await self._airtable.changes(
                    cycle.state["webhook"]["id"], cycle.state["cursor"]
                )
            except (errors.NotFound, errors.WrongValue):  # it expired, or the cursor is too old
                del cycle.state["webhook"]
                cycle.has_more = True
                return found
            cycle.state["cursor"] = cursor
            _collect(found, payloads)
            cycle.added |= _added(payloads)
            cycle.changes_at |= _times(payloads)
            cycle.changes_by |= _authors(payloads)
        cycle.state["unread"] = more
        cycle.has_more |= more
        return found

    async def reread(self, cycle: SyncCycle) -> Changes:
        """Now and then all that operators own, a page per turn."""
        every = self._reconciled_every(cycle.state.get("pages", 0))
        if "webhook" not in cycle.state or not cycle.is_due("reconciled_at", every):
            return {}
        place = cycle.state.get("rereading") or {"table": 0, "offset": None}
        pages = place.get("pages", 0) + 1
        plan = self._read[place["table"]]
        asked = [cycle.ids.of(plan, one.name) for one in plan.fields if one.owner in READ_AGAIN]
        cycle.calls += 1
        table_id = cycle.ids.table(plan)
        try:
            records, offset = await self._airtable.page(
                table_id, offset=place["offset"], fields=asked
            )
        except errors.WrongValue as error:
            if place["offset"] is None or error.is_about_fields:
                raise
            # Airtable forgets an offset after some minutes: this table from its beginning.
            cycle.state["rereading"] = {"table": place["table"], "offset": None, "pages": pages}
            cycle.has_more = True
            return {}
        found = self._changes_of(cycle, records, asked)
        following = place["table"] + (offset is None)
        cycle.state["rereading"] = {"table": following, "offset": offset, "pages": pages}
        cycle.has_more = True
        if following == len(self._read):
            cycle.note("reconciled_at")
            cycle.state |= {"rereading": None, "pages": pages, WAS_READ: True}
        return {table_id: found}

    def _reconciled_every(self, pages: int) -> timedelta:
        """Return the time between full readings: the more pages there are, the longer."""
        shortest, longest = RECONCILED_EVERY
        calls = 2 * pages  # some tables are read once more to apply what changed
        return min(max(RECONCILING_SHARE * self._settings.pause(calls), shortest), longest)

    @staticmethod
    def _changes_of(
        cycle: SyncCycle, records: Sequence[Mapping[str, Any]], asked: Sequence[str]
    ) -> ChangedById:
        """Return records as changes. Those of the very first reading are new to the bot."""
        if not cycle.state.get(WAS_READ):
            cycle.added |= {one["id"] for one in records}
            return {one["id"]: one["fields"] for one in records}
        empty = dict.fromkeys(asked)  # cells that are empty are left out of records
        return {one["id"]: {**empty, **one["fields"]} for one in records}

    async def _subscribe(self, cycle: SyncCycle) -> None:
        # The reply may have been written long before its tick.
        with_cells = [cycle.ids.of(CONTACTS, name) for name in READ_TOGETHER]
        cycle.calls += 1
        made = await self._airtable.subscribe(url=self._url, with_cells=with_cells)
        secret = made.get("macSecretBase64")
        known = {"id": made["id"], "secret": secret, "url": self._url}
        cycle.state["webhook"] = {**known, "with": list(READ_TOGETHER)}
        if cycle.state.get("reconciled_at"):
            cycle.state[WAS_READ] = True
        cycle.state |= {"cursor": 1, "reconciled_at": 0, "rereading": None}
        cycle.note("refreshed_at")

    async def _refresh(self, cycle: SyncCycle) -> None:
        cycle.calls += 1
        cycle.note("refreshed_at")
        try:
            await self._airtable.refresh(cycle.state["webhook"]["id"])
        except errors.NotFound:  # it expired while nobody looked
            del cycle.state["webhook"]


def _is_for_operators(table: TableSchema) -> bool:
    return any(one.owner in READ_AGAIN for one in table.fields)


def _added(payloads: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the ids of the records that were created."""
    tables = (told for one in payloads for told in one.get("changedTablesById", {}).values())
    return {record_id for told in tables for record_id in told.get("createdRecordsById", {})}


def _authors(payloads: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return Airtable's id of the operator who changed each record last, where it is told."""
    authors: dict[str, str] = {}
    for payload in payloads:
        metadata = payload.get("actionMetadata", {}).get("sourceMetadata") or {}
        author = (metadata.get("user") or {}).get("id")
        for told in payload.get("changedTablesById", {}).values() if author else ():
            authors |= dict.fromkeys(told.get("changedRecordsById", {}), str(author))
    return authors


def _times(payloads: Sequence[Mapping[str, Any]]) -> dict[str, datetime]:
    """Return when each record was changed last, where Airtable says so."""
    times: dict[str, datetime] = {}
    for payload in payloads:
        at = parse_iso_datetime(payload.get("timestamp"))
        for told in payload.get("changedTablesById", {}).values() if at else ():
            for part in ("changedRecordsById", "createdRecordsById"):
                times |= dict.fromkeys(told.get(part, {}), at)
    return times


def _collect(found: Found, payloads: Sequence[Mapping[str, Any]]) -> None:
    """The newest value of each cell that changed; None for a record that is gone."""
    for payload in payloads:
        for table_id, told in payload.get("changedTablesById", {}).items():
            records = found.setdefault(table_id, {})
            for record_id, change in told.get("changedRecordsById", {}).items():
                known = records[record_id] = records.get(record_id) or {}
                for part in ("unchanged", "current"):
                    known |= change.get(part, {}).get("cellValuesByFieldId", {})
            for record_id, made in told.get("createdRecordsById", {}).items():
                known = records.get(record_id) or {}
                records[record_id] = {**known, **made.get("cellValuesByFieldId", {})}
            for record_id in told.get("destroyedRecordIds", ()):
                records[record_id] = None
