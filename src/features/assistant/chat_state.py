"""Where a conversation with the assistant stands."""

from dataclasses import asdict

from pydantic import BaseModel, ConfigDict

from domain.inbound import Attachment, Inbound
from services.conversations.agent import ChatTurn


class AskedFile(BaseModel):
    """A file that goes with a question."""

    model_config = ConfigDict(frozen=True)

    kind: str
    media_id: str
    mime_type: str = ""

    def attachment(self) -> Attachment:
        return Attachment(self.kind, self.media_id, self.mime_type)


class UserMessage(BaseModel):
    """One message for the assistant."""

    model_config = ConfigDict(frozen=True)

    text: str
    file: AskedFile | None = None
    is_spoken: bool = False

    @classmethod
    def of(cls, message: Inbound) -> "UserMessage":
        file = message.attachment if not message.is_spoken else None
        return cls(
            text=message.text or "",
            file=AskedFile(**asdict(file)) if file else None,
            is_spoken=message.is_spoken,
        )


class ChatState(BaseModel):
    """What is remembered of it from message to message."""

    model_config = ConfigDict(frozen=True)

    #: free text goes to the assistant until the person leaves it
    is_on: bool = False
    history: tuple[ChatTurn, ...] = ()
    #: of what was said before that
    summary: str = ""
    #: in seconds since 1970
    answered_at: float = 0.0
    #: names the question that is being answered
    asking: str | None = None
    #: when it was asked, in seconds since 1970
    asked_at: float = 0.0
    #: what was written meanwhile
    waiting: tuple[UserMessage, ...] = ()
    #: of the last answer, what was not yet sent
    rest: str = ""

    def changed(self, **values: object) -> "ChatState":
        return self.model_copy(update=values)


class AskJob(BaseModel):
    """The body of a job for the assistant."""

    model_config = ConfigDict(frozen=True)

    token: str
    messages: tuple[UserMessage, ...]
    history: tuple[ChatTurn, ...] = ()
    summary: str = ""
    language: str
    #: the last of the messages
    message_id: str

    @property
    def text(self) -> str:
        return "\n".join(one.text for one in self.messages if one.text)


class ToolCallRecord(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str
    arguments: dict[str, object] = {}


class AnswerJob(BaseModel):
    """The body of a job that brings what the assistant says."""

    model_config = ConfigDict(frozen=True)

    token: str
    text: str = ""
    wishes: tuple[ToolCallRecord, ...] = ()
    #: what the person had written
    asked: str = ""
    history: tuple[ChatTurn, ...] = ()
    summary: str = ""
    #: Meta's id of the answer as a voice note
    voice: str | None = None
    #: the key of a text that says why there is none
    problem: str | None = None
