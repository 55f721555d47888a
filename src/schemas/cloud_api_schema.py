"""Outgoing messages of the Cloud API. A message that breaks a limit of Meta cannot be made.

Source: developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, model_validator

from schemas.cloud_api_limits import (
    MAX_CONTACTS,
    Caption,
    Latitude,
    Longitude,
    TemplateLanguage,
    TemplateName,
    TextBody,
    WebAddress,
    refuse,
)


class Part(BaseModel):
    """Part of a message; its errors never quote the text, which may be private."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class OutgoingMessage(Part):
    """A message without its recipient."""

    #: Id of the message to quote.
    quoting: str | None = None

    def payload(self) -> dict[str, Any]:
        """Return the part of a request that does not depend on the recipient."""
        kind, content = self._content()
        message: dict[str, Any] = {"type": kind, kind: content}
        return message | ({"context": {"message_id": self.quoting}} if self.quoting else {})

    def _content(self) -> tuple[str, Any]:
        raise NotImplementedError


class TextMessage(OutgoingMessage):
    """A text."""

    body: TextBody
    preview_url: bool = False

    def _content(self) -> tuple[str, Any]:
        return "text", {"body": self.body, "preview_url": self.preview_url}


class MediaType(StrEnum):
    """Types of messages that carry a file."""

    AUDIO = "audio"
    DOCUMENT = "document"
    IMAGE = "image"
    STICKER = "sticker"
    VIDEO = "video"


#: Types of files that may have a caption.
CAPTIONED = frozenset({MediaType.DOCUMENT, MediaType.IMAGE, MediaType.VIDEO})


class MediaMessage(OutgoingMessage):
    """A file, by URL or by the id of its upload; neither is set before the upload."""

    kind: MediaType
    id: str | None = None
    link: WebAddress | None = None
    caption: Caption | None = None
    filename: str | None = None
    #: True shows an audio file as a voice message: it has to be OGG with the codec Opus.
    voice: bool = False

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.id is not None and self.link is not None:
            raise refuse("a file has an id or a link, not both")
        if self.id == "":
            raise refuse("the id of a file is empty")
        if self.caption is not None and self.kind not in CAPTIONED:
            raise refuse(f"{self.kind} has no caption: send a text as well")
        if self.filename is not None and self.kind is not MediaType.DOCUMENT:
            raise refuse("only documents have a file name")
        if self.voice and self.kind is not MediaType.AUDIO:
            raise refuse("only audio files can be voice messages")
        return self

    def _content(self) -> tuple[str, Any]:
        return self.kind.value, given(
            id=self.id,
            link=self.link,
            caption=self.caption,
            filename=self.filename,
            voice=self.voice or None,
        )


class LocationMessage(OutgoingMessage):
    """A place on the map; latitude and longitude are in degrees."""

    latitude: Latitude
    longitude: Longitude
    name: str | None = None
    address: str | None = None

    def _content(self) -> tuple[str, Any]:
        return "location", self.model_dump(exclude={"quoting"}, exclude_none=True)


class ContactsMessage(OutgoingMessage):
    """1 to 257 contact cards in Meta's shape; each needs `name.formatted_name`."""

    contacts: Sequence[Mapping[str, Any]]

    @model_validator(mode="after")
    def _has_names(self) -> Self:
        if not 1 <= len(self.contacts) <= MAX_CONTACTS:
            raise refuse(f"send 1 to {MAX_CONTACTS} contacts, not {len(self.contacts)}")
        for contact in self.contacts:
            name = contact.get("name")
            formatted = name.get("formatted_name") if isinstance(name, Mapping) else None
            if not isinstance(formatted, str) or not formatted.strip():
                raise refuse("a contact needs name.formatted_name")
        return self

    def _content(self) -> tuple[str, Any]:
        return "contacts", [dict(contact) for contact in self.contacts]


class ReactionMessage(OutgoingMessage):
    """An emoji on a message; an empty one removes the reaction."""

    message_id: str
    emoji: str

    @model_validator(mode="after")
    def _quotes_nothing(self) -> Self:
        if self.quoting is not None:
            raise refuse(
                "a reaction quotes no message: message_id is the message that gets the emoji"
            )
        return self

    def _content(self) -> tuple[str, Any]:
        return "reaction", {"message_id": self.message_id, "emoji": self.emoji}


class TemplateMessage(OutgoingMessage):
    """A template that Meta has approved, with the values of its variables."""

    name: TemplateName
    language: TemplateLanguage
    components: Sequence[Mapping[str, Any]] = ()

    def _content(self) -> tuple[str, Any]:
        template: dict[str, Any] = {"name": self.name, "language": {"code": self.language}}
        components = [dict(component) for component in self.components]
        return "template", template | ({"components": components} if components else {})


def given(**values: Any) -> dict[str, Any]:
    """Return the values that are not None."""
    return {name: value for name, value in values.items() if value is not None}
