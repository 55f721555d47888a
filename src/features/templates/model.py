"""A message template as Meta keeps it, the values of one message, and what is wrong with them.

Sources: the pages "Template components", "Template status" and "Send template messages" of the
WhatsApp Business Platform.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.json import JsonObject

APPROVED, PAUSED, DISABLED, DELETED = "APPROVED", "PAUSED", "DISABLED", "DELETED"
NAMED, POSITIONAL = "NAMED", "POSITIONAL"
#: Categories; MARKETING needs the consent of the person.
MARKETING, UTILITY, AUTHENTICATION = "MARKETING", "UTILITY", "AUTHENTICATION"


class ProblemCode(StrEnum):
    """Why a template cannot be sent, or created; `docs/templates.md` explains each."""

    NOT_APPROVED = "not_approved"
    PAUSED = "paused"
    DISABLED = "disabled"
    DELETED = "deleted"
    PART_UNSUPPORTED = "part_unsupported"
    PARAMETERS_UNNAMED = "parameters_unnamed"
    PARAMETER_MISSING = "parameter_missing"
    PARAMETER_UNKNOWN = "parameter_unknown"
    PARAMETER_EMPTY = "parameter_empty"
    TEXT_TOO_LONG = "text_too_long"
    HEADER_MISSING = "header_missing"
    HEADER_UNEXPECTED = "header_unexpected"
    HEADER_KIND = "header_kind"
    FILE_INVALID = "file_invalid"
    PLACE_INVALID = "place_invalid"
    BUTTON_MISSING = "button_missing"
    BUTTON_UNEXPECTED = "button_unexpected"
    BUTTON_KIND = "button_kind"
    BUTTON_TOO_LONG = "button_too_long"
    PRODUCTS_INVALID = "products_invalid"
    CARDS_COUNT = "cards_count"
    CARDS_UNEXPECTED = "cards_unexpected"
    OFFER_EXPIRY_MISSING = "offer_expiry_missing"
    OFFER_EXPIRY_UNEXPECTED = "offer_expiry_unexpected"
    LOGIN_CODE_INVALID = "login_code_invalid"
    # of a template that is to be created
    NAME_INVALID = "name_invalid"
    LANGUAGE_INVALID = "language_invalid"
    CATEGORY_INVALID = "category_invalid"
    COMPONENTS_INVALID = "components_invalid"
    VARIABLES_INVALID = "variables_invalid"
    EXAMPLE_MISSING = "example_missing"
    BUTTONS_INVALID = "buttons_invalid"
    CARDS_INVALID = "cards_invalid"


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """One reason why Meta would refuse a message. No text repeats a value: it may be private."""

    code: ProblemCode
    #: What it is about, from the template on: `parameters.total`, `cards[1].header`, `buttons.0`.
    field: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Template:
    """One template in one language, as Meta described it last."""

    #: Id of the WhatsApp Business Account.
    account_id: str
    name: str
    language: str
    #: Meta's id; empty while only a webhook without one has named the template.
    meta_id: str = ""
    status: str = APPROVED
    #: GREEN, YELLOW, RED or UNKNOWN.
    quality: str = "UNKNOWN"
    category: str = UTILITY
    #: Category before Meta changed it; empty if it never did.
    previous_category: str = ""
    #: When Meta changed the category, or will.
    category_changed_at: datetime | None = None
    #: Why Meta rejected, paused or disabled it; empty if it did not.
    reason: str = ""
    paused_until: datetime | None = None
    parameter_format: str = POSITIONAL
    #: Meta's components; their types are in upper case.
    components: Sequence[JsonObject] = ()
    updated_at: datetime | None = None

    @property
    def key(self) -> str:
        """Name and language: `order_update:en_US`."""
        return f"{self.name}:{self.language}"

    @property
    def is_named(self) -> bool:
        """Whether its variables have names instead of numbers."""
        return self.parameter_format == NAMED


#: Values of variables: in order (`["Ana", "PO-1"]`), or by name (`{"supplier": "Ana"}`). Numbers
#: count as names of positional variables: `{"1": "Ana"}`.
Texts = Sequence[str] | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FileValue:
    """The image, video or document of a header: a public link, or the id of an uploaded file."""

    link: str = ""
    id: str = ""
    #: Name that the person sees; of documents only.
    filename: str = ""


@dataclass(frozen=True, slots=True)
class PlaceValue:
    """The place of a location header."""

    latitude: float
    longitude: float
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class ProductValue:
    """A product of a catalog: of a header or a card."""

    catalog_id: str
    product_id: str


@dataclass(frozen=True, slots=True)
class ProductSection:
    """A titled group of the products that a button opens."""

    title: str
    product_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class ProductsValue:
    """What a button that opens products shows; a catalog button needs no sections."""

    #: Product whose picture is shown; of a catalog button, Meta chooses one by default.
    thumbnail_product_id: str = ""
    sections: Sequence[ProductSection] = ()


@dataclass(frozen=True, slots=True)
class FlowValue:
    """What a button that opens a Flow of WhatsApp hands over."""

    token: str = "unused"
    data: Mapping[str, object] = field(default_factory=dict)


#: The text of a header's variable, or its file, place or product.
HeaderValue = str | FileValue | PlaceValue | ProductValue
#: The end of a link, a code to copy, the payload of a quick reply, the products, or the Flow.
ButtonValue = str | ProductsValue | FlowValue


@dataclass(frozen=True, slots=True)
class CardValues:
    """The values of one card of a carousel."""

    header: FileValue | ProductValue | None = None
    body: Texts = ()
    #: By the place of the button on the card, from 0.
    buttons: Mapping[int, ButtonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TemplateValues:
    """The values of one message."""

    body: Texts = ()
    header: HeaderValue | None = None
    #: By the place of the button, from 0. Quick replies, Flows and catalogs may do without.
    buttons: Mapping[int, ButtonValue] = field(default_factory=dict)
    cards: Sequence[CardValues] = ()
    #: When a limited-time offer ends.
    offer_ends_at: datetime | None = None
