"""Renders what tables of the text catalogue describe: files, places, links, products."""

import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from flow_engine import (
    SendAudio,
    SendCatalogue,
    SendContact,
    SendDocument,
    SendImage,
    SendLink,
    SendLocation,
    SendProduct,
    SendProducts,
    SendSticker,
    SendVideo,
)
from flow_engine.messages import Described
from schemas.cloud_api_schema import (
    ContactsMessage,
    LocationMessage,
    MediaMessage,
    MediaType,
    OutgoingMessage,
)
from schemas.interactive_schema import CtaUrlMessage
from schemas.product_schema import CatalogueMessage, ProductListMessage, ProductMessage
from services.sending.outbox import Upload
from texts.prompt import (
    CatalogueText,
    ContactText,
    DocumentText,
    LinkText,
    LocationText,
    MediaText,
    ProductsText,
    ProductText,
)

#: A message, and the file to upload before it.
Rendered = tuple[OutgoingMessage, Upload | None]

#: What is sent, in words, and the fields that its table has.
TABLES: Mapping[type[Described], tuple[str, type[Any]]] = {
    SendDocument: ("a document", DocumentText),
    SendLocation: ("a place", LocationText),
    SendContact: ("a contact", ContactText),
    SendImage: ("a picture", MediaText),
    SendVideo: ("a video", MediaText),
    SendAudio: ("a recording", MediaText),
    SendSticker: ("a sticker", MediaText),
    SendLink: ("a link", LinkText),
    SendProduct: ("a product", ProductText),
    SendProducts: ("a list of products", ProductsText),
    SendCatalogue: ("a catalogue", CatalogueText),
}


def render(effect: Described, table: Mapping[str, Any]) -> Rendered:
    """Return the message of an effect; `table` is what the text catalogue has for it, filled in.

    Raise pydantic's ValidationError for what breaks a limit of Meta.
    """
    described = TABLES[type(effect)][1](**table)
    return _RENDERERS[type(effect)](described)


def _document(text: DocumentText) -> Rendered:
    message = MediaMessage(kind=MediaType.DOCUMENT, caption=text.caption, filename=text.filename)
    return message, Upload(file=text.file, mime_type=text.mime_type)


def _media(kind: MediaType) -> Callable[[MediaText], Rendered]:
    def rendered(text: MediaText) -> Rendered:
        message = MediaMessage(kind=kind, link=text.link, caption=text.caption)
        if text.file is None:
            return message, None
        guessed = text.mime_type or mimetypes.guess_type(text.file)[0] or ""
        return message, Upload(file=text.file, mime_type=guessed)

    return rendered


def _contact(text: ContactText) -> Rendered:
    card = {
        "name": {"formatted_name": text.name, "first_name": text.name},
        "phones": [{"phone": text.phone, "type": "WORK"}],
        "emails": [{"email": text.email, "type": "WORK"}],
        "org": {"company": text.organisation},
    }
    return ContactsMessage(contacts=[card]), None


_RENDERERS: Mapping[type[Described], Callable[[Any], Rendered]] = {
    SendDocument: _document,
    SendLocation: lambda text: (LocationMessage(**asdict(text)), None),
    SendContact: _contact,
    SendImage: _media(MediaType.IMAGE),
    SendVideo: _media(MediaType.VIDEO),
    SendAudio: _media(MediaType.AUDIO),
    SendSticker: _media(MediaType.STICKER),
    SendLink: lambda text: (CtaUrlMessage(**asdict(text)), None),
    SendProduct: lambda text: (ProductMessage(**asdict(text)), None),
    SendProducts: lambda text: (ProductListMessage(**asdict(text)), None),
    SendCatalogue: lambda text: (CatalogueMessage(**asdict(text)), None),
}
