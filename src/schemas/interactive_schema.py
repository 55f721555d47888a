"""Interactive messages of the Cloud API: buttons, lists, links and requests for a location.

Source: developers.facebook.com/docs/whatsapp/cloud-api/messages/interactive-reply-buttons-messages
and the pages about the other types
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Self

from pydantic import model_validator

from schemas.cloud_api_limits import (
    MAX_BUTTONS,
    MAX_ROWS,
    MAX_SECTIONS,
    Body,
    ButtonId,
    ButtonTitle,
    FooterText,
    HeaderText,
    ListBody,
    ListButton,
    RowDescription,
    RowId,
    RowTitle,
    SectionTitle,
    UrlLabel,
    WebAddress,
    refuse,
)
from schemas.cloud_api_schema import OutgoingMessage, Part, given


class Header(Part):
    """Header of an interactive message: a text, or a file by id or link."""

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
        """Return the header in Meta's shape."""
        return {"type": self.type, self.type: self.text if self.type == "text" else self.media}


class _Interactive(OutgoingMessage):
    footer: FooterText | None = None
    header: Header | None = None

    def _content(self) -> tuple[str, Any]:
        kind, body, action = self._interaction()
        return "interactive", given(
            type=kind,
            header=self.header.payload() if self.header else None,
            body={"text": body},
            footer={"text": self.footer} if self.footer else None,
            action=action,
        )

    def _interaction(self) -> tuple[str, str, dict[str, Any]]:
        raise NotImplementedError


class Button(Part):
    """A reply button."""

    id: ButtonId
    title: ButtonTitle


class ButtonsMessage(_Interactive):
    """A text with 1 to 3 reply buttons."""

    body: Body
    buttons: Sequence[Button]

    @model_validator(mode="after")
    def _has_a_few_different_buttons(self) -> Self:
        if not 1 <= len(self.buttons) <= MAX_BUTTONS:
            raise refuse(f"a message has 1 to {MAX_BUTTONS} buttons, not {len(self.buttons)}")
        _require_unique("ids of buttons", [button.id for button in self.buttons])
        _require_unique("titles of buttons", [button.title for button in self.buttons])
        return self

    def _interaction(self) -> tuple[str, str, dict[str, Any]]:
        replies = [{"type": "reply", "reply": button.model_dump()} for button in self.buttons]
        return "button", self.body, {"buttons": replies}


class Row(Part):
    """A choice of a list."""

    id: RowId
    title: RowTitle
    description: RowDescription | None = None


class Section(Part):
    """Rows of a list under one title."""

    rows: Sequence[Row]
    title: SectionTitle | None = None


class ListMessage(_Interactive):
    """A text with a button that opens a list of 1 to 10 rows."""

    body: ListBody
    button: ListButton
    sections: Sequence[Section]

    @model_validator(mode="after")
    def _has_titles_and_ids(self) -> Self:
        rows = [row for section in self.sections for row in section.rows]
        if not 1 <= len(self.sections) <= MAX_SECTIONS:
            raise refuse(f"a list has 1 to {MAX_SECTIONS} sections, not {len(self.sections)}")
        if not 1 <= len(rows) <= MAX_ROWS:
            raise refuse(f"a list has 1 to {MAX_ROWS} rows in all, not {len(rows)}")
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
    """A text with a button that opens a web page."""

    body: Body
    label: UrlLabel
    url: WebAddress

    def _interaction(self) -> tuple[str, str, dict[str, Any]]:
        parameters = {"display_text": self.label, "url": self.url}
        return "cta_url", self.body, {"name": "cta_url", "parameters": parameters}


class LocationRequestMessage(OutgoingMessage):
    """A question with a button that shares the location of the recipient."""

    body: Body

    def _content(self) -> tuple[str, Any]:
        action = {"name": "send_location"}
        body = {"text": self.body}
        return "interactive", {"type": "location_request_message", "body": body, "action": action}


def _require_unique(what: str, values: Iterable[str]) -> None:
    seen = list(values)
    if len(set(seen)) != len(seen):
        raise refuse(f"the {what} must differ from each other")
