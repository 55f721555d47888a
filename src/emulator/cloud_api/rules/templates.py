"""What Meta accepts as a template.

Source: developers.facebook.com/docs/whatsapp/business-management-api/message-templates
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.rules.template_parameters import variables
from emulator.cloud_api.rules.text import utf16_length
from emulator.json import JsonObject

#: Longest texts of components, in UTF-16 units.
MAX_COMPONENT_UTF16_UNITS = {"HEADER": 60, "BODY": 1024, "FOOTER": 60}
HEADERS = ("TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION", "PRODUCT")
BUTTONS = (
    *("QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE", "FLOW", "CATALOG", "MPM", "SPM", "OTP"),
    *("VOICE_CALL", "ORDER_DETAILS", "REQUEST_CONTACT_INFO"),
)
MAX_OFFER_BODY = 600
MAX_CARDS, MAX_CARD_BUTTONS = 10, 2
MAX_BUTTONS = 10
#: Most buttons of one kind.
MAX_BUTTONS_OF_KIND = {"QUICK_REPLY": 10, "URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1}
#: Longest texts of a button, in UTF-16 units.
MAX_BUTTON_UTF16_UNITS = {"text": 25, "url": 2000, "phone_number": 20}


def read_components(given: object, *, named: bool, category: str = "") -> list[dict[str, Any]]:
    """The components of a new template; GraphError if Meta would not take them."""
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise GraphError(100, "components is a list of objects.")
    made = [{**one, "type": str(one.get("type", "")).upper()} for one in given]
    if category == "AUTHENTICATION":
        made = [_described(one) for one in made]
    kinds = [one["type"] for one in made]
    if kinds.count("BODY") != 1:
        raise GraphError(100, "A template has exactly one component of type BODY.")
    for one in made:
        _check_component(one, kinds, named=named)
        _check_buttons(one.get("buttons", []))
        if one["type"] == "CAROUSEL":
            _check_cards(one.get("cards"), named=named)
    return made


def _described(component: JsonObject) -> JsonObject:
    """A part of an authentication template, as Meta describes it once it is created."""
    if component["type"] == "BODY" and "text" not in component:
        advice = " For your security, do not share this code."
        more = advice if component.get("add_security_recommendation") else ""
        return {**component, "text": f"*{{{{1}}}}* is your verification code.{more}"}
    if component["type"] == "FOOTER" and "code_expiration_minutes" in component:
        minutes = component["code_expiration_minutes"]
        return {**component, "text": f"This code expires in {minutes} minutes."}
    if component["type"] == "BUTTONS":
        link = "https://www.whatsapp.com/otp/code/?otp_type={}&code=otp{{{{1}}}}"
        buttons = [
            {
                "type": "URL",
                "text": one.get("text") or "Copy code",
                "url": link.format(one.get("otp_type", "COPY_CODE")),
            }
            for one in component.get("buttons", [])
        ]
        return {**component, "buttons": buttons}
    return component


def _check_component(component: JsonObject, kinds: Sequence[str], *, named: bool) -> None:
    kind = component["type"]
    most = MAX_COMPONENT_UTF16_UNITS.get(kind)
    if kind == "BODY" and "LIMITED_TIME_OFFER" in kinds:
        most = MAX_OFFER_BODY
    if most is not None and utf16_length(str(component.get("text", ""))) > most:
        raise GraphError(100, f"{kind} is too long. Max length is {most}")
    names = variables([component], kind)
    if kind == "HEADER" and len(names) > 1:
        raise GraphError(100, "A header has at most one variable.")
    if kind == "HEADER" and str(component.get("format", "TEXT")).upper() not in HEADERS:
        raise GraphError(100, f"A header has one of these formats: {', '.join(HEADERS)}.")
    if names and named == all(name.isdecimal() for name in names):
        raise GraphError(100, "Variables have names with parameter_format NAMED, else numbers.")
    if not named and names != {str(place) for place in range(1, len(names) + 1)}:
        raise GraphError(100, f"{kind}: variables are numbered from 1 on.")
    offer = component.get("limited_time_offer") or {}
    if kind == "LIMITED_TIME_OFFER" and not 1 <= utf16_length(str(offer.get("text", ""))) <= 16:
        raise GraphError(100, "limited_time_offer.text has 1 to 16 characters.")


def _check_cards(cards: object, *, named: bool) -> None:
    if not isinstance(cards, list) or not 2 <= len(cards) <= MAX_CARDS:
        raise GraphError(100, f"A carousel has 2 to {MAX_CARDS} cards.")
    shapes = set()
    for card in cards:
        components = card.get("components") or []
        kinds = [str(one.get("type")).upper() for one in components]
        for one in components:
            _check_component({**one, "type": str(one.get("type")).upper()}, kinds, named=named)
        buttons = [each for one in components for each in one.get("buttons", [])]
        if len(buttons) > MAX_CARD_BUTTONS:
            raise GraphError(100, f"A card has at most {MAX_CARD_BUTTONS} buttons.")
        _check_buttons(buttons)
        shapes.add((*kinds, *(str(one.get("type")).upper() for one in buttons)))
    if len(shapes) != 1:
        raise GraphError(100, "All cards have the same parts.")


def _check_buttons(buttons: Sequence[JsonObject]) -> None:
    if len(buttons) > MAX_BUTTONS:
        raise GraphError(100, f"A template has at most {MAX_BUTTONS} buttons.")
    for kind, count in Counter(str(one.get("type")).upper() for one in buttons).items():
        if kind not in BUTTONS:
            raise GraphError(100, f"A button has one of these types: {', '.join(BUTTONS)}.")
        if count > MAX_BUTTONS_OF_KIND.get(kind, MAX_BUTTONS):
            raise GraphError(
                100, f"A template has at most {MAX_BUTTONS_OF_KIND[kind]} {kind} buttons."
            )
    for button in buttons:
        for name, most in MAX_BUTTON_UTF16_UNITS.items():
            if utf16_length(str(button.get(name, ""))) > most:
                raise GraphError(100, f"{name} of a button is too long. Max length is {most}")
