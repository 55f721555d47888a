"""A template as a phone shows it: with its places filled."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from emulator.cloud_api.rules.template_parameters import parameters_of
from emulator.cloud_api.rules.template_values import VARIABLE, is_component
from emulator.json import JsonObject


def rendered(components: Sequence[JsonObject], given: Sequence[JsonObject]) -> dict[str, Any]:
    """What a person sees: header (text, or `file`), body, footer, offer, buttons and cards."""
    shown: dict[str, Any] = {"buttons": []}
    for one in components:
        kind = str(one.get("type")).upper()
        parameters = parameters_of(given, kind)
        match kind:
            case "HEADER" if one.get("format") not in (None, "TEXT"):
                shown["file"] = next(iter(parameters), {"type": str(one["format"]).lower()})
            case "HEADER" | "BODY" | "FOOTER":
                shown[kind.lower()] = _filled(str(one.get("text", "")), parameters)
            case "LIMITED_TIME_OFFER":
                shown["offer"] = _offer(one.get("limited_time_offer") or {}, parameters)
            case "CALL_PERMISSION_REQUEST":
                shown["asks_for_calls"] = True
            case "CAROUSEL":
                shown["cards"] = _cards(one.get("cards") or [], given)
            case "BUTTONS":
                shown["buttons"] = [
                    _button(button, _button_parameters(given, index))
                    for index, button in enumerate(one.get("buttons", []))
                ]
    return shown


def _filled(text: str, parameters: Sequence[JsonObject]) -> str:
    values = {
        str(one.get("parameter_name", place)): str(one.get("text", ""))
        for place, one in enumerate(parameters, start=1)
    }
    return VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)


def _offer(offer: JsonObject, parameters: Sequence[JsonObject]) -> str:
    text = str(offer.get("text", ""))
    for one in parameters:
        milliseconds = one["limited_time_offer"]["expiration_time_ms"]
        text += f" ({datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M} UTC)"
    return text


def _cards(cards: Sequence[JsonObject], given: Sequence[JsonObject]) -> list[dict[str, Any]]:
    carousels = [one for one in given if is_component(one, "CAROUSEL")]
    filled = {card["card_index"]: card for one in carousels for card in one["cards"]}
    return [
        rendered(card["components"], filled.get(index, {}).get("components") or [])
        for index, card in enumerate(cards)
    ]


def _button(button: JsonObject, parameters: Sequence[JsonObject]) -> dict[str, Any]:
    kind = str(button.get("type", "")).upper()
    made = {"type": kind, "text": button.get("text", "")}
    if kind == "URL":
        made["url"] = _filled(str(button["url"]), parameters)
    if kind == "COPY_CODE":
        made["code"] = next((one["coupon_code"] for one in parameters), "")
        made["text"] = button.get("text") or "Copy offer code"
    if kind == "QUICK_REPLY":
        payloads = [one["payload"] for one in parameters if one.get("payload")]
        made["payload"] = payloads[0] if payloads else button.get("text", "")
    return made


def _button_parameters(given: Sequence[JsonObject], index: int) -> list[JsonObject]:
    buttons = [one for one in given if str(one.get("type", "")).upper() == "BUTTON"]
    found = [one for one in buttons if str(one.get("index")) == str(index)]
    return [each for one in found for each in one.get("parameters") or []]
