"""What Meta accepts as the buttons of a template.

Source: the page "Template components" of the WhatsApp Business Platform.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.rules.template_errors import FORMATS, lacks, refusal, too_long
from emulator.cloud_api.rules.template_values import VARIABLE
from emulator.cloud_api.rules.text import utf16_length
from emulator.json import JsonObject

BUTTONS = frozenset(
    {
        *("QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE", "FLOW", "CATALOG", "MPM", "SPM"),
        *("VOICE_CALL", "ORDER_DETAILS", "REQUEST_CONTACT_INFO", "OTP"),
    }
)
MAX_BUTTONS = 10
#: Most buttons of one kind.
MAX_BUTTONS_OF_KIND = {"QUICK_REPLY": 10, "URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1}
#: Longest texts of a button, in UTF-16 units.
MAX_BUTTON_UTF16_UNITS = {"text": 25, "url": 2000, "phone_number": 20}
#: What a button needs, by kind.
NEEDED = {
    "QUICK_REPLY": ("text",),
    "URL": ("text", "url"),
    "PHONE_NUMBER": ("text", "phone_number"),
}
LINK = re.compile(r"https?://[^\s/?#{}]+\S*")


def check_buttons(buttons: Sequence[JsonObject]) -> None:
    """Raise the GraphError of buttons that Meta would not take."""
    if not 1 <= len(buttons) <= MAX_BUTTONS:
        raise GraphError(100, f"A template has 1 to {MAX_BUTTONS} buttons, if any.")
    for kind, count in Counter(one["type"] for one in buttons).items():
        if kind not in BUTTONS:
            known = ", ".join(sorted(BUTTONS))
            raise GraphError(100, f"A button has one of these types: {known}.")
        if count > MAX_BUTTONS_OF_KIND.get(kind, MAX_BUTTONS):
            most = MAX_BUTTONS_OF_KIND[kind]
            raise GraphError(100, f"A template has at most {most} {kind} buttons.")
    changes = sum(
        (one["type"] == "QUICK_REPLY") != (two["type"] == "QUICK_REPLY")
        for one, two in pairwise(buttons)
    )
    if changes > 1:
        raise refusal(FORMATS["BUTTONS"], "Quick replies stand together, before or after others.")
    for button in buttons:
        _check_button(button)


def _check_button(button: JsonObject) -> None:
    kind = button["type"]
    for name in NEEDED.get(kind, ()):
        if not button.get(name):
            raise lacks("BUTTONS", name)
    for name, most in MAX_BUTTON_UTF16_UNITS.items():
        if utf16_length(str(button.get(name) or "")) > most:
            raise too_long(f"{name} of a button", most)
    if VARIABLE.search(str(button.get("text") or "")):
        raise refusal(FORMATS["BUTTONS"], "The text of a button has no variables.")
    if kind == "URL":
        _check_link(button)
    if kind == "COPY_CODE" and not button.get("example"):
        raise lacks("BUTTONS", "example")


def _check_link(button: JsonObject) -> None:
    url = str(button["url"])
    names = VARIABLE.findall(url)
    if not LINK.fullmatch(url):
        raise refusal(FORMATS["BUTTONS"], "url is a valid URL: https://…")
    if len(names) > 1 or (names and not url.endswith("}}")):
        raise refusal(FORMATS["BUTTONS"], "url has one variable at most, and it ends with it.")
    if names and not button.get("example"):
        raise lacks("BUTTONS", "example")
