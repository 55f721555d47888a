"""What Meta accepts as the cards of an interactive carousel.

Source: the pages "Interactive media carousel messages" (2026) and "Interactive product carousel
messages" of the Cloud API.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.rules.text import within
from emulator.json import JsonObject

CARDS = (2, 10)
TYPES = ("cta_url", "product")
HEADERS = ("image", "video")
MAX_LINE_BREAKS = 2
#: Most quick replies on a card.
MAX_QUICK_REPLIES = 2


def check_cards(action: JsonObject) -> None:
    """Raise the GraphError that Meta would answer, if any."""
    cards = action.get("cards") or []
    least, most = CARDS
    if not least <= len(cards) <= most:
        raise GraphError(131009, f"A carousel has {least} to {most} cards.")
    indexes = [card.get("card_index") for card in cards]
    if any(not isinstance(one, int) or isinstance(one, bool) for one in indexes):
        raise GraphError(131008, "card_index is required, and a number.")
    if sorted(indexes) != list(range(len(cards))):
        raise GraphError(131009, "card_index counts the cards from 0, each once.")
    shapes = {_checked_card(card) for card in cards}
    if len(shapes) > 1:
        raise GraphError(131009, "All cards have the same type, header and buttons.")


def check_file_header(header: Mapping[str, Any]) -> None:
    """Raise GraphError unless a header with a file has exactly one of id and link."""
    kind = header["type"]
    file = header.get(kind)
    if not isinstance(file, dict):
        raise GraphError(131008, f"header.{kind} is required.")
    if bool(file.get("id")) == bool(file.get("link")):
        raise GraphError(131009, f"header.{kind} needs exactly one of id and link.")


def _checked_card(card: JsonObject) -> tuple[Any, ...]:
    """Return what is the same on all cards."""
    kind = card.get("type")
    if kind is None:
        raise GraphError(131008, "type of a card is required.")
    if kind not in TYPES:
        raise GraphError(131009, f"type of a card is one of {', '.join(TYPES)}.")
    action = card.get("action")
    if not isinstance(action, dict):
        raise GraphError(131008, "action of a card is required.")
    if kind == "product":
        if not action.get("catalog_id") or not action.get("product_retailer_id"):
            raise GraphError(131008, "catalog_id and product_retailer_id are required.")
        return ("product",)
    header = card.get("header")
    if not isinstance(header, dict):
        raise GraphError(131008, "header of a card is required.")
    if header.get("type") not in HEADERS:
        raise GraphError(131009, f"header of a card is one of {', '.join(HEADERS)}.")
    check_file_header(header)
    if body := card.get("body"):
        within("card body", body.get("text"), least=1)
        if body["text"].count("\n") > MAX_LINE_BREAKS:
            raise GraphError(131009, f"body of a card has at most {MAX_LINE_BREAKS} line breaks.")
    return (header["type"], *_checked_buttons(action))


def _checked_buttons(action: JsonObject) -> Sequence[Any]:
    """A card has a link, or quick replies."""
    if replies := action.get("buttons"):
        if len(replies) > MAX_QUICK_REPLIES:
            raise GraphError(131009, f"A card has at most {MAX_QUICK_REPLIES} quick replies.")
        for one in replies:
            if one.get("type") != "quick_reply":
                raise GraphError(131009, "type of a button of a card is quick_reply.")
            reply = one.get("quick_reply") or {}
            within("button id", reply.get("id"), least=1)
            within("button title", reply.get("title"), least=1)
        return ("quick_reply", len(replies))
    if action.get("name") != "cta_url":
        raise GraphError(131009, "action.name of a card must be cta_url.")
    check_link(action.get("parameters") or {})
    return ("cta_url",)


def check_link(parameters: JsonObject) -> None:
    """Raise the GraphError of a button that opens an address."""
    within("display_text", parameters.get("display_text"), least=1)
    if not str(parameters.get("url", "")).startswith(("http://", "https://")):
        raise GraphError(131009, "url must start with http:// or https://.")
