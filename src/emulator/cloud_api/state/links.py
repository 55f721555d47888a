"""Links and QR codes that open a chat with the business, with words filled in.

Source: developers.facebook.com/docs/whatsapp/business-management-api/qr-codes
"""

import secrets
import string
from collections.abc import Mapping
from typing import Any

from emulator.cloud_api.rules.errors import GraphError, unknown_object

MAX_WORDS = 140
IMAGES = ("SVG", "PNG")
#: Letters of a code, and how many it has.
LETTERS, CODE_CHARS = string.ascii_uppercase + "234567", 14


class Links:
    """Those of one number."""

    def __init__(self) -> None:
        self._links: dict[str, dict[str, str]] = {}

    def all(self) -> list[dict[str, str]]:
        return list(self._links.values())

    def get(self, code: str) -> dict[str, str]:
        """Return the link of a code. Raise GraphError if there is none."""
        if code not in self._links:
            raise unknown_object(code)
        return self._links[code]

    def delete(self, code: str) -> None:
        """Remove the link of a code. Raise GraphError if there is none."""
        self.get(code)
        del self._links[code]

    def save(self, given: Mapping[str, Any]) -> dict[str, str]:
        """Create a link, or change the one whose code is given. Raise GraphError."""
        words, image = given.get("prefilled_message"), given.get("generate_qr_image")
        if not isinstance(words, str) or not words:
            raise GraphError(131008, "prefilled_message is required.")
        if len(words) > MAX_WORDS:
            raise GraphError(131009, f"prefilled_message has at most {MAX_WORDS} characters.")
        if image is not None and str(image).upper() not in IMAGES:
            raise GraphError(131009, f"generate_qr_image is one of {', '.join(IMAGES)}.")
        code = given.get("code")
        if code is None:
            code = "".join(secrets.choice(LETTERS) for _ in range(CODE_CHARS))
        else:
            self.get(str(code))
        url = f"https://wa.me/message/{code}"
        link = {"code": str(code), "prefilled_message": words, "deep_link_url": url}
        self._links[str(code)] = link
        if image is None:
            return link
        return {**link, "qr_image_url": f"https://scontent.example.com/{code}.{image.lower()}"}
