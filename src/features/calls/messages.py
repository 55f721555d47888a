"""A message with a button that calls the number.

Source: developers.facebook.com/docs/whatsapp/cloud-api/calling/call-button-messages-deep-links
"""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from schemas.cloud_api_limits import Body
from schemas.cloud_api_schema import OutgoingMessage

#: Longest title of the button, and longest payload, in characters.
MAX_LABEL_CHARS = 20
MAX_PAYLOAD_CHARS = 512
#: Time for which the button works, at most and by default (Meta).
LONGEST = timedelta(days=30)
USUAL = timedelta(days=7)


class VoiceCallMessage(OutgoingMessage):
    """A text with a button that calls the number; calls of people are free."""

    body: Body
    label: Annotated[str, Field(min_length=1, max_length=MAX_LABEL_CHARS)]
    minutes: Annotated[int, Field(ge=1, le=int(LONGEST.total_seconds()) // 60)] = (
        int(USUAL.total_seconds()) // 60
    )
    #: Meta gives it back with the call.
    call_payload: Annotated[str, Field(max_length=MAX_PAYLOAD_CHARS)] | None = None

    def _content(self) -> tuple[str, Any]:
        parameters: dict[str, Any] = {"display_text": self.label, "ttl_minutes": self.minutes}
        if self.call_payload is not None:
            parameters["payload"] = self.call_payload
        return "interactive", {
            "type": "voice_call",
            "body": {"text": self.body},
            "action": {"name": "voice_call", "parameters": parameters},
        }
