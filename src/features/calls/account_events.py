"""What Meta says of the calls of the whole account: low pick-up rates, and restrictions.

Source: developers.facebook.com/docs/whatsapp/cloud-api/calling/troubleshooting
"""

from collections.abc import Iterator
from typing import Any

#: Meta's name of the webhook field.
ACCOUNT_UPDATE = "account_update"
ADVICE = "See WhatsApp Manager, and `python3 watch.py calls settings`."


def told_of_calls(value: Any) -> Iterator[str]:
    """Yield what operators should know of an update of the account: only what is about calls."""
    if not isinstance(value, dict):
        return
    violation = value.get("violation_info")
    kinds = [violation.get("violation_type")] if isinstance(violation, dict) else []
    restrictions = value.get("restriction_info")
    listed = restrictions if isinstance(restrictions, list) else []
    kinds += [one.get("restriction_type") for one in listed if isinstance(one, dict)]
    for kind in kinds:
        if isinstance(kind, str) and "CALL" in kind.upper():
            yield f"Meta complains about voice calls: {kind[:100]}. {ADVICE}"
