"""What operators read of a message that the bot sent: its words, and what could be tapped."""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.outgoing_text import words_of


def shown_text(message: Mapping[str, Any]) -> str | None:
    """Return the words of a message, with a line for what the person can tap; None for none."""
    options = " · ".join(f"[{one}]" for one in _options(message))
    return "\n".join(part for part in (words_of(message), options) if part) or None


def _options(message: Mapping[str, Any]) -> Iterator[str]:
    if message["type"] != "interactive":
        return
    action = message["interactive"].get("action") or {}
    for button in action.get("buttons", ()):
        yield str((button.get("reply") or {}).get("title", ""))
    for section in action.get("sections", ()):
        yield from (str(row.get("title", "")) for row in section.get("rows", ()))
    parameters = action.get("parameters") or {}
    if text := parameters.get("display_text") or parameters.get("flow_cta"):
        yield str(text)
