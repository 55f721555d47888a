"""The tables FAQ and Unanswered: operators write answers, and see what has none yet."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from domain.json import JsonObject
from features.faq import hits, written_entries
from features.faq.entry import FaqEntry
from features.faq.schema import FAQ, UNANSWERED
from features.faq.search import FaqIndex
from features.faq.unanswered import (
    UnansweredQuestion,
    is_open,
    record_gone,
    settled_records,
    unanswered,
)
from features.faq.written_entries import REFUSED, WrittenEntry
from services.operator_tables import Cells, Changed, OperatorTable, SyncCycle, SyncedRows
from services.operator_tables_active import ActiveByDefault
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables import key_value
from storage.tables.key_value import KeyValueStore
from texts.markdown import to_whatsapp
from utils.visible_text import is_blank

#: Key under which the entries are stored.
STORED_AS = "faq"
MAX_PAGES = 10
#: What only Markdown writes: bold by two stars, links, headings, text that is struck out.
_MARKDOWN = re.compile(r"\*\*|\]\(|~~|^#{1,6} ", re.MULTILINE)
#: Name under which an entry keeps the id of its record.
RECORD = "record"
READ = ("Question", "Also asked as", "Answer", "Language")
#: Time between two updates of how often answers were given.
HITS_INTERVAL = timedelta(minutes=15)
#: Most answers whose hits are updated at once.
MAX_HITS_PER_UPDATE = 50
#: Most records of settled questions that are deleted at once.
MAX_DELETED = 50


class FaqTable(OperatorTable):
    """Copies the entries that are active and have an answer; shows how often each was given."""

    schema = FAQ

    def __init__(self, database: GroupCommit) -> None:
        self._database = database
        self._stored = KeyValueStore(database)
        self._active = ActiveByDefault(FAQ)

    async def apply_changes(self, cycle: SyncCycle, changed: Changed) -> None:
        await self._active.tick_new(cycle, changed)
        read = await cycle.read_all(FAQ, max_pages=MAX_PAGES)
        records = self._active.with_ticks(cycle, read)
        problems = {record.id: _problem(record.cells) for record in records}
        entries = [
            {**{name: record.cells.get(name) for name in READ}, RECORD: record.id}
            for record in records
            if record.cells.get("Active") and problems[record.id] is None
        ]
        await self._stored.put(STORED_AS, entries)
        theirs = [one.id for one in await self._written() if one.record_id]
        cycle.writes.append(written_entries.drop(theirs))
        told = {record.id: record.cells.get("Problem") for record in records}
        news = {key: {"Problem": text} for key, text in problems.items() if told[key] != text}
        await cycle.update(FAQ, news)

    async def push_updates(self, cycle: SyncCycle) -> None:
        await self._push_entries(cycle)
        if not cycle.is_due("hits_at", HITS_INTERVAL):
            return
        cycle.note("hits_at")
        news = await self._database.submit(
            Transaction(lambda c, _: hits.news(c, MAX_HITS_PER_UPDATE))
        )
        cells = {
            record_id: {"Hits": count, "Last hit at": at.isoformat()}
            for record_id, count, at in news
        }
        await cycle.update(FAQ, cells)
        cycle.writes.append(hits.told({record_id: count for record_id, count, _ in news}))

    async def _push_entries(self, cycle: SyncCycle) -> None:
        """Show what operators wrote elsewhere; what is refused stays with the bot."""
        new = [one for one in await self._written() if one.record_id is None]
        async for one, record_id in cycle.upsert(FAQ, new, WrittenEntry.to_cells):
            known = record_id if isinstance(record_id, str) else REFUSED
            cycle.writes.append(written_entries.mirrored(one.id, known))

    async def _written(self) -> Sequence[WrittenEntry]:
        return await self._database.reader.run(lambda c, _: written_entries.all_entries(c))


def _problem(cells: Cells) -> str | None:
    """Return why an entry is not used; None if it is, or if it is not active."""
    if not cells.get("Active"):
        return None
    empty = [name for name in ("Question", "Answer") if is_blank(str(cells.get(name) or ""))]
    is_or_are = "is" if len(empty) == 1 else "are"
    return f"Not used: {' and '.join(empty)} {is_or_are} empty." if empty else None


def _as_whatsapp(answer: str) -> str:
    """Turn Markdown into what WhatsApp shows; what has WhatsApp's own marks stays as it is."""
    return to_whatsapp(answer) if _MARKDOWN.search(answer) else answer


def unanswered_to_record(row: UnansweredQuestion, contact_record: str) -> JsonObject:
    """Return the cells of a question."""
    return {
        "Id": row.id,
        "Contact": [contact_record],
        "Question": row.question,
        "Language": row.language,
        "Asked at": row.asked_at.isoformat(),
    }


class UnansweredTable(OperatorTable):
    """Shows questions that nothing is near to."""

    schema = UNANSWERED
    is_filled_by_bot = True
    rows = SyncedRows(
        unanswered, UnansweredQuestion, unanswered.c.asked_at, unanswered_to_record, where=is_open
    )

    def __init__(self, database: GroupCommit) -> None:
        self._database = database

    async def push_updates(self, cycle: SyncCycle) -> None:
        """Delete the records of questions that operators settled elsewhere."""
        gone = await self._database.reader.run(lambda c, _: settled_records(c, most=MAX_DELETED))
        await cycle.delete(UNANSWERED, [record for _, record in gone])
        cycle.writes += [record_gone(question_id) for question_id, _ in gone]


class FaqReader:
    """Reads what is known: what operators wrote goes before what is in the files.

    Of two entries for one question, that of Airtable counts.

    The index is made anew when they change something.
    """

    def __init__(self, database: GroupCommit, from_files: FaqIndex) -> None:
        self._database = database
        self._files = from_files
        self._rows: Any = (None, [])
        self._index = from_files

    async def __call__(self) -> FaqIndex:
        rows = await self._database.reader.run(
            lambda c, _: (key_value.get(c, STORED_AS), written_entries.all_entries(c))
        )
        if rows != self._rows:
            of_airtable, written = rows
            entries = [
                *(_entry(row) for row in of_airtable or () if not is_blank(str(row["Answer"]))),
                *(one.entry for one in written),
                *self._files.entries,
            ]
            first = {one.id: one for one in reversed(entries)}
            kept = [one for one in entries if first[one.id] is one]
            self._rows, self._index = rows, self._files.with_entries(kept)
        return self._index


def _entry(row: Mapping[str, Any]) -> FaqEntry:
    also = str(row.get("Also asked as") or "").splitlines()
    return FaqEntry(
        question=str(row.get("Question") or ""),
        answer=_as_whatsapp(str(row["Answer"])),
        also=tuple(one.strip() for one in also if one.strip()),
        language=row.get("Language"),
        record_id=row.get(RECORD),
    )
