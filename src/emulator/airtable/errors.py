"""Refusals, as Airtable's servers answer them.

Source: airtable.com/developers/web/api/errors
"""

from dataclasses import dataclass
from typing import Any

#: whether the type of the error is given in a list
LISTED = frozenset({429})


@dataclass(eq=False)  # neither frozen nor slotted: Python sets the traceback
class AirtableRefusal(Exception):
    """A refusal by Airtable."""

    status: int
    kind: str
    message: str = ""

    def envelope(self) -> dict[str, Any]:
        """The body of the answer."""
        if self.status in LISTED:
            return {"errors": [{"error": self.kind, "message": self.message}]}
        if not self.message:
            return {"error": self.kind}
        return {"error": {"type": self.kind, "message": self.message}}


def no_such_model() -> AirtableRefusal:
    """Airtable does not say whether a thing is missing or forbidden."""
    text = (
        "Invalid permissions, or the requested model was not found. Check that both your user and "
        "your token have the required permissions, and that the model names and/or ids are correct."
    )
    return AirtableRefusal(403, "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND", text)


def invalid(kind: str, message: str) -> AirtableRefusal:
    return AirtableRefusal(422, kind, message)
