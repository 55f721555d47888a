"""Webhooks of the Cloud API as Meta sends them. Values that do not fit are kept, not refused.

Source: developers.facebook.com/docs/whatsapp/cloud-api/webhooks
"""

from typing import Annotated, Any, Self, TypeVar

from pydantic import Field

from schemas.wire import Wire

#: Most items of a list; Meta sends up to a thousand. The errors of a million items would take
#: gigabytes of memory.
MAX_ITEMS = 10_000

#: Seconds since 1970: digits in a string, in some webhooks a number.
Timestamp = Annotated[str, Field(coerce_numbers_to_str=True)]
#: Error code that fits a database column: 32 bits.
Code = Annotated[int, Field(ge=-(2**31), lt=2**31)]
Item = TypeVar("Item")
Items = Annotated[list[Item], Field(max_length=MAX_ITEMS)]


class Profile(Wire):
    """The profile of a contact; `username` is set for people who chose one."""

    name: str | None = None
    username: str | None = None


class Contact(Wire):
    """A person beside the messages of a change; people with a username have no `wa_id`."""

    profile: Profile | None = None
    wa_id: str | None = None
    user_id: str | None = None


class Metadata(Wire):
    """The phone number of ours that a change belongs to."""

    display_phone_number: str | None = None
    phone_number_id: str | None = None


class ButtonReply(Wire):
    """The tapped reply button."""

    id: str | None = None
    title: str | None = None


class ListReply(Wire):
    """The chosen row of a list."""

    id: str | None = None
    title: str | None = None
    description: str | None = None


class Interactive(Wire):
    """The answer to an interactive message."""

    type: str | None = None
    button_reply: ButtonReply | None = None
    list_reply: ListReply | None = None


class Context(Wire):
    """The message that a message quotes."""

    id: str | None = None
    from_: str | None = Field(None, alias="from")
    referred_product: dict[str, Any] | None = None


class Text(Wire):
    """The content of a text message."""

    body: str | None = None


class Image(Wire):
    """An image: Meta's id of the file, its type and hash."""

    id: str | None = None
    mime_type: str | None = None
    sha256: str | None = None
    caption: str | None = None


class Audio(Wire):
    """A recording; `voice` is true for voice notes."""

    id: str | None = None
    mime_type: str | None = None
    sha256: str | None = None
    voice: bool | None = None


Content = TypeVar("Content", Image, Audio)


def _read(content: Any, model: type[Content]) -> Content | None:
    return model.read(content) if isinstance(content, dict) else None


class Message(Wire):
    """An inbound message.

    Content of other types than text is among the unknown keys: `message["location"]`. That of
    images and recordings is read when it is asked for, so that others do not pay for it.
    """

    from_: str | None = Field(None, alias="from")
    from_user_id: str | None = None
    id: str | None = None
    timestamp: Timestamp | None = None
    type: str = "unknown"
    text: Text | None = None
    button: dict[str, Any] | None = None
    interactive: Interactive | None = None
    system: dict[str, Any] | None = None
    context: Context | None = None
    referral: dict[str, Any] | None = None
    group_id: str | None = None

    @property
    def image(self) -> Image | None:
        """The image, if the message is one."""
        return _read(self.get("image"), Image)

    @property
    def audio(self) -> Audio | None:
        """The recording, if the message is one."""
        return _read(self.get("audio"), Audio)


class StatusError(Wire):
    """The reason why a message was not delivered."""

    code: Code | None = None
    title: str | None = None
    message: str | None = None
    error_data: dict[str, Any] | None = None


class Status(Wire):
    """The status of one of our messages."""

    id: str | None = None
    status: str | None = None
    timestamp: Timestamp | None = None
    recipient_id: str | None = None
    recipient_user_id: str | None = None
    biz_opaque_callback_data: str | None = None
    conversation: dict[str, Any] | None = None
    pricing: dict[str, Any] | None = None
    errors: Items[StatusError] | None = None


class Value(Wire):
    """The content of a change: messages, statuses and contacts."""

    messaging_product: str | None = None
    metadata: Metadata | None = None
    contacts: Items[Contact] | None = None
    messages: Items[Message] | None = None
    statuses: Items[Status] | None = None


class Change(Wire):
    """A change of one field, such as "messages"."""

    field: str | None = None
    value: Value | None = None


class Entry(Wire):
    """The changes of one business account, at a time."""

    id: str | None = None
    time: Timestamp | None = None
    changes: Items[Change] = Field(default_factory=list)


class WebhookMessage(Wire):
    """The body of a webhook."""

    object: str | None = None
    entry: Items[Entry] = Field(default_factory=list)

    @classmethod
    def parse_obj(cls, obj: Any) -> Self:
        """Validate an object, under the name that pydantic 1 used."""
        return cls.model_validate(obj)
