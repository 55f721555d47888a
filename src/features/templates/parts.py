"""The parts of a template, and how its variables are filled."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from domain.json import JsonObject
from features.templates.model import AUTHENTICATION, Template, Texts

VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
#: Formats of headers that are files.
FILES = frozenset({"IMAGE", "VIDEO", "DOCUMENT"})
#: Components that a message can be made from.
KNOWN = frozenset({"HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER"})
#: Start of the link in the button of a login code, as Meta describes it.
LOGIN_LINK = "https://www.whatsapp.com/otp/"


@dataclass(frozen=True, slots=True)
class Parts:
    """The components of a template, or of a card, by what they are."""

    header: JsonObject | None
    body: str
    footer: str
    buttons: Sequence[JsonObject]
    cards: Sequence["Parts"]
    offer: JsonObject | None
    #: Types of components that this program does not know.
    unknown: Sequence[str]

    @classmethod
    def of(cls, components: Sequence[JsonObject]) -> "Parts":
        """Read Meta's components."""
        by_type = {str(one.get("type", "")).upper(): one for one in components}
        carousel = by_type.get("CAROUSEL", {})
        return cls(
            header=by_type.get("HEADER"),
            body=str(by_type.get("BODY", {}).get("text") or ""),
            footer=str(by_type.get("FOOTER", {}).get("text") or ""),
            buttons=by_type.get("BUTTONS", {}).get("buttons") or (),
            cards=[cls.of(card.get("components") or ()) for card in carousel.get("cards") or ()],
            offer=by_type.get("LIMITED_TIME_OFFER", {}).get("limited_time_offer"),
            unknown=sorted(by_type.keys() - KNOWN),
        )

    @property
    def header_format(self) -> str:
        """Meta's format of the header; TEXT where it says none, empty without a header."""
        return "" if self.header is None else str(self.header.get("format") or "TEXT").upper()

    @property
    def header_text(self) -> str:
        """Text of the header; empty if it has none."""
        return str((self.header or {}).get("text") or "")


def kind_of(button: JsonObject) -> str:
    """Return Meta's type of a button."""
    return str(button.get("type") or "").upper()


def url_of(button: JsonObject) -> str:
    """Return the link of a button, with its variable."""
    return str(button.get("url") or "")


def is_login_button(template: Template, button: JsonObject) -> bool:
    """Whether a button copies, or fills in, the code of an authentication template."""
    is_link = kind_of(button) == "URL" and url_of(button).startswith(LOGIN_LINK)
    return template.category == AUTHENTICATION and (kind_of(button) == "OTP" or is_link)


@lru_cache(maxsize=1000)
def variables(text: str) -> Sequence[str]:
    """Return the variables of a text: numbers in their order, names in that of the text."""
    names = dict.fromkeys(VARIABLE.findall(text))
    numbered = all(name.isdecimal() for name in names)
    return tuple(sorted(names, key=int) if numbered else names)


def clean(value: str) -> str:
    """Return a value as Meta takes it: without line breaks, tabs and series of spaces."""
    return " ".join(value.split())


def by_name(texts: Texts, expected: Sequence[str]) -> Mapping[str, str]:
    """Return the values by the variables that they fill; a list fills them in order."""
    if isinstance(texts, Mapping):
        return texts
    return dict(zip(expected, texts, strict=False))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its variables filled; those without a value stay."""
    return VARIABLE.sub(lambda found: clean(values.get(found[1], found[0])), text)


def login_code(texts: Texts) -> str:
    """Return the code of an authentication message: the only value that it has."""
    given: Iterator[str] = iter(texts.values() if isinstance(texts, Mapping) else texts)
    return clean(next(given, ""))
