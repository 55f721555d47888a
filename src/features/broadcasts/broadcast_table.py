"""The table Broadcasts: what operators order, and how far it is."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from features.airtable.timestamps import parse_iso_datetime
from features.broadcasts.job_specs import BROADCASTS_POOL, COMMAND, CommandJob, lane_of
from features.broadcasts.schema import BROADCASTS
from features.broadcasts.state import ENDED, BroadcastPlan, BroadcastState, Command, Stage
from features.broadcasts.tables import DeliveryCounts, delivery_counts
from features.templates.operator_table import RECORDS
from jobs.maintenance import states_of
from jobs.model import UnreadableState
from services.operator_tables import Changed, OperatorTable, SyncCycle
from storage.engine.group_commit import GroupCommit, Transaction
from utils.digest import digest

#: Time between two looks at how far broadcasts are.
PROGRESS_INTERVAL = timedelta(seconds=5)
#: Time after its end for which a broadcast is still counted.
COUNTED_FOR = timedelta(days=3)
MAX_REPORT_CHARS = 2000


class BroadcastTable(OperatorTable):
    """Takes commands, and shows progress.

    The state of the cycle has `commands` (taken, and not yet emptied there) and `broadcasts` (a
    mark of what was shown last), both by the ids of records.
    """

    schema = BROADCASTS

    def __init__(self, database: GroupCommit) -> None:
        self._database = database

    async def apply_changes(self, cycle: SyncCycle, changed: Changed) -> None:
        """Pass new commands on; a broadcast whose record was deleted is cancelled."""
        taken: dict[str, str] = cycle.state.setdefault("commands", {})
        for record_id, cells in changed.items():
            command = str((cells or {}).get("Command"))
            if cells is None:
                self._pass_on(cycle, record_id, Command.CANCEL, BroadcastPlan())
            elif command in {*Command} and taken.get(record_id) != command:
                row = await cycle.read(BROADCASTS, record_id)
                if row is None:  # it was deleted meanwhile, which will be reported, too
                    continue
                plan = _plan(row, cycle.state.get(RECORDS, {}))
                self._pass_on(cycle, record_id, Command(command), plan)
                taken[record_id] = command
                cycle.applied_changes = True

    async def push_updates(self, cycle: SyncCycle) -> None:
        """Show how far each broadcast is, and that its command was taken."""
        taken: dict[str, str] = cycle.state.setdefault("commands", {})
        if not taken and not cycle.is_due("broadcasts_at", PROGRESS_INTERVAL):
            return
        cycle.note("broadcasts_at")
        shown: dict[str, str] = cycle.state.setdefault("broadcasts", {})
        pool = BROADCASTS_POOL.name
        states = await self._database.submit(Transaction(lambda c, _: states_of(c, pool)))
        for lane, state in states.items():
            if not state:  # nobody has looked at its first order yet
                continue
            try:
                record_id, known = lane.partition(":")[2], BroadcastState.read(state)
            except UnreadableState:  # the others are shown
                continue
            is_ordered = record_id in taken
            is_counted = known.stage is not None and not _is_old(known, cycle.now)
            cells = _cells(known, await self._reached(record_id)) if is_counted else {}
            mark = digest(json.dumps(cells, sort_keys=True), 16)
            if is_ordered or (is_counted and shown.get(record_id) != mark):
                emptied = {"Command": None} if is_ordered else {}
                await cycle.update(BROADCASTS, {record_id: cells | emptied})
                shown[record_id] = mark
                taken.pop(record_id, None)

    async def _reached(self, broadcast_id: str) -> DeliveryCounts:
        return await self._database.submit(
            Transaction(lambda c, _: delivery_counts(c, broadcast_id))
        )

    def _pass_on(
        self, cycle: SyncCycle, record_id: str, command: Command, plan: BroadcastPlan
    ) -> None:
        body = CommandJob(command=command, plan=plan)
        cycle.jobs.append(COMMAND.new(lane_of(record_id), body))


def _plan(row: Mapping[str, Any], templates: Mapping[str, str]) -> BroadcastPlan:
    linked = [templates[one] for one in row.get("Template") or [] if one in templates]
    return BroadcastPlan(
        template=linked[0] if linked else "",
        others=tuple(linked[1:]),
        include=row.get("Include tags") or (),
        exclude=row.get("Exclude tags") or (),
        variables=row.get("Variables") or "",
        send_at=parse_iso_datetime(row.get("Send at")),
        approved=bool(row.get("Approved")),
        test_to=str(row.get("Test to") or ""),
    )


def _is_old(known: BroadcastState, now: datetime) -> bool:
    if known.stage not in ENDED or known.ended_at is None:
        return False
    return now - datetime.fromtimestamp(known.ended_at, UTC) > COUNTED_FOR


def _cells(known: BroadcastState, so_far: DeliveryCounts) -> dict[str, Any]:
    skipped = sum(known.skipped.values())
    lines = [known.trouble] if known.trouble else []
    lines += [f"skipped: {count} {reason}" for reason, count in known.skipped.items()]
    lines += [f"failed: {count} {reason}" for reason, count in (so_far.failures or {}).items()]
    looked_at = 0 if known.stage is Stage.CHECKED else known.queued + skipped
    done = 1.0 if known.stage is Stage.DONE else looked_at / max(known.audience, 1)
    return {
        "State": known.stage,
        "Audience": known.audience,
        "Skipped": skipped,
        "Queued": known.queued,
        "Sent": so_far.sent,
        "Delivered": so_far.delivered,
        "Read": so_far.read,
        "Failed": so_far.failed,
        "Progress": min(done, 1.0),
        "Report": "\n".join(lines)[:MAX_REPORT_CHARS] or None,
        "Problem": known.trouble if known.stage is Stage.REFUSED else None,
        "Preview": known.preview or None,
        "Recipients": list(known.recipients),
    }
