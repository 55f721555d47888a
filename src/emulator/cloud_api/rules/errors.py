"""Refusals, as Meta's servers answer them."""

import secrets
from dataclasses import dataclass
from typing import Any

from emulator.cloud_api.rules.error_codes import CODES


@dataclass(eq=False)  # neither frozen nor slotted: Python sets the traceback
class GraphError(Exception):
    """A refusal by Meta."""

    code: int
    details: str
    #: text in place of the usual one
    text: str | None = None
    subcode: int | None = None

    @property
    def message(self) -> str:
        usual = self.text or CODES[self.code].text
        return usual if self.code == 190 else f"(#{self.code}) {usual}"

    @property
    def status(self) -> int:
        return CODES[self.code].http

    def envelope(self) -> dict[str, Any]:
        """The body of Meta's answer."""
        error = {
            "message": self.message,
            "type": "GraphMethodException" if self.subcode == 33 else "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": f"A{secrets.token_urlsafe(16)}",
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return {"error": error}


def unknown_object(object_id: str) -> GraphError:
    text = (
        f"Unsupported get request. Object with ID '{object_id}' does not exist, cannot be loaded "
        "due to missing permissions, or does not support this operation."
    )
    return GraphError(100, "The object is unknown.", text, subcode=33)


def in_webhook(code: int, details: str = "") -> dict[str, Any]:
    """The same in a webhook, of what fails after it was accepted."""
    text = CODES[code].text
    return {
        "code": code,
        "title": text,
        "message": text,
        "error_data": {"details": details or text},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    }
