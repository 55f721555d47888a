"""The message that asks a person whether they may be called.

Source: developers.facebook.com/docs/whatsapp/cloud-api/calling/user-call-permissions
"""

from typing import Any

from schemas.cloud_api_limits import Body
from schemas.cloud_api_schema import OutgoingMessage


class CallPermissionRequest(OutgoingMessage):
    """A text, with which WhatsApp offers to allow calls for a week, for good, or not at all."""

    body: Body

    def _content(self) -> tuple[str, Any]:
        name = "call_permission_request"
        return "interactive", {"type": name, "body": {"text": self.body}, "action": {"name": name}}
