"""Refusals, as Meta's servers answer them."""

import secrets
from dataclasses import dataclass
from typing import Any

from emulator.cloud_api.rules.error_codes import CODES

#: Subcode of objects that are not there.
UNKNOWN_OBJECT = 33
#: Codes that do not stand in their messages.
UNNUMBERED = frozenset({190, 2500})


@dataclass(eq=False)  # neither frozen nor slotted: Python sets the traceback
class GraphError(Exception):
    """A refusal by Meta."""

    code: int
    details: str
    #: text in place of the usual one
    text: str | None = None
    subcode: int | None = None
    #: title for people; errors about templates have one
    title: str | None = None

    @property
    def message(self) -> str:
        usual = self.text or CODES[self.code].text
        is_numbered = self.code not in UNNUMBERED and self.subcode != UNKNOWN_OBJECT
        is_numbered = is_numbered and self.title is None
        return f"(#{self.code}) {usual}" if is_numbered else usual

    @property
    def status(self) -> int:
        return CODES[self.code].http

    def envelope(self) -> dict[str, Any]:
        """The body of Meta's answer."""
        error: dict[str, Any] = {
            "message": self.message,
            "type": "GraphMethodException" if self.subcode == UNKNOWN_OBJECT else "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": f"A{secrets.token_urlsafe(16)}",
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.title is not None:
            del error["error_data"]
            error["is_transient"] = False
            error |= {"error_user_title": self.title, "error_user_msg": self.details}
        return {"error": error}


def unknown_object(object_id: str, method: str = "get") -> GraphError:
    """Return the refusal of an object that is not there, or does not know the method."""
    text = (
        f"Unsupported {method.lower()} request. Object with ID '{object_id}' does not exist, "
        "cannot be loaded due to missing permissions, or does not support this operation. Please "
        "read the Graph API documentation at https://developers.facebook.com/docs/graph-api"
    )
    return GraphError(100, "The object is unknown.", text, subcode=UNKNOWN_OBJECT)


def unknown_path(path: str) -> GraphError:
    """Return the refusal of an address that no object has."""
    return GraphError(2500, "There is no such address.", f"Unknown path components: {path}")


def not_verified() -> GraphError:
    """Return the refusal of a callback URL that did not prove to be that of the app."""
    text = "Callback verification failed with the following errors: no challenge was echoed."
    return GraphError(2200, text, text)


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
