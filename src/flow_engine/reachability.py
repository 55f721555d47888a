"""Types of answers that say how to reach a person: phone numbers and mail addresses."""

from typing import Annotated

import regex
from pydantic import AfterValidator, Field

from flow_engine.words import plain_digits

#: Longest mail address, in characters (RFC 5321).
MAX_MAIL_CHARS = 254
#: Fewest digits of a number that is taken for a phone's: documents have up to ten.
MIN_PHONE_DIGITS = 11
_NUMBER = regex.compile(r"(?:\+|00)?\d[\d\s().\-/]{5,24}\d")
_HYPHENS, _INVISIBLE = regex.compile(r"\p{Pd}"), regex.compile(r"\p{Cf}")
_NO_DIGITS, _BETWEEN_DIGITS = regex.compile(r"\D"), regex.compile(r"[\s().+\-/]")
_MAIL = regex.compile(r"[^\s@<>,;:\"()\[\]]{1,64}@[\p{L}\p{N}\-]+(?:\.[\p{L}\p{N}\-]+)*\.\p{L}{2,}")


def _phone_number(text: str) -> str:
    import phonenumbers  # costs time, and most flows ask for none

    visible = _INVISIBLE.sub("", _HYPHENS.sub("-", plain_digits(text)))
    found = _NUMBER.findall(visible)
    if len(found) != 1:
        raise ValueError("one phone number, with its country code")
    digits = _NO_DIGITS.sub("", found[0]).removeprefix("00")
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        raise ValueError("a phone number with its country code") from None
    if not phonenumbers.is_valid_number(number):
        raise ValueError("a phone number with its country code")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def is_phone_number(text: str) -> bool:
    """Return whether a text is long enough for a phone number with its country code, and is one."""
    digits = _BETWEEN_DIGITS.sub("", plain_digits(text)).removeprefix("00")
    if not digits.isdecimal() or len(digits) < MIN_PHONE_DIGITS:
        return False
    import phonenumbers

    try:
        return bool(phonenumbers.is_possible_number(phonenumbers.parse(f"+{digits}")))
    except phonenumbers.NumberParseException:
        return False


def mail_in(text: str) -> str | None:
    """Return the only mail address in a sentence; None if there are none, or several."""
    found = {one.rstrip(".") for one in _MAIL.findall(text[:MAX_MAIL_CHARS])}
    return found.pop() if len(found) == 1 else None


def _mail_address(text: str) -> str:
    found = mail_in(text)
    if found is None:
        raise ValueError("one mail address")
    name, _, domain = found.rpartition("@")
    return f"{name}@{domain.lower()}"


#: "+57 300 123 4567" and "my number is 0057-300-1234567" read as "+573001234567"
PhoneNumber = Annotated[str, Field(max_length=200), AfterValidator(_phone_number)]

#: "It is Ana@Example.com" reads as "Ana@example.com"
MailAddress = Annotated[str, Field(max_length=MAX_MAIL_CHARS), AfterValidator(_mail_address)]
