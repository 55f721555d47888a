"""The table FAQ: operators write it, and people are answered from it at once."""

from collections.abc import Mapping
from typing import Any

from domain.faq import FaqEntry
from services.airtable_service import AirtableService
from services.console.plan import FAQ
from services.console.turn import Turn
from services.knowledge import Knowledge
from storage.group_commit import GroupCommit
from storage.kept import Kept

#: Under which name the entries are kept.
KEPT = "faq"
MOST_PAGES = 10


class FaqTable:
    """Copies the entries that are active and have an answer."""

    def __init__(self, airtable: AirtableService, database: GroupCommit) -> None:
        self._airtable = airtable
        self._kept = Kept(database)

    async def read(self, turn: Turn) -> None:
        rows: list[dict[str, Any]] = []
        offset: str | None = None
        for _ in range(MOST_PAGES):
            turn.calls += 1
            records, offset = await self._airtable.page(turn.ids.table(FAQ), offset=offset)
            rows += [turn.ids.by_name(FAQ, one["fields"]) for one in records]
            if offset is None:
                break
        good = [row for row in rows if row.get("Active") and row.get("Answer")]
        await self._kept.keep(KEPT, good)


class FaqReader:
    """What is known at this moment; the index is made anew when operators changed something."""

    def __init__(self, database: GroupCommit) -> None:
        self._kept = Kept(database)
        self._rows: Any = None
        self._knowledge = Knowledge(())

    async def __call__(self) -> Knowledge:
        rows = await self._kept.recall(KEPT)
        if rows != self._rows:
            self._rows, self._knowledge = rows, Knowledge([_entry(row) for row in rows or ()])
        return self._knowledge


def _entry(row: Mapping[str, Any]) -> FaqEntry:
    also = str(row.get("Also asked as", "")).splitlines()
    return FaqEntry(
        question=str(row.get("Question", "")),
        answer=str(row["Answer"]),
        also=tuple(one.strip() for one in also if one.strip()),
        language=row.get("Language"),
    )
