"""Keeps the console and the bot in step: one turn after the other, in the lane of the base."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from loguru import logger

from domain.desk import DeskRow
from lanes.model import Job, Json, NewJob, NewTimer, Outcome
from lanes.upkeep import forget_done
from services.airtable import errors
from services.airtable_service import MOST_WRITTEN, AirtableService
from services.console.ids import BaseIds
from services.console.incoming import read_orders
from services.console.outgoing import contact_cells
from services.console.plan import CONTACTS, Owner
from services.console.setup import SetupNeeded, complete, find_ids
from services.outbox import outbox
from services.presenter import free_text
from storage import desk, users
from storage.group_commit import GroupCommit, Work
from storage.kept import keep, recall
from storage.write import Write

#: Requests of one turn, so that what was done is stored before long.
MOST_REQUESTS = 5
#: Between full readings of the base, in case a change was missed.
RECONCILED_EVERY = timedelta(days=1)
#: Airtable forgets a webhook after seven days.
REFRESHED_EVERY = timedelta(days=1)
#: After trouble that only a person can end.
LONG_PAUSE = timedelta(minutes=5)
SHORT_PAUSE = timedelta(seconds=20)
#: For a record that Airtable refuses: doubled each time.
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=1), timedelta(days=1)
MONTH = timedelta(days=30)


def lane_of(base_id: str) -> str:
    """In which lane a base is kept in step."""
    return f"airtable:{base_id}"


def ids_name(base_id: str) -> str:
    """Under which name the ids of its tables and fields are kept."""
    return f"airtable:{base_id}:ids"


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
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

    def pause(self, calls: int) -> timedelta:
        """After a turn of so many calls, so that the month's will do."""
        if self.calls_per_month is None:
            return self.poll
        return max(self.poll, calls * MONTH / self.calls_per_month)


@dataclass(slots=True)
class _Turn:
    """What one turn found and did; all of it is stored together."""

    now: datetime
    job: Job
    state: dict[str, Any]
    ids: BaseIds
    calls: int = 0
    jobs: list[NewJob] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    #: there is more to do, as fast as the plan of the workspace allows
    hurries: bool = False
    #: operators changed something: tell them at once what became of it
    obeyed: bool = False


