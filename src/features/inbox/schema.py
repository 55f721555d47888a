"""What the pages of the inbox send."""

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.json import JsonObject
from features.inbox.operators import Role
from utils.storable_text import StorableText


class SignIn(BaseModel):
    """The secret of a link."""

    token: str = Field(min_length=1, max_length=200)


class OperatorText(BaseModel):
    """A reply, or a note."""

    model_config = ConfigDict(extra="forbid")

    text: StorableText = Field(max_length=20_000)
    quotes: StorableText | None = Field(None, max_length=200)
    #: Time of the latest message that the page showed.
    seen: AwareDatetime | None = None
    #: Whether the bot answers again after this reply.
    hands_back: bool = False


class SavedReply(BaseModel):
    """A text to use again, by its name."""

    model_config = ConfigDict(extra="forbid")

    name: StorableText = Field(max_length=60)
    text: StorableText = Field(max_length=4096)


class Assignment(BaseModel):
    """Who takes care of a conversation."""

    model_config = ConfigDict(extra="forbid")

    name: StorableText | None = Field(None, max_length=100)


class Tag(BaseModel):
    """A tag of a person."""

    model_config = ConfigDict(extra="forbid")

    tag: StorableText = Field(max_length=200)


class Presence(BaseModel):
    """What an operator does in the open conversation."""

    model_config = ConfigDict(extra="forbid")

    is_typing: bool = False


class Reaction(BaseModel):
    """An emoji on a message; an empty one takes it off."""

    model_config = ConfigDict(extra="forbid")

    message_id: StorableText = Field(min_length=1, max_length=200)
    emoji: StorableText = Field(max_length=20)


class FlowName(BaseModel):
    """A flow to start."""

    model_config = ConfigDict(extra="forbid")

    name: StorableText = Field(min_length=1, max_length=200)


class ScheduledText(BaseModel):
    """A text, and when to send it."""

    model_config = ConfigDict(extra="forbid")

    text: StorableText = Field(max_length=4096)
    at: AwareDatetime


class QuestionIds(BaseModel):
    """Questions that mean the same."""

    model_config = ConfigDict(extra="forbid")

    ids: list[StorableText] = Field(min_length=1, max_length=1_000)


class FaqAnswer(QuestionIds):
    """An answer to questions, and their wordings."""

    question: StorableText = Field(min_length=1, max_length=300)
    answer: StorableText = Field(min_length=1, max_length=4_000)
    language: StorableText = Field(min_length=2, max_length=10)
    also: list[StorableText] = Field([], max_length=20)


class Invitation(BaseModel):
    """Whom to invite."""

    model_config = ConfigDict(extra="forbid")

    name: StorableText = Field(min_length=1, max_length=100)
    role: Role = Role.AGENT


class Switch(BaseModel):
    """Whether something is on."""

    model_config = ConfigDict(extra="forbid")

    is_on: bool


class Away(BaseModel):
    """Whether an operator wants no conversations."""

    model_config = ConfigDict(extra="forbid")

    is_away: bool


class PushBrowser(BaseModel):
    """A browser that is told while the inbox is closed."""

    model_config = ConfigDict(extra="forbid")

    endpoint: StorableText = Field(min_length=1, max_length=2_000)


class PasskeyAnswer(BaseModel):
    """What a browser says of a passkey, in the JSON of WebAuthn."""

    model_config = ConfigDict(extra="forbid")

    credential: JsonObject


class NewPasskey(PasskeyAnswer):
    """A passkey, and what the operator calls it."""

    name: StorableText = Field("", max_length=100)


class Confirmation(BaseModel):
    """The name of a person who is to be erased."""

    model_config = ConfigDict(extra="forbid")

    name: StorableText = Field(max_length=300)
