"""Values of settings as `config` shows them: without what is secret or private within them."""

import re

MASKED = "********"
#: Settings with phone numbers of people.
_WITH_NUMBERS = frozenset({"USERS", "PHONE_ALLOWLIST"})
#: Digits of a phone number that are shown, to tell one from another.
SHOWN_DIGITS = 4

_URL = re.compile(r"(?:\b[a-zA-Z][\w+.-]*://|\b(?:stun|turn)s?:)\S+")
#: User and password: up to the last @, since a password may have any character.
_USER = re.compile(r"^([a-zA-Z][\w+.-]*:(?://)?)\S*@")
_PARAMETER = re.compile(r"(?P<mark>[?&;#])(?P<name>[^?=&;#]*)(?P<value>=[^?&;#]*)?")
#: Parameters that are no secrets.
_HARMLESS = re.compile(r"(?:sslmode|transport)=[a-z-]{1,20},?")
_NUMBER = re.compile(r"\+?\(?\d(?:[\s()./-]{0,3}\d){6,}")


def shown(name: str, text: str) -> str:
    """Return the value of a setting without passwords and keys in URLs, and phone numbers."""
    if name in _WITH_NUMBERS:
        return _NUMBER.sub(_without_digits, text)
    return _URL.sub(lambda match: _without_secrets(match.group()), text)


def _without_secrets(url: str) -> str:
    return _PARAMETER.sub(_without_value, _USER.sub(rf"\1{MASKED}@", url))


def _without_value(match: re.Match[str]) -> str:
    mark, name, value = match["mark"], match["name"], match["value"]
    if value is None:
        return mark + (MASKED if name else "")
    return match.group() if _HARMLESS.fullmatch(name + value) else f"{mark}{name}={MASKED}"


def _without_digits(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match.group())
    return MASKED + digits[-SHOWN_DIGITS:]
