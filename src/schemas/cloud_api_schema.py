"""Messages as the Cloud API takes them. One that Meta would refuse cannot be made.

Source: developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from schemas.cloud_api_limits import (
    MOST_BUTTONS,
    MOST_CONTACTS,
    MOST_ROWS,
    MOST_SECTIONS,
    Body,
    ButtonId,
    ButtonTitle,
    Caption,
    FooterText,
    HeaderText,
    Latitude,
    ListBody,
    ListButton,
    Longitude,
    RowDescription,
    RowId,
    RowTitle,
    SectionTitle,
    TemplateLanguage,
    TemplateName,
    TextBody,
    UrlLabel,
    WebAddress,
    refuse,
)


class _Part(BaseModel):
    # Errors must not quote what a person was to read.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class OutgoingMessage(_Part):
    """Something to send, to anybody."""

    #: Meta's id of a message to quote
    quoting: str | None = None

    def payload(self) -> dict[str, Any]:
        """The part of a request that does not depend on the recipient."""
        kind, content = self._content()
        message: dict[str, Any] = {"type": kind, kind: content}
        return message | ({"context": {"message_id": self.quoting}} if self.quoting else {})

    def _content(self) -> tuple[str, Any]:
        raise NotImplementedError


class TextMessage(OutgoingMessage):
    body: TextBody
    preview_url: bool = False

    def _content(self) -> tuple[str, Any]:
        return "text", {"body": self.body, "preview_url": self.preview_url}


class MediaType(StrEnum):
    AUDIO = "audio"
    DOCUMENT = "document"
    IMAGE = "image"
    STICKER = "sticker"
    VIDEO = "video"


#: A caption stands under these only.
CAPTIONED = frozenset({MediaType.DOCUMENT, MediaType.IMAGE, MediaType.VIDEO})


class MediaMessage(OutgoingMessage):
    """A file: by URL, or by the id of its upload (neither while it is still to be uploaded)."""

    kind: MediaType
    id: str | None = None
    link: WebAddress | None = None
    caption: Caption | None = None
    filename: str | None = None

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
        return self

    def _content(self) -> tuple[str, Any]:
        return self.kind.value, _given(
            id=self.id, link=self.link, caption=self.caption, filename=self.filename
        )


class Header(_Part):
    """Above an interactive message: a text, or a file by id or link."""

    type: Literal["text", "image", "video", "document"] = "text"
    text: HeaderText | None = None
    media: Mapping[str, str] | None = None

    @model_validator(mode="after")
    def _has_what_it_shows(self) -> Self:
        if self.type == "text" and self.text is None:
            raise refuse("a text header needs a text")
        if self.type != "text":
            if len({"id", "link"} & {*(self.media or {})}) != 1:
                raise refuse(f"a header of type {self.type} needs an id or a link")
            if not (self.media or {}).get("link", "https://").startswith(("http://", "https://")):
                raise refuse("a URL starts with http:// or https://")
        return self

    def payload(self) -> dict[str, Any]:
        return {"type": self.type, self.type: self.text if self.type == "text" else self.media}


class _Interactive(OutgoingMessage):
    footer: FooterText | None = None
    header: Header | None = None

    def _content(self) -> tuple[str, Any]:
        kind, body, action = self._interaction()
        return "interactive", _given(
            type=kind,
            header=self.header.payload() if self.header else None,
            body={"text": body},
            footer={"text": self.footer} if self.footer else None,
            action=action,
        )

    def _interaction(self) -> tuple[str, str, dict[str, Any]]:
        raise NotImplementedError


class Button(_Part):
    id: ButtonId
    title: ButtonTitle


class ButtonsMessage(_Interactive):
    body: Body
    buttons: Sequence[Button]

    @model_validator(mode="after")
    def _has_a_few_different_buttons(self) -> Self:
        if not 1 <= len(self.buttons) <= MOST_BUTTONS:
            raise refuse(f"a message has 1 to {MOST_BUTTONS} buttons, not {len(self.buttons)}")
        _require_unique("ids of buttons", [button.id for button in self.buttons])
        _require_unique("titles of buttons", [button.title for button in self.buttons])
        return self

    def _interaction(self) -> tuple[str, str, dict[str, Any]]:
        replies = [{"type": "reply", "reply": one.model_dump()} for one in self.buttons]
        return "button", self.body, {"buttons": replies}


class Row(_Part):
    id: RowId
    title: RowTitle
    description: RowDescription | None = None


class Section(_Part):
    rows: Sequence[Row]
    title: SectionTitle | None = None


class ListMessage(_Interactive):
    body: ListBody
    button: ListButton
    sections: Sequence[Section]

    @model_validator(mode="after")
    def _fits_on_a_sheet(self) -> Self:
        rows = [row for section in self.sections for row in section.rows]
        if not 1 <= len(self.sections) <= MOST_SECTIONS:
            raise refuse(f"a list has 1 to {MOST_SECTIONS} sections, not {len(self.sections)}")
        if not 1 <= len(rows) <= MOST_ROWS:
            raise refuse(f"a list has 1 to {MOST_ROWS} rows in all, not {len(rows)}")
        if len(self.sections) > 1 and any(section.title is None for section in self.sections):
            raise refuse("with more than one section, each needs a title")
        if self.header is not None and self.header.type != "text":
            raise refuse("the header of a list is a text")
        _require_unique("ids of rows", [row.id for row in rows])
        return self

    def _interaction(self) -> tuple[str, str, dict[str, Any]]:
        sections = [section.model_dump(exclude_none=True) for section in self.sections]
        return "list", self.body, {"button": self.button, "sections": sections}


class CtaUrlMessage(_Interactive):
    body: Body
    label: UrlLabel
    url: WebAddress

    def _interaction(self) -> tuple[str, str, dict[str, Any]]:
        parameters = {"display_text": self.label, "url": self.url}
        return "cta_url", self.body, {"name": "cta_url", "parameters": parameters}


class LocationRequestMessage(OutgoingMessage):
    body: Body

    def _content(self) -> tuple[str, Any]:
        action = {"name": "send_location"}
        body = {"text": self.body}
        return "interactive", {"type": "location_request_message", "body": body, "action": action}


class LocationMessage(OutgoingMessage):
    latitude: Latitude
    longitude: Longitude
    name: str | None = None
    address: str | None = None

    def _content(self) -> tuple[str, Any]:
        return "location", self.model_dump(exclude={"quoting"}, exclude_none=True)


class ContactsMessage(OutgoingMessage):
    """Contact cards in Meta's own shape; each needs `name.formatted_name`."""

    contacts: Sequence[Mapping[str, Any]]

    @model_validator(mode="after")
    def _has_names(self) -> Self:
        if not 1 <= len(self.contacts) <= MOST_CONTACTS:
            raise refuse(f"send 1 to {MOST_CONTACTS} contacts, not {len(self.contacts)}")
        for contact in self.contacts:
            name = contact.get("name")
            formatted = name.get("formatted_name") if isinstance(name, Mapping) else None
            if not isinstance(formatted, str) or not formatted.strip():
                raise refuse("a contact needs name.formatted_name")
        return self

    def _content(self) -> tuple[str, Any]:
        return "contacts", [dict(contact) for contact in self.contacts]


class ReactionMessage(OutgoingMessage):
    """An emoji on a message; an empty one takes it back."""

    message_id: str
    emoji: str

    @model_validator(mode="after")
    def _quotes_nothing(self) -> Self:
        if self.quoting is not None:
            raise refuse("a reaction quotes no message: message_id names the one it is on")
        return self

    def _content(self) -> tuple[str, Any]:
        return "reaction", {"message_id": self.message_id, "emoji": self.emoji}


class TemplateMessage(OutgoingMessage):
    name: TemplateName
    language: TemplateLanguage
    components: Sequence[Mapping[str, Any]] = ()

    def _content(self) -> tuple[str, Any]:
        template: dict[str, Any] = {"name": self.name, "language": {"code": self.language}}
        components = [dict(component) for component in self.components]
        return "template", template | ({"components": components} if components else {})


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _require_unique(what: str, values: Iterable[str]) -> None:
    seen = list(values)
    if len(set(seen)) != len(seen):
        raise refuse(f"the {what} must differ from each other")
