"""The table Texts: what operators write there is said instead of the texts of the files."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from features.airtable.base_schema import TEXTS
from features.airtable.near_keys import near_keys
from services.operator_tables import Cells, Changed, OperatorTable, SyncCycle
from storage.engine.group_commit import GroupCommit
from storage.tables.key_value import KeyValueStore
from texts.catalogue import Texts
from texts.overrides import NO_SUCH_KEY, Override, WrongText

#: Key under which the texts are stored.
STORED_AS = "texts"
MAX_PAGES = 10


class TextTable(OperatorTable):
    """Takes over the texts that fit; *Problem* says why another one stays as it is in the files."""

    schema = TEXTS

    def __init__(self, texts: Texts, database: GroupCommit) -> None:
        self._texts = texts
        self._stored = KeyValueStore(database)

    async def apply_changes(self, cycle: SyncCycle, changed: Changed) -> None:
        """Read the table anew, and keep what was said before where a new text does not fit."""
        before = {(one.language, one.key): one for one in await read_overrides(self._stored)}
        found: dict[tuple[str, str], Override] = {}
        news: dict[str, dict[str, Any]] = {}
        for record in await cycle.read_all(TEXTS, max_pages=MAX_PAGES):
            one = _override(record.cells)
            place = (one.language, one.key)
            told: dict[str, Any] = {"Problem": None}
            try:
                told["Default"] = self._default(one)
                if one.text:
                    self._texts.check_override(one)
                    found[place] = one
            except WrongText as error:
                near = near_keys(self._texts, *place[::-1]) if NO_SUCH_KEY in str(error) else ""
                told["Problem"] = f"Not said: {error}{near}. What was said before stays."
                if place in before:
                    found[place] = before[place]
            if any(record.cells.get(name) != value for name, value in told.items()):
                news[record.id] = told
        kept = list(found.values())
        await self._stored.put(STORED_AS, [[one.language, one.key, one.text] for one in kept])
        self._texts.override(kept)
        await cycle.update(TEXTS, news)

    def _default(self, one: Override) -> str | None:
        """Return the text of the files; None for a row without a key, WrongText for another key."""
        return self._texts.check_override(replace(one, text="")) if one.key else None


async def read_overrides(stored: KeyValueStore) -> list[Override]:
    """Return what operators wrote, as it was synced last."""
    return [Override(*row) for row in await stored.get(STORED_AS) or ()]


def _override(cells: Cells) -> Override:
    named: Mapping[str, str] = {
        name: str(cells.get(name) or "").strip() for name in ("Language", "Key", "Text")
    }
    return Override(named["Language"], named["Key"], named["Text"])
