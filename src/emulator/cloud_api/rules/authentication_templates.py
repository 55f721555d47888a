"""Authentication templates: Meta writes their texts.

Source: the pages under "Authentication templates" of the WhatsApp Business Platform.
"""

from collections.abc import Sequence

from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.rules.template_errors import lacks
from emulator.json import JsonObject

ADVICE = " For your security, do not share this code."
LINK = "https://www.whatsapp.com/otp/code/?otp_type={}&code=otp{{{{1}}}}"
KINDS = frozenset({"COPY_CODE", "ONE_TAP", "ZERO_TAP"})
#: What a business may say of each component.
KNOWN = {
    "BODY": frozenset({"type", "add_security_recommendation"}),
    "FOOTER": frozenset({"type", "code_expiration_minutes"}),
    "BUTTONS": frozenset({"type", "buttons"}),
}
MAX_MINUTES = 90


def described(components: Sequence[JsonObject]) -> list[JsonObject]:
    """Return the components with Meta's texts; GraphError for those that Meta does not take."""
    kinds = [one["type"] for one in components]
    for one in components:
        if one["type"] not in KNOWN:
            raise GraphError(100, f"An authentication template has no {one['type']}.")
        if unexpected := sorted(one.keys() - KNOWN[one["type"]]):
            text = f"component of type {one['type']} has unexpected field(s) ({unexpected[0]})"
            raise GraphError(100, text)
    if "BUTTONS" not in kinds:
        raise lacks("BUTTONS", "buttons")
    made = [_with_text(one) for one in components]
    if "BODY" not in kinds:
        made.insert(0, _with_text({"type": "BODY"}))
    return made


def _with_text(component: JsonObject) -> JsonObject:
    """Return a component as Meta describes it once it is created."""
    if component["type"] == "BODY":
        more = ADVICE if component.get("add_security_recommendation") else ""
        text = f"*{{{{1}}}}* is your verification code.{more}"
        return {**component, "text": text, "example": {"body_text": [["123456"]]}}
    if component["type"] == "FOOTER":
        minutes = component.get("code_expiration_minutes")
        if not isinstance(minutes, int) or not 1 <= minutes <= MAX_MINUTES:
            raise GraphError(100, f"code_expiration_minutes is 1 to {MAX_MINUTES}.")
        return {**component, "text": f"This code expires in {minutes} minutes."}
    return {**component, "buttons": [_link(one) for one in component["buttons"]]}


def _link(button: JsonObject) -> JsonObject:
    """Return the button that the code opens: on GET it is a link."""
    kind = str(button.get("otp_type", "")).upper()
    if button["type"] != "OTP" or kind not in KINDS:
        known = ", ".join(sorted(KINDS))
        raise GraphError(100, f"The button is of type OTP, and its otp_type one of {known}.")
    text = button.get("text") or ("Copy code" if kind == "COPY_CODE" else "Autofill")
    url = LINK.format(kind)
    return {"type": "URL", "text": text, "url": url, "example": [url.replace("{{1}}", "123456")]}
