"""What a person sent us, in our own terms."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote. Either identifier may be absent: username users hide their phone.

    Both are opaque: a `wa_id` is not always a valid phone number (Mexico, Brazil).
    """

    #: business-scoped user id, such as "US.13491208655302741918"
    user_id: str | None = None
    #: WhatsApp's account id, digits only, usually the phone number
    wa_id: str | None = None
    #: the name in the person's WhatsApp profile
    profile_name: str | None = None
    #: an identifier of this person that Meta says is no longer current
    previous_user_id: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a person, which Meta keeps."""

    #: Meta's type of the message: "image", "audio", "document" ...
    kind: str
    media_id: str
    mime_type: str = ""

    @property
    def plain_type(self) -> str:
        """The MIME type without parameters: "audio/ogg" of "audio/ogg; codecs=opus"."""
        return self.mime_type.partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message from a person."""

    message_id: str
    #: Meta's message type ("text", "interactive", "image", ...), or "unknown"
    kind: str
    sender: Sender
    phone_number_id: str
    #: aware; None where the webhook carried no readable timestamp
    sent_at: datetime | None = None
    #: what the person typed: a text, a caption, the label of a template's button
    text: str | None = None
    #: id of the button or list row that was tapped
    choice: str | None = None
    #: message that the person quoted
    quotes: str | None = None
    attachment: Attachment | None = None
    #: Meta's JSON under the name of the type ("location", "order"); None for types read above
    content: Any = field(default=None, hash=False)
    #: the text was spoken
    is_spoken: bool = False
    #: set when the message was written in a group
    group_id: str | None = None
