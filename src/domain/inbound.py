"""Inbound messages, as the bot uses them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Sender:
    """The person who wrote. Either identifier may be None: usernames hide the phone number.

    Both are opaque: a `wa_id` is not always a valid phone number (Mexico, Brazil).
    """

    #: Business-scoped user id, such as "US.13491208655302741918".
    user_id: str | None = None
    #: Account id of WhatsApp: digits only, usually the phone number.
    wa_id: str | None = None
    #: Name in the WhatsApp profile.
    profile_name: str | None = None
    #: Former user id of this person, which Meta has replaced.
    previous_user_id: str | None = None
    #: Former number of this person, which Meta says they have left.
    previous_wa_id: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a person sent; Meta stores it."""

    #: Meta's type of the message: "audio", "document", "image", "sticker" or "video".
    kind: str
    media_id: str
    mime_type: str = ""

    @property
    def plain_type(self) -> str:
        """Return the MIME type without parameters: "audio/ogg" of "audio/ogg; codecs=opus"."""
        return self.mime_type.partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message from a person."""

    message_id: str
    #: Meta's type of the message ("text", "interactive", "image", ...), or "unknown".
    kind: str
    sender: Sender
    phone_number_id: str
    #: Time in UTC; None if the webhook has no readable timestamp.
    sent_at: datetime | None = None
    #: Text, caption, or label of the tapped button.
    text: str | None = None
    #: Id of the tapped button or row.
    choice: str | None = None
    #: Id of the quoted message.
    quotes: str | None = None
    #: Id of an earlier message that this one edits: `text` is its new text.
    edits: str | None = None
    attachment: Attachment | None = None
    #: Meta's JSON under the name of the type ("location", "order"); None for types read above.
    content: Any = field(default=None, hash=False)
    #: True if the text is the transcription of a voice note.
    is_spoken: bool = False
    #: The messages of one thought that this one stands for, in order; empty for all others.
    joined: "tuple[Inbound, ...]" = ()
    #: Id of the group that the message was written in.
    group_id: str | None = None
