"""What fills a template, as requests write it."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from features.notifications.plain_json import PlainJson
from features.templates.model import (
    ButtonValue,
    CardValues,
    FileValue,
    FlowValue,
    HeaderValue,
    PlaceValue,
    ProductSection,
    ProductsValue,
    ProductValue,
    TemplateValues,
)
from utils.storable_text import StorableText

#: The beginning of a time. Digits alone are none: whether they count seconds or milliseconds is a
#: guess.
_DATE = re.compile(r"\s*[0-9]{4}-")


def _is_written(value: object) -> object:
    if value is None or isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DATE.match(value):
        return value
    raise ValueError("expected a text such as 2026-12-01T18:00:00+01:00")


Moment = Annotated[AwareDatetime, BeforeValidator(_is_written)]
Parameters = list[str] | dict[str, str]
#: Place of a button, from 0.
Place = Annotated[str, Field(pattern="^[0-9]$")]


class RequestPart(BaseModel):
    """Part of a request: unknown names are errors, and errors do not repeat values."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """Return a copy with other values, as `model_copy` does in four times the time."""
        copied = self.__class__.__new__(self.__class__)
        object.__setattr__(copied, "__dict__", {**self.__dict__, **changes})
        object.__setattr__(
            copied, "__pydantic_fields_set__", self.model_fields_set | changes.keys()
        )
        object.__setattr__(copied, "__pydantic_extra__", None)
        object.__setattr__(copied, "__pydantic_private__", None)
        return copied


class File(RequestPart):
    """A file of a header: `link`, or `id` of an upload."""

    link: str = ""
    id: str = ""
    filename: str = Field("", description="Name that the person sees; of documents only.")

    def value(self) -> FileValue:
        return FileValue(self.link, self.id, self.filename)


class Location(RequestPart):
    """A place on the map."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    name: str
    address: str

    def value(self) -> PlaceValue:
        return PlaceValue(self.latitude, self.longitude, self.name, self.address)


class Product(RequestPart):
    """A product of a catalog."""

    catalog_id: str
    product_id: str

    def value(self) -> ProductValue:
        return ProductValue(self.catalog_id, self.product_id)


class Header(RequestPart):
    """What fills the header: exactly one of these."""

    text: str | None = None
    image: File | None = None
    video: File | None = None
    document: File | None = None
    location: Location | None = None
    product: Product | None = None

    @property
    def kinds(self) -> list[str]:
        """What is filled in, as Meta names the formats of headers."""
        return [name.upper() for name in Header.model_fields if getattr(self, name) is not None]

    def value(self) -> HeaderValue | None:
        if self.text is not None:
            return self.text
        filled = (self.image, self.video, self.document, self.location, self.product)
        return next((one.value() for one in filled if one is not None), None)


class Section(RequestPart):
    """A titled group of products."""

    title: str
    product_ids: list[str]


class Products(RequestPart):
    """What a button that opens products shows."""

    thumbnail_product_id: str = ""
    sections: list[Section] = Field(default_factory=list)


class Flow(RequestPart):
    """What a button that opens a Flow of WhatsApp hands over."""

    token: str = "unused"
    data: PlainJson = Field(default_factory=dict)


class Button(RequestPart):
    """What fills a button other than by a text."""

    products: Products | None = None
    flow: Flow | None = None


class Card(RequestPart):
    """One card of a carousel."""

    header: Header | None = None
    parameters: Parameters = Field(default_factory=list)
    buttons: dict[Place, str | Button] = Field(default_factory=dict)

    def value(self) -> CardValues:
        header = self.header.value() if self.header else None
        if isinstance(header, str | PlaceValue):
            header = None  # reported by `wrong_headers`
        return CardValues(header, self.parameters, _buttons(self.buttons))


class TemplateContent(RequestPart):
    """A template, and what fills it."""

    key: StorableText | None = Field(
        None, max_length=533, description="Name and language in one: `order_update:en_US`."
    )
    name: StorableText | None = Field(None, max_length=512, description="Name of the template.")
    language: StorableText | None = Field(
        None, max_length=20, description="Such as `es` or `pt_BR`; see docs for the default."
    )
    parameters: Parameters = Field(
        default_factory=list, description="Values of the body: in order, or by name, never both."
    )
    header: Header | None = None
    buttons: dict[Place, str | Button] = Field(
        default_factory=dict,
        description="By the place of the button, from 0: the end of a link, a code, a payload.",
    )
    cards: list[Card] = Field(default_factory=list)
    offer_ends_at: Moment | None = None

    @property
    def named(self) -> tuple[str, str | None]:
        """Name and language of the template; no language leaves it to the person's."""
        name, _, language = (self.key or "").partition(":")
        return self.name or name, self.language or language or None

    def values(self) -> TemplateValues:
        """Return what fills the template."""
        return TemplateValues(
            body=self.parameters,
            header=self.header.value() if self.header else None,
            buttons=_buttons(self.buttons) if self.buttons else {},
            cards=[one.value() for one in self.cards] if self.cards else (),
            offer_ends_at=self.offer_ends_at,
        )

    def completed(self, default: "TemplateContent | None") -> "TemplateContent":
        """Return this with what is not set here taken from `default`."""
        if default is None:
            return self
        unset = default.model_fields_set - self.model_fields_set
        return self.changed({name: getattr(default, name) for name in unset})


def _buttons(given: Mapping[str, str | Button]) -> Mapping[int, ButtonValue]:
    return {int(place): _button(one) for place, one in given.items()}


def _button(given: str | Button) -> ButtonValue:
    if isinstance(given, str):
        return given
    if given.products is not None:
        sections: Sequence[ProductSection] = [
            ProductSection(one.title, one.product_ids) for one in given.products.sections
        ]
        return ProductsValue(given.products.thumbnail_product_id, sections)
    flow = given.flow or Flow()
    return FlowValue(flow.token, flow.data)
