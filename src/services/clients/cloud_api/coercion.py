"""Reads buttons, sections and files from the plain shapes that callers may pass."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.interactive_schema import Button, Header, Row, Section

ButtonLike = Button | Mapping[str, Any]
SectionLike = Section | Mapping[str, Any]
HeaderLike = Header | Mapping[str, Any] | str


def as_buttons(buttons: Sequence[ButtonLike]) -> list[Button]:
    """Buttons as models, `{"id", "title"}`, or Meta's `{"type": "reply", "reply": {...}}`."""
    return [
        one if isinstance(one, Button) else Button.model_validate(one.get("reply", one))
        for one in buttons
    ]


def as_sections(sections: Sequence[SectionLike]) -> list[Section]:
    """Sections as models or in Meta's shape."""
    return [
        one
        if isinstance(one, Section)
        else Section(
            title=one.get("title"), rows=[Row.model_validate(row) for row in one.get("rows", ())]
        )
        for one in sections
    ]


def as_header(header: HeaderLike | None) -> Header | None:
    """A header as a model, a text, or Meta's `{"type": "image", "image": {"link"}}`."""
    if header is None or isinstance(header, Header):
        return header
    if isinstance(header, str):
        return Header(text=header)
    kind = header.get("type", "text")
    content = header.get(kind)
    return Header(text=content) if kind == "text" else Header(type=kind, media=content)


def is_web_address(media: object) -> bool:
    return isinstance(media, str) and media.startswith(("http://", "https://"))


def is_media_id(media: object) -> bool:
    """Meta's ids are digits; a file of such a name can be given as a `Path`."""
    return isinstance(media, str) and media.isdecimal()
