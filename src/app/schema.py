"""The models of a webhook under the names of a well-known tutorial, and two of its own."""

from pydantic import BaseModel

from schemas.webhook_schema import (
    Audio,
    Change,
    Contact,
    Entry,
    Image,
    Message,
    Metadata,
    Profile,
    Text,
    Value,
)
from schemas.webhook_schema import WebhookMessage as Payload

__all__ = [
    "Audio",
    "Change",
    "Contact",
    "Entry",
    "Image",
    "Message",
    "Metadata",
    "Payload",
    "Profile",
    "Text",
    "User",
    "UserMessage",
    "Value",
]


class User(BaseModel):
    """A person of the setting USERS; the bot's own users are `domain.user.User`."""

    id: int
    first_name: str
    last_name: str
    phone: str
    role: str


class UserMessage(BaseModel):
    """A person and what they sent."""

    user: User
    message: str | None = None
    image: Image | None = None
    audio: Audio | None = None