class ConsoleRunner:
    """Handles the jobs of the lane "airtable:<base>". No trouble of Airtable fails a job."""

    def __init__(
        self,
        airtable: AirtableService,
        database: GroupCommit,
        settings: ConsoleSettings,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._airtable = airtable
        self._database = database
        self._settings = settings
        self._clock = clock
        self._ids_name = ids_name(airtable.base_id)

    @property
    def lane(self) -> str:
        return lane_of(self._airtable.base_id)

    async def sync(self, job: Job, state: Mapping[str, Json]) -> Outcome:
        """One turn: read what operators changed, then tell what they do not know yet."""
        turn = _Turn(self._clock(), job, dict(state), await self._known_ids())
        trouble, pause = None, None
        try:
            await self._prepare(turn)
            await self._read(turn)
            await self._tell(turn)
        except errors.TooFast as error:
            trouble, pause = str(error), error.after
        except errors.OverQuota as error:
            trouble, pause = str(error), errors.next_month(turn.now) - turn.now
            logger.error("Airtable is paused until next month: {}", error)
        except (errors.WrongToken, errors.Forbidden, errors.WrongValue, SetupNeeded) as error:
            trouble, pause = str(error), LONG_PAUSE
            await self._forget_ids_if_changed(turn, error)
            logger.error("Airtable: {}", error)
        except (errors.Unreachable, errors.NotFound) as error:
            trouble, pause = str(error), SHORT_PAUSE
            logger.warning("Airtable: {}", error)
        turn.state |= {"trouble": trouble, "calls": int(turn.state.get("calls", 0)) + turn.calls}
        if pause is None:
            pause = self._settings.pause(turn.calls)
            if turn.obeyed or (turn.hurries and self._settings.calls_per_month is None):
                pause = timedelta(0)
        timers = {"sync": NewTimer(pause, {})}
        return Outcome(turn.state, turn.jobs, timers, [*turn.writes, forget_done(self.lane)])

    async def _known_ids(self) -> BaseIds:
        name = self._ids_name
        return BaseIds(await self._database.submit(Work(lambda c, _: recall(c, name))) or {})

    async def _prepare(self, turn: _Turn) -> None:
        if not turn.state.get("is_set_up"):
            find = complete if self._settings.create_tables else find_ids
            turn.ids = await find(self._airtable, turn.ids)
            turn.calls += 1
            name, ids = self._ids_name, turn.ids.ids
            await self._database.submit(Work(lambda c, _: keep(c, name, ids)))
            turn.state["is_set_up"] = True
        if "webhook" in turn.state and self._is_due(turn, "refreshed_at", REFRESHED_EVERY):
            await self._refresh(turn)
        if turn.state.get("webhook", {}).get("url") != self._settings.webhook_url:
            await self._unsubscribe(turn)
        if "webhook" not in turn.state:
            reply = turn.ids.of(CONTACTS, "Reply")  # it may have been written before the tick
            url = self._settings.webhook_url
            made = await self._airtable.subscribe(url=url, with_cells=[reply])
            turn.calls += 1
            secret = made.get("macSecretBase64")
            turn.state["webhook"] = {"id": made["id"], "secret": secret, "url": url}
            turn.state |= {"cursor": 1, "refreshed_at": turn.now.timestamp(), "reconciled_at": 0}

    async def _unsubscribe(self, turn: _Turn) -> None:
        """The bot has another address than before."""
        webhook = turn.state.pop("webhook", None)
        if webhook is not None:
            turn.calls += 1
            with suppress(errors.NotFound):
                await self._airtable.unsubscribe(webhook["id"])

    async def _refresh(self, turn: _Turn) -> None:
        turn.calls += 1
        try:
            await self._airtable.refresh(turn.state["webhook"]["id"])
        except errors.NotFound:  # it expired while nobody looked
            del turn.state["webhook"]
        turn.state["refreshed_at"] = turn.now.timestamp()

    def _is_due(self, turn: _Turn, name: str, every: timedelta) -> bool:
        since = float(turn.state.get(name, 0))
        return turn.now.timestamp() - since >= every.total_seconds()

    async def _read(self, turn: _Turn) -> None:
        changed: dict[str, dict[str, Any]] = {}
        more = True
        while more and turn.calls < MOST_REQUESTS:
            try:
                payloads, cursor, more = await self._airtable.changes(
                    turn.state["webhook"]["id"], turn.state["cursor"]
                )
            except (errors.NotFound, errors.WrongValue):  # it expired, or the cursor is too old
                turn.state.pop("webhook")
                turn.hurries = True
                break
            turn.calls += 1
            turn.state["cursor"] = cursor
            _collect(changed, payloads, turn.ids.table(CONTACTS))
        turn.hurries |= more
        await self._obey(turn, changed)
        if "webhook" in turn.state and self._is_due(turn, "reconciled_at", RECONCILED_EVERY):
            await self._reconcile(turn)

    async def _reconcile(self, turn: _Turn) -> None:
        """Read all that operators own, a page per turn."""
        names = [one.name for one in CONTACTS.fields if one.owner is Owner.OPERATORS]
        asked = [turn.ids.of(CONTACTS, name) for name in names]
        records, offset = await self._airtable.page(
            turn.ids.table(CONTACTS), offset=turn.state.get("page"), fields=asked
        )
        turn.calls += 1
        empty = dict.fromkeys(asked)  # cells that are empty are left out of records
        await self._obey(turn, {one["id"]: {**empty, **one["fields"]} for one in records})
        turn.state["page"] = offset
        if offset is None:
            turn.state["reconciled_at"] = turn.now.timestamp()
        else:
            turn.hurries = True

    async def _obey(self, turn: _Turn, changed: Mapping[str, Mapping[str, Any]]) -> None:
        if not changed:
            return
        ids = list(changed)
        for row in await self._database.submit(Work(lambda c, _: desk.by_record(c, ids))):
            cells = turn.ids.by_name(CONTACTS, changed[str(row.record_id)])
            orders = read_orders(row, cells, now=turn.now, idle=self._settings.idle)
            if not orders:
                continue
            turn.obeyed = True
            if orders.user:
                turn.writes.append(users.change(row.user.key, orders.user))
            turn.writes.append(desk.change(row.user.key, orders.desk))
            if orders.reply is not None:
                self._send(turn, row, orders.reply)

    def _send(self, turn: _Turn, row: DeskRow, reply: str) -> None:
        bodies = [{"message": message.payload(), "upload": None} for message in free_text(reply)]
        origin = f"{turn.job.id}.{row.user.key}"
        jobs, rows = outbox(bodies, row.user, row.phone_number_id, origin=origin, at=turn.now)
        turn.jobs += jobs
        turn.writes += rows

    async def _tell(self, turn: _Turn) -> None:
        """Upsert what changed, ten records at a time."""
        most = max(MOST_REQUESTS - turn.calls, 1) * MOST_WRITTEN
        if turn.obeyed:
            return  # what operators changed is stored first, and told with the next turn
        now = turn.now
        rows = await self._database.submit(Work(lambda c, _: desk.dirty(c, now, most=most)))
        for start in range(0, len(rows), MOST_WRITTEN):
            await self._tell_some(turn, rows[start : start + MOST_WRITTEN])
        turn.hurries |= len(rows) == most

    async def _tell_some(self, turn: _Turn, rows: Sequence[DeskRow]) -> None:
        key = turn.ids.of(CONTACTS, CONTACTS.key)
        records = [turn.ids.by_id(CONTACTS, contact_cells(row)) for row in rows]
        turn.calls += 1
        try:
            taken = await self._airtable.upsert(turn.ids.table(CONTACTS), records, key_field=key)
        except errors.WrongValue as error:
            if error.is_about_fields:
                raise
            if len(rows) == 1:
                turn.writes.append(_refused(rows[0], error, turn.now))
                logger.error("Airtable refuses a record: {}", error)
                return
            for row in rows:  # one bad record must not take its neighbours with it
                await self._tell_some(turn, [row])
            return
        for row, record in zip(rows, taken, strict=True):
            turn.writes.append(desk.synced(row, record["id"]))

    async def _forget_ids_if_changed(self, turn: _Turn, error: Exception) -> None:
        """Look at the schema anew next time: somebody changed it."""
        if isinstance(error, errors.WrongValue | errors.Forbidden | SetupNeeded):
            turn.state.pop("is_set_up", None)


def _collect(
    changed: dict[str, dict[str, Any]], payloads: Sequence[Mapping[str, Any]], table_id: str
) -> None:
    """The newest value of each cell that changed, by record."""
    for payload in payloads:
        told = payload.get("changedTablesById", {}).get(table_id, {})
        for record_id, change in told.get("changedRecordsById", {}).items():
            known = changed.setdefault(record_id, {})
            known |= change.get("unchanged", {}).get("cellValuesByFieldId", {})
            known |= change["current"]["cellValuesByFieldId"]


def _refused(row: DeskRow, error: errors.WrongValue, now: datetime) -> Write:
    pause = min(FIRST_RETRY * 2.0 ** min(row.tries, 20), LONGEST_RETRY)
    return desk.refused(row, str(error), next_at=now + pause)
