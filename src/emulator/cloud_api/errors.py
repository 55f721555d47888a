"""Meta's errors, as its servers answer them.

Source: developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

import secrets
from dataclasses import dataclass
from typing import Any

#: code -> HTTP status, text
ERRORS: dict[int, tuple[int, str]] = {
    4: (429, "Application request limit reached"),
    33: (400, "Parameter value is not valid"),
    100: (400, "Invalid parameter"),
    190: (401, "Invalid OAuth access token - Cannot parse access token"),
    130429: (429, "Rate limit hit"),
    131000: (500, "Something went wrong"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131047: (400, "Re-engagement message"),
    131051: (400, "Unsupported message type"),
    131053: (400, "Media upload error"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    132000: (400, "Number of parameters does not match the expected number of params"),
    132001: (404, "Template name does not exist in the translation"),
}


#: code -> what to do about it
REMEDIES: dict[int, str] = {
    4: "Wait: the app has made too many calls.",
    33: "Use an id that Meta gave you, and that has not expired.",
    100: "Correct the request: the details name the field.",
    190: "Renew WP_ACCESS_TOKEN.",
    130429: "Send more slowly; try again in a second.",
    131000: "Try again: this is Meta's own trouble.",
    131008: "Add the field that the details name.",
    131009: "Correct the value that the details name.",
    131047: "Send a template, or wait until the person writes again.",
    131051: "Send a type of message that the Cloud API has.",
    131053: "Send a smaller file, or one of a type that Meta takes.",
    132000: "Give each variable of the template a parameter.",
    132001: "Use a name and language of an approved template.",
    131056: "Wait: one message in 6 seconds to one person, after a burst of 45.",
}


@dataclass(frozen=True, slots=True)
class GraphError(Exception):
    """A refusal by Meta."""

    code: int
    details: str
    #: replaces the usual text
    text: str | None = None
    subcode: int | None = None

    @property
    def message(self) -> str:
        usual = ERRORS[self.code][1]
        return usual if self.code == 190 else f"(#{self.code}) {self.text or usual}"

    @property
    def status(self) -> int:
        return ERRORS[self.code][0]

    def envelope(self) -> dict[str, Any]:
        """The body of Meta's answer."""
        error = {
            "message": self.message,
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": f"A{secrets.token_urlsafe(16)}",
        }
        if self.subcode is not None:
            error |= {"error_subcode": self.subcode, "type": "GraphMethodException"}
        return {"error": error}


def unknown_object(object_id: str) -> GraphError:
    text = (
        f"Unsupported get request. Object with ID '{object_id}' does not exist, cannot be loaded "
        "due to missing permissions, or does not support this operation."
    )
    return GraphError(100, "The object is unknown.", text, subcode=33)
