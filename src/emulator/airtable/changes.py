"""WebhookSubscriptions: what changed, in payloads that a program reads from a cursor on.

Source: airtable.com/developers/web/api/webhooks-overview
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.airtable.bases import Bases, Change
from emulator.airtable.errors import AirtableRefusal, invalid
from emulator.airtable.tables import new_id

MAX_WEBHOOKS = 10
LIFE = timedelta(days=7)
#: Who changes records by hand.
OPERATOR = {
    "id": "usrEmulatedOperator",
    "email": "operator@example.com",
    "permissionLevel": "create",
    "name": "Operator",
}
#: Payloads that are kept, and payloads in one answer.
MAX_KEPT_PAYLOADS = 5_000
MAX_PAYLOADS_PER_PAGE = 50


@dataclass(slots=True)
class Webhook:
    """One subscription to the changes of a base."""

    id: str
    base_id: str
    filters: Mapping[str, Any]
    url: str | None
    secret: bytes
    expires_at: float
    #: unchanged fields that payloads include
    included: list[str]
    payloads: list[dict[str, Any]] = field(default_factory=list)
    #: number of payloads that were dropped
    forgotten: int = 0

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "areNotificationsEnabled": True,
            "cursorForNextPayload": self.forgotten + len(self.payloads) + 1,
            "isHookEnabled": True,
            "notificationUrl": self.url,
            "expirationTime": _written(self.expires_at),
            "specification": {"options": {"filters": self.filters}},
        }


class WebhookSubscriptions:
    """Those of all bases."""

    def __init__(self, bases: Bases, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._all: dict[str, Webhook] = {}
        #: pings to post: (url, body, headers)
        self.pings: list[tuple[str, bytes, dict[str, str]]] = []
        bases.listeners.append(self._note)

    def of(self, base_id: str) -> list[Webhook]:
        now = self._clock()
        found = self._all.values()
        return [one for one in found if one.base_id == base_id and one.expires_at > now]

    def create(self, base_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if len(self.of(base_id)) >= MAX_WEBHOOKS:
            raise invalid("TOO_MANY_WEBHOOKS_IN_BASE", f"A base has at most {MAX_WEBHOOKS}.")
        options = (given.get("specification") or {}).get("options") or {}
        filters, includes = options.get("filters"), options.get("includes") or {}
        if not isinstance(filters, dict) or not filters.get("dataTypes"):
            raise invalid("INVALID_REQUEST_UNKNOWN", "specification.options.filters is required")
        expires_at = self._clock() + LIFE.total_seconds()
        made = Webhook(
            new_id("ach"),
            base_id,
            filters,
            given.get("notificationUrl"),
            secrets.token_bytes(),
            expires_at,
            includes.get("includeCellValuesInFieldIds") or [],
        )
        self._all[made.id] = made
        return {
            "id": made.id,
            "macSecretBase64": base64.b64encode(made.secret).decode(),
            "expirationTime": _written(expires_at),
        }

    def get(self, base_id: str, webhook_id: str) -> Webhook:
        for one in self.of(base_id):
            if one.id == webhook_id:
                return one
        raise AirtableRefusal(404, "NOT_FOUND")

    def delete(self, base_id: str, webhook_id: str) -> None:
        del self._all[self.get(base_id, webhook_id).id]

    def refresh(self, base_id: str, webhook_id: str) -> dict[str, Any]:
        webhook = self.get(base_id, webhook_id)
        webhook.expires_at = self._clock() + LIFE.total_seconds()
        return {"expirationTime": _written(webhook.expires_at)}

    def payloads(self, base_id: str, webhook_id: str, cursor: int) -> dict[str, Any]:
        webhook = self.get(base_id, webhook_id)
        start = cursor - 1 - webhook.forgotten
        if start < 0:
            raise invalid("INVALID_CURSOR", "The payloads of this cursor are no longer there.")
        found = webhook.payloads[start : start + MAX_PAYLOADS_PER_PAGE]
        after = cursor + len(found)
        more = after - 1 - webhook.forgotten < len(webhook.payloads)
        return {"payloads": found, "cursor": after, "mightHaveMore": more}

    def _note(self, base_id: str, change: Change) -> None:
        for webhook in self.of(base_id):
            sources = webhook.filters.get("fromSources")
            if sources and change.source not in sources:
                continue
            webhook.payloads.append(_payload(change, webhook))
            if len(webhook.payloads) > MAX_KEPT_PAYLOADS:
                del webhook.payloads[0]
                webhook.forgotten += 1
            if webhook.url:
                self.pings.append(self._ping(webhook))

    def _ping(self, webhook: Webhook) -> tuple[str, bytes, dict[str, str]]:
        """It says only that something changed."""
        body = json.dumps(
            {
                "base": {"id": webhook.base_id},
                "webhook": {"id": webhook.id},
                "timestamp": _written(self._clock()),
            }
        ).encode()
        mac = hmac.digest(webhook.secret, body, hashlib.sha256).hex()
        headers = {
            "X-Airtable-Content-MAC": f"hmac-sha256={mac}",
            "Content-Type": "application/json",
        }
        return str(webhook.url), body, headers


def _payload(change: Change, webhook: Webhook) -> dict[str, Any]:
    told: dict[str, Any]
    if change.kind == "destroyed":
        told = {"destroyedRecordIds": list(change.cells)}
    elif change.kind == "created":
        told = {
            "createdRecordsById": {
                record: {"createdTime": change.at, "cellValuesByFieldId": dict(cells)}
                for record, cells in change.cells.items()
            }
        }
    else:
        [(record, cells)] = change.cells.items()
        others = {one: change.whole.get(one) for one in webhook.included if one not in cells}
        told = {
            "changedRecordsById": {
                record: {
                    "current": {"cellValuesByFieldId": dict(cells)},
                    "unchanged": {"cellValuesByFieldId": others},
                }
            }
        }
    return {
        "timestamp": change.at,
        "baseTransactionNumber": webhook.forgotten + len(webhook.payloads) + 1,
        "payloadFormat": "v0",
        "actionMetadata": {
            "source": change.source,
            "sourceMetadata": {"user": OPERATOR} if change.source == "client" else {},
        },
        "changedTablesById": {change.table_id: told},
    }


def _written(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
