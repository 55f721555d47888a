"""To whom a message goes: a phone number, or a user id where the number is hidden."""

import re

_USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}")
_SEPARATORS = re.compile(r"[\s().-]")


def recipient_of(to: str | None, recipient: str | None = None) -> dict[str, str]:
    """The fields of a request that name the recipient; ValueError if there is none.

    Without a "+" Meta may take a number for one of the sender's own country, so it gets one. A
    user id in `to` would be accepted and never delivered, so it goes where it belongs.
    """
    fields = {}
    if to and _USER_ID.fullmatch(to):
        fields["recipient"] = to
    elif to:
        digits = _SEPARATORS.sub("", to).removeprefix("+")
        if not (digits.isascii() and digits.isdecimal()):
            raise ValueError("the recipient is neither a phone number nor a user id")
        fields["to"] = f"+{digits}"
    if recipient:
        fields["recipient"] = recipient
    if not fields:
        raise ValueError("a message needs a recipient: a phone number or a user id")
    return fields
