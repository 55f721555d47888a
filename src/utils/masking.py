"""Hides what must not be in a log: secrets, phone numbers, and WhatsApp's ids of people."""

import re

#: look like phone numbers and are none: moments, durations, UUIDs
_HARMLESS = r"""
    (?<![\w+.-])20[2-9]\d-[01]\d-[0-3]\d
        (?:[ T][0-2]\d:[0-5]\d(?::[0-5]\d(?:[.,]\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?(?![\w+-])
  | (?<![\w:])[0-2]\d:[0-5]\d:[0-5]\d[.,]\d{1,6}\b
  | (?<![\w+.-])\d{1,6}\.\d{1,9}\ ?(?:s|ms|us)\b
  | \b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b
"""
#: what stands before a secret: Bearer, access_token=, "password": , postgresql://user:
_BEFORE_SECRET = r"""
    (?i:\bbearer\s+)
  | (?i:(?:token|secret|password|api_?key)(?:=|["']\s*[:=]\s*["']?))
  | ://[^\s:/@]*:(?=[^\s/]*@)
"""
_SECRET = r"""[^\s"'&,;}@]+"""
#: tokens of Meta, OpenAI and Airtable, by how they begin
_TOKEN = r"EAA[0-9A-Za-z]{8,} | sk-[\w-]{8,} | pat[0-9A-Za-z]{8,}\.[0-9a-f]{8,}"
#: message ids hold a phone number in base64
_MESSAGE = r"wamid\.[\w+/=-]+"
#: business-scoped user ids, such as CO.13491208655302741918
_PERSON = r"(?<![0-9A-Za-z])[A-Z]{2}\.(?:ENT\.)?[0-9A-Za-z]{4,128}"
#: seven digits or more, of any script, however they are grouped
_NUMBER = r"[+\uff0b]?\(?\d(?:(?:[\s()./+\u2010-\u2015-]|%20|%2B){0,4}\d){6,}"

_SENSITIVE = re.compile(
    rf"""(?P<harmless>{_HARMLESS})
    | (?P<before>{_BEFORE_SECRET}){_SECRET} | (?P<token>{_TOKEN})
    | (?P<message>{_MESSAGE}) | (?P<person>{_PERSON}) | (?P<number>{_NUMBER})""",
    re.VERBOSE,
)
_REAL_MESSAGE_ID_LENGTH = 40


def mask(text: str) -> str:
    """The text without what is private in it; moments, durations and ports stay."""
    return _SENSITIVE.sub(_replacement, text)


def _replacement(match: re.Match[str]) -> str:
    found = match.group()
    match match.lastgroup:
        case "harmless":
            return found
        case "before":
            return f"{match['before']}[secret]"
        case "token":
            return "[secret]"
        case "message" if len(found) >= _REAL_MESSAGE_ID_LENGTH:
            return f"wamid.[...]{found[-8:]}"  # past the number, and enough to find it again
        case "message":
            return "wamid.[...]"
        case kind:
            return f"[{kind}]"
