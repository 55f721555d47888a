"""What people read in a message of the bot."""

from collections.abc import Mapping
from typing import Any

#: Field with the text of a template as the person reads it, beside those of Meta.
SHOWN_TEXT = "shown_text"


def words_of(message: Mapping[str, Any]) -> str | None:
    """Return what a person reads first in a message; its name, of a template without its text."""
    if SHOWN_TEXT in message:
        return str(message[SHOWN_TEXT])
    content = message[message["type"]]
    match message["type"]:
        case "text":
            return str(content["body"])
        case "interactive":
            return str((content.get("body") or {}).get("text") or "") or None
        case "template":
            return str(content["name"])
    return content.get("caption") if isinstance(content, Mapping) else None
