"""The table Templates: which message templates Meta has approved, for operators to see."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from loguru import logger

from features.broadcasts.schema import TEMPLATES
from services.clients.cloud_api.client import ReadTemplates
from services.clients.cloud_api.errors import WhatsAppError
from services.operator_tables import OperatorTable, SyncCycle

#: Between looks at what Meta has.
EVERY = timedelta(hours=1)
VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
DELETED = "DELETED"
#: What operators read about a template that cannot be sent, by its status.
PROBLEMS: Mapping[str, str] = {
    "REJECTED": "Meta rejected it, so no broadcast can use it. Change it in the WhatsApp Manager.",
    "PAUSED": "Meta paused it, since people blocked or reported it. Broadcasts with it fail.",
    "DISABLED": "Meta disabled it for good. Make another template in the WhatsApp Manager.",
    DELETED: "It was deleted at Meta.",
}
#: Under which name the state of the lane has the keys of templates by the ids of their records.
RECORDS = "template_records"


class TemplateTable(OperatorTable):
    """Shows templates; nothing is read back. Without a `read` there is nothing to show."""

    schema = TEMPLATES
    is_filled_by_bot = True

    def __init__(self, read: ReadTemplates | None) -> None:
        self._read = read

    async def push_updates(self, cycle: SyncCycle) -> None:
        """Those that are not as they were told last; of one that is gone, that it is."""
        if self._read is None or not cycle.is_due("templates_at", EVERY):
            return
        try:
            await self._tell_new(cycle, await self._read())
        except WhatsAppError as error:
            logger.warning("the templates cannot be read: {}", error)
        cycle.note("templates_at")

    def known_records(self, cycle: SyncCycle) -> Collection[str]:
        return cycle.state.get(RECORDS, {})  # type: ignore[no-any-return]

    async def _tell_new(self, cycle: SyncCycle, templates: Sequence[Mapping[str, Any]]) -> None:
        found = {row["Key"]: row for row in map(_row, templates)}
        told: dict[str, str] = cycle.state.setdefault("templates", {})
        # Who knew them before their records were kept tells them anew.
        records: dict[str, str] = cycle.state.setdefault(RECORDS, {})
        for key in told.keys() - set(records.values()):
            del told[key]
        gone = [
            {"Key": key, "Status": DELETED, "Problem": PROBLEMS[DELETED]}
            for key in told
            if key not in found
        ]
        rows = [*found.values(), *gone]
        new = [row for row in rows if told.get(row["Key"]) != _mark(row)]
        async for row, result in cycle.upsert(TEMPLATES, new, dict):
            if isinstance(result, str):
                told[row["Key"]] = _mark(row)
                records[result] = row["Key"]


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
        "Problem": PROBLEMS.get(str(template.get("status"))),
    }


def _mark(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]
