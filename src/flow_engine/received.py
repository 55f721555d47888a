"""Answers that are no text: files, places and contacts, by the type of a form's field.

    class Report(BaseModel):
        photo: Photo
        place: Place | str        # a shared place, or a typed address
        voice: Voice | None = None

Meta deletes its copy of a file after 30 days at the latest; `KeepFile` stores it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError


class Received(BaseModel):
    """Something that a person sends instead of text."""

    model_config = ConfigDict(frozen=True)

    #: Last part of the key of the text that asks for it: "common.send.photo".
    what: ClassVar[str]

    @classmethod
    def read(cls, kind: str, content: Any) -> Self | None:
        """Return the answer in a message of Meta's type `kind`; None if it is something else."""
        raise NotImplementedError


class Media(Received):
    """A file. `media_id` is Meta's."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"format": "attachment"})

    #: Meta's types of messages that hold one.
    kinds: ClassVar[tuple[str, ...]]
    #: Beginning of the MIME types that a document may have to count.
    of_documents: ClassVar[str | None] = None

    media_id: str
    #: Meta's type of the message: "image", "document", ...
    kind: str
    mime_type: str = ""
    sha256: str | None = None
    caption: str | None = None
    filename: str | None = None

    @classmethod
    def read(cls, kind: str, content: Any) -> Self | None:
        if not isinstance(content, Mapping) or not isinstance(content.get("id"), str):
            return None
        mime_type = _text(content.get("mime_type")) or ""
        is_document = kind == "document" and cls.of_documents is not None
        if kind not in cls.kinds and not (
            is_document and mime_type.startswith(cls.of_documents or "")
        ):
            return None
        return cls(
            media_id=content["id"],
            kind=kind,
            mime_type=mime_type,
            sha256=_text(content.get("sha256")),
            caption=_text(content.get("caption")),
            filename=_text(content.get("filename")),
        )


class Photo(Media):
    """A picture, also one that was sent as a document."""

    what = "photo"
    kinds = ("image",)
    of_documents = "image/"


class Video(Media):
    """A video, also one that was sent as a document."""

    what = "video"
    kinds = ("video",)
    of_documents = "video/"


class Voice(Media):
    """A voice note, or another recording."""

    what = "voice"
    kinds = ("audio",)
    of_documents = "audio/"


class File(Media):
    """A document of any type, or a photo of it."""

    what = "file"
    kinds = ("document", "image")


class Place(Received):
    """A place on the map; latitude and longitude are in degrees."""

    what = "place"

    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None

    @classmethod
    def read(cls, kind: str, content: Any) -> Self | None:
        if kind != "location" or not isinstance(content, Mapping):
            return None
        latitude, longitude = content.get("latitude"), content.get("longitude")
        if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
            return None
        name, address = _text(content.get("name")), _text(content.get("address"))
        return cls(latitude=latitude, longitude=longitude, name=name, address=address)


class ContactCard(Received):
    """A contact that a person shared; of several, the first one."""

    what = "contact"

    name: str
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()

    @classmethod
    def read(cls, kind: str, content: Any) -> Self | None:
        card = content[0] if isinstance(content, Sequence) and content else None
        if kind != "contacts" or not isinstance(card, Mapping):
            return None
        name = card.get("name")
        shown = _text(name.get("formatted_name")) if isinstance(name, Mapping) else None
        phones, emails = _each(card.get("phones"), "phone"), _each(card.get("emails"), "email")
        return cls(name=shown or "", phones=phones, emails=emails) if shown or phones else None


def files_in(fields: Mapping[str, object]) -> Iterator[Media]:
    """Yield the files among answers, also as JSON values."""
    for value in fields.values():
        if isinstance(value, Media):
            yield value
        elif isinstance(value, Mapping) and "media_id" in value:
            try:
                yield Media.model_validate(value)
            except ValidationError:
                continue  # a value of a fork that only looks like one


def _each(entries: Any, name: str) -> tuple[str, ...]:
    given = entries if isinstance(entries, list) else []
    found = (_text(entry.get(name)) for entry in given if isinstance(entry, Mapping))
    return tuple(text for text in found if text)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
