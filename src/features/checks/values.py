"""The values of what templates may name, for one message: see `features.checks.variables`."""

from datetime import datetime
from typing import Any

from features.checks.words import Words
from services.agent import AgentRequest
from utils.digest import digest


def variables(asked: AgentRequest, now: datetime) -> dict[str, Any]:
    """Return what templates may name for one message: see `features.checks.variables`."""
    message, person = asked.message, asked.requester
    assert message is not None
    assert person is not None
    has_file = message.kind not in ("text", "interactive", "button")
    text = Words(message.text)
    event = {
        "type": "whatsapp_message",
        "from": person.phone.removeprefix("+"),
        "user_id": person.key,
        "message_id": message.message_id,
        "text": text,
        "caption": text if has_file else "",
        "timestamp": "" if message.sent_at is None else str(int(message.sent_at)),
        "display_name": Words(message.profile_name),
        "phone_number_id": message.phone_number_id,
        "kind": message.kind,
        "reply_to_message_id": message.quotes or "",
        "context": {
            "message_id": message.quotes or "",
            "from": message.quoted_from,
            "text": Words(message.quoted_text),
        },
    }
    current = {"role": "user", "text": text}
    before = [{"role": turn.role, "text": Words(turn.text)} for turn in asked.history]
    conversation = {
        "transport": "whatsapp",
        "thread": {"id": person.phone.removeprefix("+") or session_of(person.key)},
        "messages": [*before, current],
        "current": current,
        "attributes": {},
    }
    return {
        "webhook": {"event": event, "whatsapp_conversation": conversation},
        "person": {
            "language": person.language,
            "role": person.role,
            "registered": person.is_registered,
            "session": session_of(person.key),
        },
        "now": now.isoformat(timespec="seconds"),
        "tenant": message.phone_number_id,
        "outputs": {},
    }


def session_of(key: str) -> str:
    """Return the name under which something may be kept for a person: it tells no number."""
    return f"whatsapp-{digest(key, 32)}"
