"""Whether a person may be called, and asked whether they may: pure.

A permission is temporary (seven days) or permanent, and only the person gives it. Meta answers for
each person whether a call or a request is possible now; its webhooks say what the person chose, and
nothing when a temporary permission ends. Meta revokes a permission after four calls in a row that
nobody answered; the bot stops at two.

Source: developers.facebook.com/docs/whatsapp/cloud-api/calling/user-call-permissions
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

#: Duration of a temporary permission, where the webhook does not say when it ends (Meta).
TEMPORARY = timedelta(days=7)
#: Time for which a request can be answered (Meta).
REQUEST_LASTS = timedelta(days=7)
#: Calls in a row that were not answered after which the person is called no more.
MAX_UNANSWERED = 2
#: Pause between two requests (Meta).
REQUEST_EVERY = timedelta(hours=24)


class Status(StrEnum):
    """What a person allows, in Meta's words."""

    NONE = "no_permission"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"


@dataclass(frozen=True, slots=True)
class Permission:
    """What the bot knows of the permission of one person for one number."""

    status: Status = Status.NONE
    #: End of a temporary permission.
    expires_at: datetime | None = None
    #: When the person was asked last, and when they said yes last.
    asked_at: datetime | None = None
    granted_at: datetime | None = None

    def allows_call(self, now: datetime) -> bool:
        """Return whether the person may be called; Meta tells nobody when a permission ends."""
        is_over = self.expires_at is not None and now >= self.expires_at
        return self.status is Status.PERMANENT or (self.status is Status.TEMPORARY and not is_over)

    def asked(self, now: datetime) -> "Permission":
        """Return what is known once the person is asked."""
        return replace(self, asked_at=now)

    def accepted(self, now: datetime, *, until: datetime | None, for_good: bool) -> "Permission":
        """Return what is known once the person says yes."""
        status = Status.PERMANENT if for_good else Status.TEMPORARY
        end = None if for_good else until or now + TEMPORARY
        return replace(self, status=status, expires_at=end, granted_at=now)

    def refused(self) -> "Permission":
        """Return what is known once the person says no, or the permission is taken back."""
        return replace(self, status=Status.NONE, expires_at=None)

    def may_be_asked(self, now: datetime) -> bool:
        """Return whether it is not too soon to ask."""
        return self.asked_at is None or now >= self.asked_at + REQUEST_EVERY


@dataclass(frozen=True, slots=True)
class Allowed:
    """What Meta says is possible now."""

    call: bool
    ask: bool


def read_allowed(answer: Mapping[str, Any]) -> Allowed:
    """Read Meta's answer about a person; what it does not name is not possible."""
    found = answer.get("actions")
    actions = [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
    can = {one.get("action_name") for one in actions if one.get("can_perform_action") is True}
    return Allowed("start_call" in can, "send_call_permission_request" in can)


def read_until(value: Any) -> datetime | None:
    """Read `expiration_timestamp`: a string or a number of seconds; None for anything else."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    is_time = text.isascii() and text.isdecimal() and len(text) <= 10
    return datetime.fromtimestamp(int(text), UTC) if is_time else None
