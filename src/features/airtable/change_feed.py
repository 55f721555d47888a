"""Learning what operators changed: by a webhook that is read from a cursor on, and by rereading."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from features.airtable.base_schema import ALWAYS, CONTACTS, Owner
from features.airtable.sync_cycle import Changes, ConsoleSettings, Turn
from services.airtable_service import AirtableService
from services.clients.airtable import errors

#: Between full readings of the base, in case a change was missed.
RECONCILED_EVERY = timedelta(days=1)
#: Airtable forgets a webhook after seven days.
REFRESHED_EVERY = timedelta(days=1)
#: The tables in which operators own something.
READ = [plan for plan in ALWAYS if any(one.owner is Owner.OPERATORS for one in plan.fields)]


Found = dict[str, dict[str, dict[str, Any] | None]]


class Subscription:
    """The webhook of the bot at one base. Its state is kept by the lane."""

    def __init__(self, airtable: AirtableService, settings: ConsoleSettings) -> None:
        self._airtable = airtable
        self._url = settings.webhook_url
        self._poll = settings.poll

    async def keep(self, turn: Turn) -> None:
        """Have a webhook, with our address and not about to expire."""
        known = turn.state.get("webhook")
        if known is not None and known["url"] != self._url:
            del turn.state["webhook"]
            turn.calls += 1
            with suppress(errors.NotFound):
                await self._airtable.unsubscribe(known["id"])
        elif known is not None and turn.is_due("refreshed_at", REFRESHED_EVERY):
            await self._refresh(turn)
        if "webhook" not in turn.state:
            await self._subscribe(turn)

    async def changes(self, turn: Turn) -> Changes:
        """What changed since it was asked last; not asked while there is a rush to tell."""
        found: Found = {}
        if not (turn.state.get("unread") or turn.is_due("read_at", self._poll)):
            return found
        turn.note("read_at")
        more = True
        while more and turn.calls_left:
            turn.calls += 1
            try:
                payloads, cursor, more = await self._airtable.changes(
                    turn.state["webhook"]["id"], turn.state["cursor"]
                )
            except (errors.NotFound, errors.WrongValue):  # it expired, or the cursor is too old
                del turn.state["webhook"]
                turn.hurries = True
                return found
            turn.state["cursor"] = cursor
            _collect(found, payloads)
        turn.state["unread"] = more
        turn.hurries |= more
        return found

    async def reread(self, turn: Turn) -> Changes:
        """Once a day all that operators own, a page per turn."""
        if "webhook" not in turn.state or not turn.is_due("reconciled_at", RECONCILED_EVERY):
            return {}
        place = turn.state.get("rereading") or {"table": 0, "offset": None}
        plan = READ[place["table"]]
        asked = [turn.ids.of(plan, one.name) for one in plan.fields if one.owner is Owner.OPERATORS]
        turn.calls += 1
        table_id = turn.ids.table(plan)
        try:
            records, offset = await self._airtable.page(
                table_id, offset=place["offset"], fields=asked
            )
        except errors.WrongValue as error:
            if place["offset"] is None or error.is_about_fields:
                raise
            # Airtable forgets an offset after some minutes: this table from its beginning.
            turn.state["rereading"] = {"table": place["table"], "offset": None}
            turn.hurries = True
            return {}
        following = place["table"] + (offset is None)
        turn.state["rereading"] = {"table": following, "offset": offset}
        turn.hurries = True
        if following == len(READ):
            turn.note("reconciled_at")
            turn.state["rereading"] = None
        empty = dict.fromkeys(asked)  # cells that are empty are left out of records
        return {table_id: {one["id"]: {**empty, **one["fields"]} for one in records}}

    async def _subscribe(self, turn: Turn) -> None:
        # The reply may have been written long before its tick.
        with_cells = [turn.ids.of(CONTACTS, "Reply")]
        turn.calls += 1
        made = await self._airtable.subscribe(url=self._url, with_cells=with_cells)
        secret = made.get("macSecretBase64")
        turn.state["webhook"] = {"id": made["id"], "secret": secret, "url": self._url}
        turn.state |= {"cursor": 1, "reconciled_at": 0, "rereading": None}
        turn.note("refreshed_at")

    async def _refresh(self, turn: Turn) -> None:
        turn.calls += 1
        turn.note("refreshed_at")
        try:
            await self._airtable.refresh(turn.state["webhook"]["id"])
        except errors.NotFound:  # it expired while nobody looked
            del turn.state["webhook"]


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
