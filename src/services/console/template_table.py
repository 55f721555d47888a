"""The table Templates: which message templates Meta has approved, for operators to see."""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from loguru import logger

from services.airtable_service import MOST_WRITTEN, AirtableService
from services.cloud_api.errors import WhatsAppError
from services.console.plan import TEMPLATES
from services.console.turn import Turn

#: Between looks at what Meta has.
EVERY = timedelta(hours=1)
VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
DELETED = "DELETED"

#: All templates of the account, as Meta describes them.
Read = Callable[[], Awaitable[Sequence[Mapping[str, Any]]]]


class TemplateTable:
    """Nothing is read back from it. Without a `read` there is nothing to tell."""

    def __init__(self, airtable: AirtableService, read: Read | None) -> None:
        self._airtable = airtable
        self._read = read

    async def tell(self, turn: Turn) -> None:
        """Those that are not as they were told last; of one that is gone, that it is."""
        if self._read is None or not turn.is_due("templates_at", EVERY):
            return
        try:
            found = {row["Key"]: row for row in map(_row, await self._read())}
        except WhatsAppError as error:
            logger.warning("the templates cannot be read: {}", error)
            turn.note("templates_at")
            return
        told: dict[str, str] = turn.state.setdefault("templates", {})
        gone = [{"Key": key, "Status": DELETED} for key in told if key not in found]
        rows = [*found.values(), *gone]
        new = [row for row in rows if told.get(row["Key"]) != _mark(row)][:MOST_WRITTEN]
        if not new:
            turn.note("templates_at")
            return
        key = turn.ids.of(TEMPLATES, TEMPLATES.key)
        records = [turn.ids.by_id(TEMPLATES, row) for row in new]
        turn.calls += 1
        await self._airtable.upsert(turn.ids.table(TEMPLATES), records, key_field=key)
        turn.state["templates"] = told | {row["Key"]: _mark(row) for row in new}
        turn.hurries = True  # perhaps there are more


def _row(template: Mapping[str, Any]) -> dict[str, Any]:
    components = template.get("components") or []
    texts = {one.get("type"): str(one.get("text", "")) for one in components}
    variables = VARIABLE.findall("\n".join(texts.values()))
    reason = template.get("rejected_reason")
    return {
        "Key": f"{template['name']}:{template['language']}",
        "Status": template.get("status"),
        "Category": template.get("category"),
        "Body": texts.get("BODY") or None,
        "Variables": "\n".join(dict.fromkeys(variables)) or None,
        "Rejected reason": None if reason == "NONE" else reason,
    }


def _mark(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]
