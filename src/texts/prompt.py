"""The texts of one question, one attachment: what the catalogue gives out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a question, as a person sees it."""

    id: str
    title: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question, ready to be sent."""

    body: str
    options: tuple[Choice, ...]
    footer: str | None
    #: what opens the list, if the options are shown as one
    button: str


@dataclass(frozen=True, slots=True)
class DocumentText:
    #: name of the file in `texts/files`
    file: str
    #: what the person sees
    filename: str
    caption: str | None = None
    mime_type: str = "application/pdf"


@dataclass(frozen=True, slots=True)
class LocationText:
    latitude: float
    longitude: float
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class ContactText:
    name: str
    phone: str
    email: str
    organisation: str
