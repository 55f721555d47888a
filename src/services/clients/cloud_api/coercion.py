"""Turns the plain shapes that callers may pass into models of buttons, sections and headers."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.interactive_schema import Button, Header, Row, Section

ButtonLike = Button | Mapping[str, Any]
SectionLike = Section | Mapping[str, Any]
HeaderLike = Header | Mapping[str, Any] | str


def as_buttons(buttons: Sequence[ButtonLike]) -> list[Button]:
    """Return models of buttons given as models, `{"id", "title"}` or Meta's `{"reply": {...}}`."""
    return [
        button if isinstance(button, Button) else Button.model_validate(button.get("reply", button))
        for button in buttons
    ]


def as_sections(sections: Sequence[SectionLike]) -> list[Section]:
    """Return models of sections given as models or in Meta's shape."""
    return [
        section if isinstance(section, Section) else _section_of(section) for section in sections
    ]


def _section_of(section: Mapping[str, Any]) -> Section:
    rows = [Row.model_validate(row) for row in section.get("rows", ())]
    return Section(title=section.get("title"), rows=rows)


def as_header(header: HeaderLike | None) -> Header | None:
    """Return the model of a header given as model, text or Meta's `{"type", "image": {"link"}}`."""
    if header is None or isinstance(header, Header):
        return header
    if isinstance(header, str):
        return Header(text=header)
    kind = header.get("type", "text")
    content = header.get(kind)
    return Header(text=content) if kind == "text" else Header(type=kind, media=content)


def is_web_address(media: object) -> bool:
    """Return whether a file is given by its URL."""
    return isinstance(media, str) and media.startswith(("http://", "https://"))


def is_media_id(media: object) -> bool:
    """Return whether a file is given by Meta's id: digits. A file so named needs a `Path`."""
    return isinstance(media, str) and media.isdecimal()
