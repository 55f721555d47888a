"""What a message without a text of its own says, in words for operators, flows and the model.

Never raises, for any content.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from utils.lenient_json import read_lenient
from utils.storable_text import strip_unstorable

#: Longest description, in characters, and most parts of a list that are described.
MAX_DESCRIPTION_CHARS = 2000
MAX_PARTS = 30
#: Names in the answer of a WhatsApp Flow that mean nothing to people.
TECHNICAL = frozenset({"flow_token", "flow_token_signature", "wa_flow_response_params"})


def describe(kind: str, content: Any) -> str | None:
    """Return what a message of Meta's type `kind` says; None for types that are read otherwise."""
    make = DESCRIBED.get(kind)
    if make is None or not content:
        return None
    said = strip_unstorable(make(content) or "")
    return said[:MAX_DESCRIPTION_CHARS] or None


def place_text(content: Any) -> str | None:
    """Return a place as "Name, address (4.6534, -74.0836)"; None without coordinates."""
    if not isinstance(content, Mapping) or (where := _coordinates(content)) is None:
        return None
    named = ", ".join(filter(None, (_text(content, "name"), _text(content, "address"))))
    return f"{named} ({where[0]}, {where[1]})".strip()


def flow_answers(content: Any) -> dict[str, Any] | None:
    """Return the answers of a WhatsApp Flow that was completed; None for anything else."""
    reply = content.get("nfm_reply") if isinstance(content, Mapping) else None
    if not isinstance(reply, Mapping):
        return None
    written = str(reply.get("response_json") or "{}")
    try:
        answers = read_lenient(written.encode("utf-8", "replace"))
    except ValueError:
        answers = None
    if not isinstance(answers, dict):
        return {"response": written[:MAX_DESCRIPTION_CHARS]}
    return {name: value for name, value in answers.items() if name not in TECHNICAL}


def shares_own_number(content: Any) -> bool:
    """Return whether contacts are the number of the person, who was asked for it."""
    cards = content if isinstance(content, list) else []
    return any(isinstance(one, Mapping) and one.get("origin") == "contact_request" for one in cards)


def _coordinates(content: Mapping[str, Any]) -> tuple[float, float] | None:
    try:
        return float(content["latitude"]), float(content["longitude"])
    except (KeyError, TypeError, ValueError):
        return None


def _location(content: Any) -> str | None:
    said = place_text(content)
    if said is None:
        return None
    latitude, longitude = _coordinates(content) or (0.0, 0.0)
    return f"{said}\n{map_link(latitude, longitude)}"


def map_link(latitude: object, longitude: object) -> str:
    """Return the address of a map that shows a place."""
    return f"https://www.google.com/maps?q={latitude},{longitude}"


def _contacts(content: Any) -> str | None:
    cards = content if isinstance(content, list) else [content]
    return "\n".join(filter(None, map(_card, cards[:MAX_PARTS])))


def _card(card: Any) -> str:
    if not isinstance(card, Mapping):
        return ""
    name = card.get("name")
    shown = _text(name, "formatted_name") if isinstance(name, Mapping) else None
    numbers = [_text(one, "phone") for one in _items(card.get("phones"))]
    mails = [_text(one, "email") for one in _items(card.get("emails"))]
    details = ", ".join(filter(None, (*numbers, *mails)))
    return ": ".join(filter(None, (shown, details)))


def _order(content: Any) -> str | None:
    if not isinstance(content, Mapping):
        return None
    items = list(_items(content.get("product_items")))
    lines = [_item_line(item) for item in items]
    note = _text(content, "text")
    return "\n".join([*lines, *([f"Note: {note}"] if note else []), *_totals(items)])


def _item_line(item: Mapping[str, Any]) -> str:
    quantity = _number(item.get("quantity")) or 1
    name = item.get("product_retailer_id") or "?"
    price = _number(item.get("item_price"))
    cost = f" at {price:g} {item.get('currency') or ''}".rstrip() if price is not None else ""
    return f"{quantity:g} of {name}{cost}"


def _totals(items: list[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the total of each currency."""
    totals: dict[str, float] = {}
    for item in items:
        price = _number(item.get("item_price"))
        if price is not None:
            currency = str(item.get("currency") or "")
            quantity = _number(item.get("quantity")) or 1
            totals[currency] = totals.get(currency, 0.0) + price * quantity
    yield from (f"Total: {total:.2f} {currency}".rstrip() for currency, total in totals.items())


def _reaction(content: Any) -> str | None:
    emoji = _text(content, "emoji") if isinstance(content, Mapping) else None
    return f"Reacted with {emoji}" if emoji else "Took the reaction back"


def _interactive(content: Any) -> str | None:
    answers = flow_answers(content)
    if answers is not None:
        return "\n".join(f"{name}: {_shown(value)}" for name, value in answers.items()) or "Sent"
    permission = content.get("call_permission_reply") if isinstance(content, Mapping) else None
    return _permission(permission) if isinstance(permission, Mapping) else None


def _permission(reply: Mapping[str, Any]) -> str:
    if reply.get("response") != "accept":
        return "Does not want to be called"
    if reply.get("is_permanent"):
        return "May be called from now on"
    until = _number(reply.get("expiration_timestamp"))
    try:
        end = datetime.fromtimestamp(until or 0, UTC) if until else None
    except (ValueError, OverflowError, OSError):
        end = None
    return f"May be called until {end:%Y-%m-%d %H:%M} UTC" if end else "May be called"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _items(value: Any) -> Iterator[Mapping[str, Any]]:
    for item in value[:MAX_PARTS] if isinstance(value, list) else ():
        if isinstance(item, Mapping):
            yield item


def _text(content: Mapping[str, Any], name: str) -> str | None:
    value = content.get(name)
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


DESCRIBED: Mapping[str, Callable[[Any], str | None]] = {
    "location": _location,
    "contacts": _contacts,
    "order": _order,
    "reaction": _reaction,
    "interactive": _interactive,
}
