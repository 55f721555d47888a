"""Effects that send one message of a kind of its own. Data only: nothing here runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Answers, and other JSON values, by the names under which texts show them.
Params = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SendDocument:
    """Send a file that the text catalogue describes (file, file name, caption)."""

    key: str


@dataclass(frozen=True, slots=True)
class SendLocation:
    """Send a place that the text catalogue describes."""

    key: str


@dataclass(frozen=True, slots=True)
class SendContact:
    """Send a contact card that the text catalogue describes."""

    key: str


@dataclass(frozen=True, slots=True)
class SendImage:
    """Send a picture that the text catalogue describes (file or link, caption)."""

    key: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SendVideo:
    """Send a video that the text catalogue describes (file or link, caption)."""

    key: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SendAudio:
    """Send a recording that the text catalogue describes (file or link)."""

    key: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SendSticker:
    """Send a sticker, a WebP picture, that the text catalogue describes (file or link)."""

    key: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SendLink:
    """Send a text with a button that opens a web page (body, label, url, footer)."""

    key: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SendProduct:
    """Send one product of a catalogue at Meta (catalog_id, product_id, body, footer)."""

    key: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SendProducts:
    """Send up to 30 products of a catalogue (catalog_id, header, body, title, products, footer)."""

    key: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SendCatalogue:
    """Send a button that opens the catalogue of this number (body, footer, thumbnail_id)."""

    key: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RequestLocation:
    """Send a text with the button *Send location*; a step with a `Place` does that by itself."""

    key: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SendTemplate:
    """Send a template that Meta has approved: the only message outside the 24 hours.

    `values` fill {{1}}, {{2}} of its body. Templates with other variables get `components`, in
    Meta's shape, instead.
    """

    name: str
    values: tuple[str, ...] = ()
    #: Meta's code of the language, such as "en_US"; None: the language of the person
    language: str | None = None
    components: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class React:
    """Put an emoji on the message that the person wrote last."""

    emoji: str


#: Messages that a table of the text catalogue describes.
Described = (
    SendDocument
    | SendLocation
    | SendContact
    | SendImage
    | SendVideo
    | SendAudio
    | SendSticker
    | SendLink
    | SendProduct
    | SendProducts
    | SendCatalogue
)
#: All messages but texts, questions and menus.
SendEffect = Described | RequestLocation | SendTemplate | React
