"""Which parameters of a message fit the buttons of a template.

Source: developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.rules.template_values import VARIABLE, is_component, text_of
from emulator.cloud_api.rules.text import utf16_length
from emulator.json import JsonObject

#: Longest values, in UTF-16 units.
MAX_CODE, MAX_URL, MAX_PAYLOAD, MAX_SECTION_TITLE = 15, 2000, 256, 24
MAX_SECTIONS, MAX_PRODUCTS = 10, 30


def check_buttons(buttons: Sequence[JsonObject], given: Sequence[JsonObject]) -> None:
    """Refuse parameters that do not fit the buttons of a message, or of a card."""
    filled = {str(one.get("index")): one for one in given if is_component(one, "BUTTON")}
    for index, button in enumerate(buttons):
        kind = str(button.get("type")).upper()
        where = f"buttons: Button at index {index} of type {kind.title()}"
        component = filled.pop(str(index), None)
        parameters = (component or {}).get("parameters") or []
        if not parameters and _needs_one(kind, button):
            raise GraphError(131008, f"{where} requires a parameter")
        if parameters and component is not None:
            if len(parameters) != 1 or not _takes_one(kind, button):
                raise GraphError(132018, f"{where} does not take these parameters")
            if str(component.get("sub_type")).upper() != ("URL" if kind == "OTP" else kind):
                raise GraphError(132012, f"{where}: sub_type must be {kind.lower()}")
            _check_button(kind, button, parameters[0], where)
    if filled:
        raise GraphError(132018, f"buttons: There is no button at index {min(filled)}")


def _has_variable(button: JsonObject) -> bool:
    return bool(VARIABLE.search(str(button.get("url") or "")))


def _needs_one(kind: str, button: JsonObject) -> bool:
    return kind in ("COPY_CODE", "FLOW", "MPM", "OTP") or (kind == "URL" and _has_variable(button))


def _takes_one(kind: str, button: JsonObject) -> bool:
    return kind in ("QUICK_REPLY", "CATALOG") or _needs_one(kind, button)


def _check_button(kind: str, button: JsonObject, parameter: JsonObject, where: str) -> None:
    if kind in ("CATALOG", "MPM", "FLOW"):
        action = parameter.get("action")
        if not isinstance(action, dict):
            raise GraphError(131008, f"{where} requires an action")
        if unknown := action.keys() - ACTION_KEYS[kind]:
            raise GraphError(100, f'{where}: Unexpected key "{min(unknown)}"')
        ACTIONS[kind](action, where)
        return
    key, most = {
        "COPY_CODE": ("coupon_code", MAX_CODE),
        "QUICK_REPLY": ("payload", MAX_PAYLOAD),
    }.get(kind, ("text", MAX_URL))
    text = text_of(parameter, where, key)
    if kind == "URL":
        text = VARIABLE.sub(lambda _: text, str(button["url"]))
    if opens_a_code(button):
        text, most = str(parameter[key]), MAX_CODE
    if utf16_length(text) > most:
        raise GraphError(132018, f"{where}: the value is longer than {most}")


def opens_a_code(button: JsonObject) -> bool:
    """Return whether a button is that of a login code, which is a link once it is created."""
    is_otp = str(button.get("type")).upper() == "OTP"
    return is_otp or "whatsapp.com/otp/" in str(button.get("url") or "")


def _check_flow(action: Mapping[str, Any], where: str) -> None:
    text_of(action, where, "flow_token")


def _check_catalog(action: Mapping[str, Any], where: str) -> None:
    if "thumbnail_product_retailer_id" in action:
        text_of(action, where, "thumbnail_product_retailer_id")


def _check_products(action: Mapping[str, Any], where: str) -> None:
    text_of(action, where, "thumbnail_product_retailer_id")
    sections = action.get("sections") or []
    if not 1 <= len(sections) <= MAX_SECTIONS:
        raise GraphError(131009, f"{where} has 1 to {MAX_SECTIONS} sections")
    for section in sections:
        if utf16_length(text_of(section, where, "title")) > MAX_SECTION_TITLE:
            raise GraphError(131009, f"{where}: a title has at most {MAX_SECTION_TITLE} characters")
        if not section.get("product_items"):
            raise GraphError(131008, f"{where}: each section has a product")
    products = [each for one in sections for each in one["product_items"]]
    if len(products) > MAX_PRODUCTS:
        raise GraphError(131009, f"{where} has at most {MAX_PRODUCTS} products")
    for product in products:
        text_of(product, where, "product_retailer_id")


ACTION_KEYS: Mapping[str, frozenset[str]] = {
    "FLOW": frozenset({"flow_token", "flow_action_data"}),
    "CATALOG": frozenset({"thumbnail_product_retailer_id"}),
    "MPM": frozenset({"thumbnail_product_retailer_id", "sections"}),
}
#: Buttons whose parameter is an action.
ACTIONS: Mapping[str, Callable[[Mapping[str, Any], str], None]] = {
    "FLOW": _check_flow,
    "CATALOG": _check_catalog,
    "MPM": _check_products,
}
