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
class MediaText:
    """A picture, a video, a recording or a sticker: from a file, or from a web address."""

    #: name of the file in `texts/files`
    file: str | None = None
    link: str | None = None
    #: for pictures and videos
    caption: str | None = None
    #: by default what the ending of the file's name says
    mime_type: str | None = None


@dataclass(frozen=True, slots=True)
class LinkText:
    body: str
    #: what the button says, in up to 20 characters
    label: str
    url: str
    footer: str | None = None


@dataclass(frozen=True, slots=True)
class ProductText:
    catalog_id: str
    #: the product's id in the catalogue (Meta: `product_retailer_id`)
    product_id: str
    body: str | None = None
    footer: str | None = None


@dataclass(frozen=True, slots=True)
class ProductsText:
    catalog_id: str
    header: str
    body: str
    #: title of the list, in up to 24 characters
    title: str
    #: ids of 1 to 30 products
    products: list[str]
    footer: str | None = None


@dataclass(frozen=True, slots=True)
class CatalogueText:
    body: str
    footer: str | None = None
    #: id of the product whose picture is shown
    thumbnail_id: str | None = None


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
