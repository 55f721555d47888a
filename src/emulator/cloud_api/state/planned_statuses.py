"""What Meta tells of a message once it was accepted: sent, delivered, read, or failed.

Source: developers.facebook.com/docs/whatsapp/cloud-api/webhooks (statuses)
"""

from typing import Any

from emulator.cloud_api.rules.error_codes import CODES
from emulator.cloud_api.rules.errors import in_webhook
from emulator.cloud_api.state.chaos import Dice
from emulator.cloud_api.state.people import Person

#: with `sent` and `delivered`, for messages that are charged
PRICING = {"billable": True, "pricing_model": "PMP", "type": "regular"}


def fate(person: Person, kind: str, dice: Dice) -> tuple[list[str], int]:
    """The statuses that a message goes through, and the code with which it fails, if it does."""
    if not person.is_on_whatsapp:
        return ["failed"], 131026
    if dice.hits("failed_later"):
        return ["sent", "failed"], dice.chaos.failed_code
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
    return {"contacts": [who(person)], "statuses": [one]}


def who(person: Person) -> dict[str, Any]:
    """A person, as webhooks name them."""
    profile = {"name": person.name}
    if person.username:
        profile["username"] = f"@{person.username}"
    contact = {"profile": profile, "user_id": person.user_id}
    return contact if person.hides_phone else {**contact, "wa_id": person.wa_id}


def problem(code: int, message: str, *, details: str = "", at: float) -> dict[str, Any]:
    """An entry of a conversation that says what did not reach the person, and why."""
    remedy = CODES[code].remedy
    shown = {"code": code, "message": message, "details": details, "remedy": remedy}
    return {"from": "bot", "type": "refused", "refused": shown, "at": at}
