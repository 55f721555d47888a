"""The table Templates: what Meta has approved, and what it stopped, for operators to see."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from features.templates.model import DISABLED, PAUSED, Template
from features.templates.parts import VARIABLE
from features.templates.registry import TemplateRegistry
from features.templates.schema import TEMPLATES
from services.operator_tables import OperatorTable, SyncCycle
from utils.digest import digest

#: Under which name the state of the lane has the keys of templates by the ids of their records.
RECORDS = "template_records"
#: Under which name the state of the lane has the version of the registry that was told.
VERSION = "templates_version"


#: What operators read about a template that cannot be sent, by its status.
PROBLEMS: Mapping[str, str] = {
    "REJECTED": "Meta rejected it, so no broadcast can use it. Change it in the WhatsApp Manager.",
    PAUSED: "Meta paused it, since people blocked or reported it. Nothing is sent with it.",
    DISABLED: "Meta disabled it for good. Make another template in the WhatsApp Manager.",
    "DELETED": "It was deleted at Meta.",
}


class TemplateTable(OperatorTable):
    """Shows templates; nothing is read back. Without an account there is nothing to show."""

    schema = TEMPLATES
    is_filled_by_bot = True

    def __init__(self, registry: TemplateRegistry | None) -> None:
        self._registry = registry

    async def push_updates(self, cycle: SyncCycle) -> None:
        """Push those that are not as they were told last."""
        if self._registry is None:
            return
        version = await self._registry.version()
        if cycle.state.get(VERSION) == version:
            return
        told: dict[str, str] = cycle.state.setdefault("templates", {})
        # Who knew them before their records were kept tells them anew.
        records: dict[str, str] = cycle.state.setdefault(RECORDS, {})
        for key in told.keys() - set(records.values()):
            del told[key]
        rows = [_row(one) for one in await self._registry.all()]
        new = [row for row in rows if told.get(row["Key"]) != _mark(row)]
        async for row, result in cycle.upsert(TEMPLATES, new, dict):
            if isinstance(result, str):
                told[row["Key"]] = _mark(row)
                records[result] = row["Key"]
        if all(told.get(row["Key"]) == _mark(row) for row in rows):
            cycle.state[VERSION] = version

    def known_records(self, cycle: SyncCycle) -> Collection[str]:
        return cycle.state.get(RECORDS, {})  # type: ignore[no-any-return]


def _row(template: Template) -> dict[str, Any]:
    texts = {one.get("type"): str(one.get("text", "")) for one in template.components}
    variables = VARIABLE.findall("\n".join(texts.values()))
    until = template.paused_until
    return {
        "Key": template.key,
        "Status": template.status or None,
        "Category": template.category or None,
        "Body": texts.get("BODY") or None,
        "Variables": "\n".join(dict.fromkeys(variables)) or None,
        "Rejected reason": template.reason or None,
        "Problem": PROBLEMS.get(template.status),
        "Quality": template.quality or None,
        "Previous category": template.previous_category or None,
        "Paused until": until.isoformat() if until is not None else None,
    }


def _mark(row: Mapping[str, Any]) -> str:
    return digest(json.dumps(row, sort_keys=True), 16)
