"""Whether the business may call a person: only who allowed it is called.

Source: developers.facebook.com/docs/whatsapp/cloud-api/calling/user-call-permissions
"""

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from emulator.cloud_api.state.people import Person

#: Duration of a temporary permission to call.
PERMISSION = timedelta(days=7)


def note_permission(person: Person, content: Mapping[str, Any], now: float) -> None:
    """Note the answer of a person to a call permission request, if the message is one."""
    reply = (content.get("interactive") or {}).get("call_permission_reply")
    if reply is None:
        return
    until = math.inf if reply.get("is_permanent") else now + PERMISSION.total_seconds()
    person.may_be_called_until = until if reply.get("response") == "accept" else 0.0


def shown_permission(person: Person, now: float) -> dict[str, Any]:
    """Return what Meta says about the permission to call a person."""
    until = person.may_be_called_until
    status = "permanent" if until == math.inf else "temporary" if until > now else "no_permission"
    permission = {"status": status}
    if status == "temporary":
        permission["expiration_time"] = str(int(until))
    can = {
        "send_call_permission_request": status != "permanent",
        "start_call": status != "no_permission",
    }
    actions = [{"action_name": name, "can_perform_action": may} for name, may in can.items()]
    return {"messaging_product": "whatsapp", "permission": permission, "actions": actions}
