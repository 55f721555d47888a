"""Which parameters of a message fit a template.

Sources: developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates, the pages of
each kind of template, and the table of error codes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.rules.template_buttons import MAX_CODE, check_buttons, opens_a_code
from emulator.cloud_api.rules.template_values import VARIABLE, is_component, text_of
from emulator.cloud_api.rules.text import utf16_length
from emulator.json import JsonObject

FILES = ("image", "video", "document")
LINK = re.compile(r"https?://[^\s/?#]+\S*")
MAX_HEADER, MAX_BODY, MAX_OFFER_BODY, MAX_CARD_BODY = 60, 1024, 600, 160


def check_parameters(
    components: Sequence[JsonObject], given: Sequence[JsonObject], *, named: bool
) -> None:
    """Refuse parameters that do not fit a template."""
    offer = _component(components, "LIMITED_TIME_OFFER")
    _check_part(components, given, MAX_OFFER_BODY if offer else MAX_BODY, named=named)
    _check_offer(offer.get("limited_time_offer") or {}, parameters_of(given, "LIMITED_TIME_OFFER"))
    _check_cards(components, given, named=named)


def variables(components: Sequence[JsonObject], component: str) -> set[str]:
    """The names, or the numbers, of those in a component."""
    return set(VARIABLE.findall(str(_component(components, component).get("text") or "")))


def parameters_of(given: Sequence[JsonObject], component: str) -> list[JsonObject]:
    """Those of the header, or the body, of a message."""
    parts = [one for one in given if str(one.get("type", "")).upper() == component]
    return [each for one in parts for each in one.get("parameters") or []]


def _component(components: Sequence[JsonObject], kind: str) -> JsonObject:
    return next((one for one in components if str(one.get("type")).upper() == kind), {})


def _check_part(
    components: Sequence[JsonObject], given: Sequence[JsonObject], most: int, *, named: bool
) -> None:
    """Header, body and buttons, of a message or of a card."""
    header = parameters_of(given, "HEADER")
    form = str(_component(components, "HEADER").get("format") or "TEXT").lower()
    if form in HEADERS:
        if [one.get("type") for one in header] != [form] or not isinstance(
            header[0].get(form), dict
        ):
            raise GraphError(132012, f"header: Format mismatch, expected {form.upper()}")
        HEADERS[form](form, header[0][form])
    else:
        _check_texts(components, "HEADER", header, MAX_HEADER, named=named)
    body, buttons = parameters_of(given, "BODY"), _component(components, "BUTTONS").get("buttons")
    _check_texts(components, "BODY", body, most, named=named)
    for button in buttons or ():
        if opens_a_code(button) and any(utf16_length(one["text"]) > MAX_CODE for one in body):
            raise GraphError(132018, f"body: the code is longer than {MAX_CODE}")
    check_buttons(buttons or [], given)


def _check_texts(
    components: Sequence[JsonObject],
    component: str,
    parameters: Sequence[JsonObject],
    most: int,
    *,
    named: bool,
) -> None:
    expected, where = variables(components, component), component.lower()
    if len(parameters) != len(expected):
        raise GraphError(
            132000,
            f"{where}: number of localizable_params ({len(parameters)}) does not match the "
            f"expected number of params ({len(expected)})",
        )
    if any(one.get("type", "text") != "text" for one in parameters):
        raise GraphError(132012, f"{where}: Format mismatch, expected TEXT")
    names = [str(one.get("parameter_name")) for one in parameters]
    if named and set(names) != expected:
        raise GraphError(132012, f"{where}: parameter_name must be one of {sorted(expected)}")
    if not named and any(one.get("parameter_name") for one in parameters):
        raise GraphError(132012, f"{where}: the template has no parameters with names")
    order = names if named else sorted(expected, key=_number)
    values = {name: text_of(one, where) for name, one in zip(order, parameters, strict=True)}
    text = str(_component(components, component).get("text") or "")
    if utf16_length(VARIABLE.sub(lambda found: values[found[1]], text)) > most:
        raise GraphError(132005, f"{where}: the text is longer than {most}")


def _number(name: str) -> int:
    return int(name) if name.isdecimal() else 0


def _check_file(kind: str, file: Mapping[str, Any]) -> None:
    known = {"id", "link", *(["filename"] if kind == "document" else [])}
    if unknown := file.keys() - known:
        raise GraphError(100, f'header: Unexpected key "{min(unknown)}"')
    if bool(file.get("id")) == bool(file.get("link")):
        raise GraphError(131009, f"header: {kind} needs exactly one of id and link.")
    if file.get("link") and not LINK.fullmatch(str(file["link"])):
        raise GraphError(131009, "header: link is not a valid URL.")


def _check_place(_kind: str, place: Mapping[str, Any]) -> None:
    for name in ("name", "address"):
        text_of(place, "header", name)
    for name, most in (("latitude", 90), ("longitude", 180)):
        value = place.get(name)
        if not isinstance(value, int | float | str):
            raise GraphError(131008, f"header: {name} is required.")
        if not abs(float(value)) <= most:
            raise GraphError(131009, f"header: {name} is out of range.")


def _check_product(_kind: str, product: Mapping[str, Any]) -> None:
    for name in ("product_retailer_id", "catalog_id"):
        text_of(product, "header", name)


#: Headers that are no texts, with what their object must be.
HEADERS: Mapping[str, Callable[[str, Mapping[str, Any]], None]] = {
    **dict.fromkeys(FILES, _check_file),
    "location": _check_place,
    "product": _check_product,
}


def _check_offer(offer: Mapping[str, Any], parameters: Sequence[JsonObject]) -> None:
    ends = [one.get("limited_time_offer", {}).get("expiration_time_ms") for one in parameters]
    if offer.get("has_expiration") and not (len(ends) == 1 and isinstance(ends[0], int)):
        raise GraphError(131008, "limited_time_offer: expiration_time_ms is required.")
    if ends and not offer.get("has_expiration"):
        raise GraphError(132012, "limited_time_offer: the template has no offer that expires.")


def _check_cards(
    components: Sequence[JsonObject], given: Sequence[JsonObject], *, named: bool
) -> None:
    defined = _component(components, "CAROUSEL").get("cards") or []
    cards = [
        each for one in given if is_component(one, "CAROUSEL") for each in one.get("cards") or []
    ]
    if len(cards) != len(defined):
        raise GraphError(
            132012, f"carousel: {len(cards)} cards, and the template has {len(defined)}."
        )
    if sorted(card.get("card_index", -1) for card in cards) != list(range(len(defined))):
        raise GraphError(131009, "carousel: card_index counts the cards from 0.")
    for card in cards:
        definition = defined[card["card_index"]].get("components") or []
        _check_part(definition, card.get("components") or [], MAX_CARD_BODY, named=named)
