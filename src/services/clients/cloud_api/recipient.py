"""Recipients of messages: a phone number, or a user id where the number is hidden."""

import re

_USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}")
_SEPARATORS = re.compile(r"[\s().-]")


def recipient_of(to: str | None, recipient: str | None = None) -> dict[str, str]:
    """Return the fields of a request that name the recipient; raise ValueError without one.

    Numbers get a "+": without it, Meta may read them as numbers of the sender's country. A user
    id in `to` moves to `recipient`: in `to`, Meta would accept it and deliver nothing.
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
