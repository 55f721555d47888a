"""Inbound messages, as the bot uses them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

#: A type and a subtype, of the characters that RFC 6838 allows.
_MIME_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}")


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
        """Return the MIME type without parameters: "audio/ogg" of "audio/ogg; codecs=opus".

        It is empty if it is none: the person's program names it, and headers repeat it.
        """
        plain = self.mime_type.partition(";")[0].strip().lower()
        return plain if _MIME_TYPE.fullmatch(plain) else ""


@dataclass(frozen=True, slots=True)
class Product:
    """A product of a catalogue that a person asks about."""

    catalog_id: str | None
    retailer_id: str


@dataclass(frozen=True, slots=True)
class Echo:
    """A message that somebody else sent to a person from our number."""

    message_id: str
    recipient: Sender
    #: Meta's type of the message.
    kind: str
    text: str | None
    #: Time in UTC; None if the webhook has no readable timestamp.
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Handover:
    """Meta's report that a conversation has passed to another app, or to us."""

    person: Sender
    is_ours: bool
    #: Meta's role of the app that holds it now, or of the one before, where it is ours.
    role: str | None
    #: What the app before told about it.
    note: str | None
    at: datetime | None


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
    #: What a message without a text says, in words: a place, an order, the answers of a form.
    description: str | None = None
    #: Id of the tapped button or row.
    choice: str | None = None
    #: Id of the quoted message.
    quotes: str | None = None
    #: Text of the quoted message, while it is kept; who wrote it, as Meta names them.
    quoted_text: str | None = None
    quoted_from: str | None = None
    #: Product that the message asks about.
    product: Product | None = None
    #: The ad or post that the person came from, as Meta describes it.
    referral: Mapping[str, Any] | None = field(default=None, hash=False)
    #: Id of an earlier message that this one edits: `text` is its new text.
    edits: str | None = None
    attachment: Attachment | None = None
    #: Meta's JSON under the name of the type ("location", "order"); None for types read above.
    content: Any = field(default=None, hash=False)
    #: True if the text is the transcription of a voice note.
    is_spoken: bool = False
    #: True if Meta's own agent, or another app, holds the conversation: the bot only listens.
    is_standby: bool = False
    #: The messages of one thought that this one stands for, in order; empty for all others.
    joined: "tuple[Inbound, ...]" = ()
    #: Id of the group that the message was written in.
    group_id: str | None = None

    @property
    def shows_something(self) -> bool:
        """Return whether its text may be about what it quotes, or about its product or file.

        The file of a voice note is the text itself.
        """
        has_file = self.attachment is not None and not self.is_spoken
        return bool(self.quotes) or self.product is not None or has_file
