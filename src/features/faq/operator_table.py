"""The table FAQ: operators write it, and people are answered from it at once."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from features.airtable.base_schema import FAQ
from features.airtable.sync_cycle import SyncCycle
from features.airtable.upserts import update_each
from features.faq import hits as faq_hits
from features.faq.entry import FaqEntry
from features.faq.search import FaqIndex
from services.airtable_service import AirtableService
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables.key_value import KeyValueStore

#: Under which name the entries are kept.
KEPT = "faq"
MOST_PAGES = 10
#: What is kept of an entry, besides the id of its record.
RECORD = "record"
READ = ("Question", "Also asked as", "Answer", "Language", RECORD)
#: Between two tellings of how often answers were given, and of how many at once.
EVERY = timedelta(minutes=15)
MOST_TOLD = 50


class FaqTable:
    """Copies the entries that are active and have an answer."""

    def __init__(self, airtable: AirtableService, database: GroupCommit) -> None:
        self._airtable = airtable
        self._database = database
        self._kept = KeyValueStore(database)

    async def read(self, cycle: SyncCycle) -> None:
        rows: list[dict[str, Any]] = []
        offset: str | None = None
        for _ in range(MOST_PAGES):
            cycle.calls += 1
            records, offset = await self._airtable.page(cycle.ids.table(FAQ), offset=offset)
            rows += [
                {**cycle.ids.by_name(FAQ, one["fields"]), RECORD: one["id"]} for one in records
            ]
            if offset is None:
                break
        good = [row for row in rows if row.get("Active") and row.get("Answer")]
        await self._kept.put(KEPT, [{name: row.get(name) for name in READ} for row in good])

    async def push_updates(self, cycle: SyncCycle) -> None:
        """How often each answer was given."""
        if not cycle.is_due("hits_at", EVERY):
            return
        cycle.note("hits_at")
        news = await self._database.submit(Transaction(lambda c, _: faq_hits.news(c, MOST_TOLD)))
        cells = {
            record_id: {"Hits": hits, "Last hit at": at.isoformat()} for record_id, hits, at in news
        }
        await update_each(self._airtable, cycle, FAQ, cells)
        cycle.writes.append(faq_hits.told({record_id: hits for record_id, hits, _ in news}))


class FaqReader:
    """What is known at this moment: what operators wrote goes before what is in our files.

    The index is made anew when they change something.
    """

    def __init__(self, database: GroupCommit, files: Sequence[FaqEntry]) -> None:
        self._kept = KeyValueStore(database)
        self._files = files
        self._rows: Any = None
        self._knowledge = FaqIndex(files)

    async def __call__(self) -> FaqIndex:
        rows = await self._kept.get(KEPT)
        if rows != self._rows:
            entries = [_entry(row) for row in rows or ()]
            written = {one.id for one in entries}
            rest = [one for one in self._files if one.id not in written]
            self._rows, self._knowledge = rows, FaqIndex([*entries, *rest])
        return self._knowledge


def _entry(row: Mapping[str, Any]) -> FaqEntry:
    also = str(row.get("Also asked as") or "").splitlines()
    return FaqEntry(
        question=str(row.get("Question") or ""),
        answer=str(row["Answer"]),
        also=tuple(one.strip() for one in also if one.strip()),
        language=row.get("Language"),
        record_id=row.get(RECORD),
    )
