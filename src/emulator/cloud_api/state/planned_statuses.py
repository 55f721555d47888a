"""Statuses of an accepted message: sent, delivered, read, or failed.

Source: developers.facebook.com/docs/whatsapp/cloud-api/webhooks (statuses)
"""

from collections.abc import Mapping
from typing import Any

from emulator.cloud_api.rules.error_codes import CODES
from emulator.cloud_api.rules.errors import in_webhook
from emulator.cloud_api.state.chaos import FaultInjector
from emulator.cloud_api.state.people import Person

#: Pricing that comes with `sent` and `delivered`.
PRICING = {"billable": True, "pricing_model": "PMP", "type": "regular"}


def plan_statuses(person: Person, kind: str, faults: FaultInjector) -> tuple[list[str], int]:
    """Return the statuses that a message will have, and the error code of `failed` or 0."""
    if not person.is_on_whatsapp:
        return ["failed"], 131026
    if faults.hits("failed_later"):
        return ["sent", "failed"], faults.chaos.failed_code
    return ["sent"] if kind == "reaction" else ["sent", "delivered", "read"], 0


def status_update(
    person: Person,
    wamid: str,
    status: str,
    timestamp: str,
    *,
    data: str | None = None,
    category: str = "service",
    code: int = 0,
) -> dict[str, Any]:
    """The value of a webhook. Meta says who it is about, except where a message failed."""
    one: dict[str, Any] = {
        "id": wamid,
        "status": status,
        "timestamp": timestamp,
        "recipient_user_id": person.user_id,
    }
    if not person.hides_phone:
        one["recipient_id"] = person.wa_id
    if data:
        one["biz_opaque_callback_data"] = data
    if status == "failed":
        return {"statuses": [one | {"errors": [in_webhook(code)]}]}
    if status in ("sent", "delivered"):
        one["pricing"] = {**PRICING, "category": category}
    return {"contacts": [contact_of(person)], "statuses": [one]}


def contact_of(person: Person) -> dict[str, Any]:
    """Return a person as webhooks describe them."""
    profile = {"name": person.name}
    if person.username:
        profile["username"] = f"@{person.username}"
    contact = {"profile": profile, "user_id": person.user_id}
    return contact if person.hides_phone else {**contact, "wa_id": person.wa_id}


def refusal_entry(code: int, message: str, *, details: str = "", at: float) -> dict[str, Any]:
    """Return an entry of a conversation about a message that did not arrive, and why."""
    remedy = CODES[code].remedy
    shown = {"code": code, "message": message, "details": details, "remedy": remedy}
    return {"from": "bot", "type": "refused", "refused": shown, "at": at}


def as_addressed(person: Person, message: Mapping[str, Any]) -> dict[str, Any]:
    """Return the recipient as the answer to a send names it: as the message addressed it."""
    if message.get("to"):
        return {"input": message["to"], "wa_id": person.wa_id}
    return {"input": message["recipient"], "user_id": person.user_id}
