"""What templates may name: the message, the conversation, the person, and outputs of checks."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

#: Every name, and what it holds; None ends a path, and "*" stands for any name.
KNOWN: Mapping[str, Any] = {
    "webhook": {
        "event": {
            **dict.fromkeys(
                (
                    *("type", "from", "user_id", "message_id", "text", "caption", "timestamp"),
                    *("display_name", "phone_number_id", "kind", "reply_to_message_id"),
                )
            ),
            "context": {"message_id": None, "from": None, "text": None},
        },
        "whatsapp_conversation": {
            "transport": None,
            "thread": {"id": None},
            "messages": {"*": {"role": None, "text": None}},
            "current": {"role": None, "text": None},
            "attributes": {"*": None},
        },
    },
    "outputs": {},
    "person": {"language": None, "role": None, "registered": None, "session": None},
    "now": None,
    "tenant": None,
}
#: What Liquid itself knows of lists and texts.
OF_LIQUID = frozenset({"size", "first", "last"})


def is_known(segments: Iterable[Any], checks: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a path such as `webhook.event.txet`; None if nothing is."""
    known: Any = {**KNOWN, "outputs": {name: {"**": None} for name in checks}}
    before = ""
    for segment in segments:
        if known is None or segment in OF_LIQUID:
            return None
        if "**" in known or not isinstance(segment, str):
            return None if "**" in known else _unless_list(known, before)
        if segment not in known and "*" not in known:
            nearest = get_close_matches(segment, known, n=1)
            hint = f": did you mean {before}{nearest[0]}?" if nearest else ""
            return f"unknown variable {before}{segment}{hint}"
        known = known.get(segment, known.get("*"))
        before += f"{segment}."
    return None


def _unless_list(known: Mapping[str, Any], before: str) -> str | None:
    return None if "*" in known else f"{before.rstrip('.')} is no list"
