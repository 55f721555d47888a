"""Requests and answers of the API, as OpenAPI shows them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, Field

from features.notifications.plain_json import PlainJson
from features.notifications.problems import Problem
from features.notifications.stage import Status
from features.notifications.template_schema import Moment, RequestPart, TemplateContent
from utils.storable_text import StorableText

MAX_ITEMS = 1000
MAX_REFERENCE_CHARS = 200
#: Pattern of Meta's user ids.
USER_ID = r"[A-Z]{2}\.[A-Za-z0-9]{1,197}"


class OnError(StrEnum):
    """What happens if some items cannot be sent."""

    ALL_OR_NOTHING = "all_or_nothing"
    PARTIAL = "partial"


class Category(StrEnum):
    """Meta's categories of templates, which decide what a message costs."""

    MARKETING = "MARKETING"
    UTILITY = "UTILITY"
    AUTHENTICATION = "AUTHENTICATION"


Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]


class Common(RequestPart):
    """What an item may have, and what all items may have in common."""

    template: TemplateContent | None = None
    text: StorableText | None = Field(
        None,
        min_length=1,
        max_length=4096,
        description="Instead of a template; only within 24 hours of the person's last message.",
    )
    send_at: Moment | None = Field(
        None, description="When to send it; at once by default, at most 30 days ahead."
    )
    expires_at: Moment | None = Field(None, description="It is not sent any more from then on.")
    metadata: PlainJson | None = Field(
        None, description="What you want to find again: up to 4 kB of JSON."
    )
    category_expected: Category | None = Field(
        None, description="It is refused if Meta has put the template into another category."
    )


class Defaults(Common):
    """What items have that say nothing else; `template` is completed name by name."""

    country: Country | None = Field(
        None, description="Country of phone numbers without a country code: two letters (ISO 3166)."
    )


class Item(Common):
    """One message to one person."""

    to: str | None = Field(
        None, max_length=50, description="Phone number, in any writing: `+34 612 345 678`."
    )
    user_id: str | None = Field(
        None,
        max_length=200,
        pattern=f"^{USER_ID}$",
        description="Meta's business-scoped user id, instead of a phone number.",
    )
    reference: str | None = Field(
        None,
        min_length=1,
        max_length=MAX_REFERENCE_CHARS,
        pattern=r"^[\x20-\x7e]+$",
        description="Your own id, which no other notification may have: nothing is sent twice.",
    )


class NotificationRequest(RequestPart):
    """Up to 1,000 messages."""

    sender: str | None = Field(
        None,
        alias="from",
        max_length=50,
        description="Id of the phone number that sends; that of the bot by default.",
    )
    defaults: Defaults = Defaults()
    items: list[Item] = Field(min_length=1, max_length=MAX_ITEMS)
    dry_run: bool = Field(
        False, description="Check all and show what each person would read; send nothing."
    )
    on_error: OnError = OnError.ALL_OR_NOTHING


class ItemResult(BaseModel):
    """What became of one item; items are in the order of the request."""

    id: str | None = Field(None, description="Id of the notification; none if it was refused.")
    reference: str | None = None
    status: Status
    errors: list[Problem] = []


class BatchResult(BaseModel):
    """The answer to accepted notifications."""

    batch_id: str
    items: list[ItemResult]


class Preview(BaseModel):
    """What a dry run says of one item."""

    reference: str | None = None
    status: Status
    text: str | None = Field(None, description="What the person would read.")
    language: str | None = None
    category: str | None = None
    errors: list[Problem] = []


class DryRunResult(BaseModel):
    """The answer to a dry run."""

    items: list[Preview]
    #: Number of messages that would be sent.
    would_send: int
    by_category: dict[str, int]
    by_country_code: dict[str, int] = Field(description="By the first digits of phone numbers.")


class HistoryEntry(BaseModel):
    """One step of a notification."""

    status: Status
    at: datetime
    error: Problem | None = None


class NotificationView(BaseModel):
    """A notification, and what became of it."""

    id: str
    batch_id: str
    reference: str | None
    status: Status
    to: str | None = Field(description="None after 8 days, when what was said is deleted.")
    template: str | None
    language: str | None
    category: str
    created_at: datetime
    send_at: datetime | None
    expires_at: datetime | None
    message_id: str | None = Field(description="Meta's id of the message.")
    is_held: bool = Field(
        description="Meta took it, and delivers it once it knows how people like the template."
    )
    retry_of: str | None
    metadata: dict[str, Any] | None
    errors: list[Problem]
    history: list[HistoryEntry]


class NotificationList(BaseModel):
    """A page of notifications, the newest first."""

    items: list[NotificationView]
    next: str | None = Field(description="Give it as `after` for the next page; none at the end.")


class CancelResult(BaseModel):
    """What was cancelled."""

    cancelled: int = Field(description="Number of messages that are not sent any more.")
    too_late: int = Field(description="Number of messages that Meta has, or that ended before.")


class PauseView(BaseModel):
    """What waits because too many messages failed."""

    id: str = Field(description="Such as `batch:bat_…` or `template:order_update:en`.")
    reason: str
    paused_at: datetime
    waiting: int = Field(description="Number of messages that wait for it.")


class PauseList(BaseModel):
    """All that is paused."""

    items: list[PauseView]
