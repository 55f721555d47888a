"""What Meta accepts as a template.

Source: developers.facebook.com/docs/whatsapp/business-management-api/message-templates
"""

from collections.abc import Sequence
from typing import Any

from emulator.cloud_api.rules.authentication_templates import described
from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.rules.shapes import TEMPLATE, check_shape
from emulator.cloud_api.rules.template_button_definitions import check_buttons
from emulator.cloud_api.rules.template_errors import FORMATS, lacks, refusal
from emulator.cloud_api.rules.template_texts import check_text
from emulator.cloud_api.rules.text import utf16_length
from emulator.json import JsonObject

FILES = frozenset({"IMAGE", "VIDEO", "DOCUMENT", "GIF"})
HEADERS = frozenset({"TEXT", "LOCATION", "PRODUCT", *FILES})
COMPONENTS = frozenset(
    {
        *("HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER"),
        *("CALL_PERMISSION_REQUEST", "TAP_TARGET_CONFIGURATION"),
    }
)
TEXTS = frozenset({"HEADER", "BODY", "FOOTER"})
MAX_OFFER_BODY, MAX_CARD_BODY, MAX_OFFER_TEXT = 600, 160, 16
MAX_CARDS, MAX_CARD_BUTTONS = 10, 2


def read_components(given: object, *, named: bool, category: str = "") -> list[dict[str, Any]]:
    """The components of a new template; GraphError if Meta would not take them."""
    check_shape({"components": given}, TEMPLATE)
    if not isinstance(given, list):
        raise GraphError(100, "components is required.", "The parameter components is required.")
    made = [_in_capitals(one) for one in given]
    kinds = [one["type"] for one in made]
    if unknown := sorted(set(kinds) - COMPONENTS):
        known = ", ".join(sorted(COMPONENTS))
        raise GraphError(100, f"A component has no type {unknown[0]!r}: one of {known}.")
    if len(set(kinds)) != len(kinds):
        raise GraphError(100, "A template has each type of component once at most.")
    if category == "AUTHENTICATION":
        return described(made)
    if "BODY" not in kinds:
        raise lacks("BODY", "text")
    for one in made:
        _check_component(one, MAX_OFFER_BODY if "LIMITED_TIME_OFFER" in kinds else None, named)
        if one["type"] == "CAROUSEL":
            _check_cards(one.get("cards") or [], named=named)
    return made


def _in_capitals(component: JsonObject) -> JsonObject:
    """Return a component as Meta shows it: types and formats in capitals."""
    made = {**component, "type": str(component.get("type", "")).upper()}
    if "format" in made:
        made["format"] = str(made["format"]).upper()
    if "buttons" in made:
        made["buttons"] = [
            {**one, "type": str(one.get("type", "")).upper()} for one in made["buttons"] or []
        ]
    if "cards" in made:
        made["cards"] = [
            {**card, "components": [_in_capitals(one) for one in card.get("components") or []]}
            for card in made["cards"] or []
        ]
    return made


def _check_component(component: JsonObject, most_in_body: int | None, named: bool) -> None:
    kind = component["type"]
    if kind == "HEADER" and component.get("format", "TEXT") != "TEXT":
        _check_header(component)
    elif kind in TEXTS:
        check_text(component, named=named, most=most_in_body if kind == "BODY" else None)
    elif kind == "BUTTONS":
        check_buttons(component.get("buttons") or [])
    elif kind == "LIMITED_TIME_OFFER":
        text = str((component.get("limited_time_offer") or {}).get("text") or "")
        if not 1 <= utf16_length(text) <= MAX_OFFER_TEXT:
            raise GraphError(100, "limited_time_offer.text has 1 to 16 characters.")


def _check_header(component: JsonObject) -> None:
    form = component["format"]
    if form not in HEADERS:
        known = ", ".join(sorted(HEADERS))
        raise refusal(FORMATS["HEADER"], f"A header has one of these formats: {known}.")
    if form in FILES and not (component.get("example") or {}).get("header_handle"):
        raise lacks("HEADER", "example")


def _check_cards(cards: Sequence[JsonObject], *, named: bool) -> None:
    if not 2 <= len(cards) <= MAX_CARDS:
        raise GraphError(100, f"A carousel has 2 to {MAX_CARDS} cards.")
    shapes = set()
    for card in cards:
        for one in card["components"]:
            _check_component(one, MAX_CARD_BODY, named)
        buttons = [each for one in card["components"] for each in one.get("buttons", [])]
        if len(buttons) > MAX_CARD_BUTTONS:
            raise GraphError(100, f"A card has at most {MAX_CARD_BUTTONS} buttons.")
        kinds = (one["type"] for one in (*card["components"], *buttons))
        shapes.add((*kinds, *(one.get("format") for one in card["components"])))
    if len(shapes) != 1:
        raise GraphError(100, "All cards have the same parts.")
