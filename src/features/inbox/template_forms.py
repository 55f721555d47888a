"""What an operator fills in of a template: its texts, files, links and cards."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.inbound import Attachment
from domain.json import JsonObject
from features.templates.button_checks import takes_value
from features.templates.checks import check_send
from features.templates.model import (
    APPROVED,
    CardValues,
    FileValue,
    HeaderValue,
    PlaceValue,
    Template,
    TemplateValues,
)
from features.templates.parts import FILES, Parts, is_login_button, kind_of, url_of, variables
from utils.storable_text import StorableText

#: Buttons whose value an operator writes.
WRITTEN = frozenset({"URL", "COPY_CODE"})
#: Most cards of a carousel, and most buttons of a template.
MAX_CARDS, MAX_BUTTONS = 10, 10


class GivenFile(BaseModel):
    """The file of a header: a link, or what was uploaded."""

    model_config = ConfigDict(extra="forbid")

    link: StorableText = Field("", max_length=2_000)
    id: StorableText = Field("", max_length=200)
    filename: StorableText = Field("", max_length=240)
    mime_type: StorableText = Field("", max_length=100)


class GivenPlace(BaseModel):
    """The place of a header."""

    model_config = ConfigDict(extra="forbid")

    latitude: float = Field(allow_inf_nan=False)
    longitude: float = Field(allow_inf_nan=False)
    name: StorableText = Field(max_length=1_000)
    address: StorableText = Field(max_length=1_000)


class FilledBlock(BaseModel):
    """What was filled in of a template or of one card: the variables of the text by their names."""

    model_config = ConfigDict(extra="forbid")

    values: dict[str, StorableText] = Field({}, max_length=100)
    #: the variable of a header
    text: StorableText | None = Field(None, max_length=1_000)
    file: GivenFile | None = None
    place: GivenPlace | None = None
    #: ends of links and codes, by the place of the button, from 0
    buttons: dict[int, StorableText] = Field({}, max_length=MAX_BUTTONS)

    @property
    def header(self) -> HeaderValue | None:
        """Return the value of the header."""
        if self.file is not None:
            return FileValue(self.file.link, self.file.id, self.file.filename)
        if self.place is not None:
            return PlaceValue(**self.place.model_dump())
        return self.text


class FilledTemplate(FilledBlock):
    """A template, and what was filled in."""

    name: StorableText = Field(max_length=600)
    language: StorableText = Field(max_length=20)
    cards: list[FilledBlock] = Field([], max_length=MAX_CARDS)
    offer_ends_at: AwareDatetime | None = None

    def template_values(self) -> TemplateValues:
        """Return the values, to be checked."""
        return TemplateValues(
            self.values,
            self.header,
            self.buttons,
            [_card_values(one) for one in self.cards],
            self.offer_ends_at,
        )

    def attachment(self, template: Template) -> Attachment | None:
        """Return the file that the conversation shows: one that was uploaded."""
        if self.file is None or not self.file.id:
            return None
        kind = Parts.of(template.components).header_format.lower()
        return Attachment(kind, self.file.id, self.file.mime_type)


def form_of(template: Template) -> JsonObject | None:
    """Return what is to be filled in, for the page; None if an operator cannot send it."""
    parts = Parts.of(template.components)
    if template.status != APPROVED or check_send(template, _sample(template, parts)):
        return None
    offer = parts.offer or {}
    return {
        "name": template.name,
        "language": template.language,
        "category": template.category,
        **_block(template, parts),
        "offer": str(offer.get("text") or ""),
        "offer_ends": bool(offer.get("has_expiration")),
        "cards": [_block(template, one) for one in parts.cards],
    }


def _block(template: Template, parts: Parts) -> JsonObject:
    return {
        "format": parts.header_format,
        "header": parts.header_text,
        "header_variables": variables(parts.header_text),
        "body": parts.body,
        "variables": variables(parts.body),
        "footer": parts.footer,
        "buttons": [_button(template, one) for one in parts.buttons],
    }


def _button(template: Template, button: JsonObject) -> JsonObject:
    kind = kind_of(button)
    return {
        "kind": kind,
        "text": str(button.get("text") or kind.replace("_", " ").capitalize()),
        "url": "" if is_login_button(template, button) else url_of(button),
        "is_written": _is_written(template, button),
    }


def _is_written(template: Template, button: JsonObject) -> bool:
    is_open = takes_value(button) and not is_login_button(template, button)
    return is_open and kind_of(button) in WRITTEN


def _card_values(block: FilledBlock) -> CardValues:
    header = block.header
    return CardValues(
        header if isinstance(header, FileValue) else None, block.values, block.buttons
    )


def _sample(template: Template, parts: Parts) -> TemplateValues:
    """Return values as an operator can write them, which the checks take if nothing else lacks."""
    offer = parts.offer or {}
    return TemplateValues(
        dict.fromkeys(variables(parts.body), "x"),
        _sample_header(parts),
        _sample_buttons(template, parts.buttons),
        [
            CardValues(
                FileValue(id="1") if card.header_format in FILES else None,
                dict.fromkeys(variables(card.body), "x"),
                _sample_buttons(template, card.buttons),
            )
            for card in parts.cards
        ],
        datetime(2100, 1, 1, tzinfo=UTC) if offer.get("has_expiration") else None,
    )


def _sample_header(parts: Parts) -> HeaderValue | None:
    if parts.header_format in FILES:
        return FileValue(id="1")
    if parts.header_format == "LOCATION":
        return PlaceValue(0, 0, "x", "x")
    return "x" if variables(parts.header_text) else None


def _sample_buttons(template: Template, buttons: Sequence[JsonObject]) -> dict[int, str]:
    return {place: "x" for place, one in enumerate(buttons) if _is_written(template, one)}
