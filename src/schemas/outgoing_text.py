"""What people read in a message of the bot."""

from collections.abc import Mapping
from typing import Any


def words_of(message: Mapping[str, Any]) -> str | None:
    """Return what a person reads first in a message; of a template, its name."""
    content = message[message["type"]]
    match message["type"]:
        case "text":
            return str(content["body"])
        case "interactive":
            return str((content.get("body") or {}).get("text") or "") or None
        case "template":
            return str(content["name"])
    return content.get("caption") if isinstance(content, Mapping) else None
