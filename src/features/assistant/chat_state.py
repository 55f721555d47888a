"""Where a conversation with the assistant stands, and what its two jobs carry."""

from dataclasses import asdict
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, TypeAdapter

from domain.inbound import Attachment, Inbound
from services.agent import AskedMessage, ChatTurn
from services.conversations.decisions import Decisions
from services.conversations.message_view import in_context, words_of
from services.conversations.state import StateSlot
from services.conversations.turn import ConversationTurn

#: Meta's types of messages whose file the assistant may be shown; of others, it gets the caption.
READABLE_KINDS = frozenset({"image", "document"})
#: Kinds of files that the model is told about, whether it can read them or not.
TOLD_KINDS = READABLE_KINDS | {"video"}


class AskedFile(BaseModel):
    """A file that goes with a question."""

    model_config = ConfigDict(frozen=True)

    kind: str
    media_id: str
    mime_type: str = ""

    def attachment(self) -> Attachment:
        """Return the file as the rest of the bot knows it."""
        return Attachment(self.kind, self.media_id, self.mime_type)


class UserMessage(BaseModel):
    """One message for the assistant."""

    model_config = ConfigDict(frozen=True)

    text: str
    file: AskedFile | None = None
    is_spoken: bool = False
    #: What the person wrote, without what it refers to; older versions have not kept it.
    words: str = ""
    message_id: str = ""
    kind: str = ""
    #: Time in seconds since 1970.
    sent_at: float | None = None
    #: Id and text of the message that this one quotes, and who wrote that.
    quotes: str | None = None
    quoted_text: str = ""
    quoted_from: str = ""

    @classmethod
    def of(cls, message: Inbound) -> "UserMessage":
        """Take what the assistant needs from a message."""
        is_told = message.kind in TOLD_KINDS and not message.is_spoken
        file = message.attachment if is_told else None
        return cls(
            text=in_context(message),
            file=AskedFile(**asdict(file)) if file else None,
            is_spoken=message.is_spoken,
            words=words_of(message),
            message_id=message.message_id,
            kind=message.kind,
            sent_at=message.sent_at.timestamp() if message.sent_at else None,
            quotes=message.quotes,
            quoted_text=message.quoted_text or "",
            quoted_from=message.quoted_from or "",
        )


class ChatState(BaseModel):
    """What is remembered of a chat from message to message."""

    model_config = ConfigDict(frozen=True)

    #: Free text goes to the assistant until the person leaves the chat.
    is_on: bool = False
    history: tuple[ChatTurn, ...] = ()
    #: Summary of what was said before the history.
    summary: str = ""
    #: When the last answer came, in seconds since 1970.
    answered_at: float = 0.0
    #: Names the question that is being answered.
    asking: str | None = None
    #: When it was asked, in seconds since 1970.
    asked_at: float = 0.0
    #: What was written meanwhile.
    waiting: tuple[UserMessage, ...] = ()
    #: The part of the last answer that was not sent yet.
    rest: str = ""


#: The chat as a part of the state of its conversation.
CHAT = StateSlot("talk", TypeAdapter(ChatState), ChatState())


def chat_of(turn: ConversationTurn) -> ChatState:
    """Return the chat of a conversation."""
    return CHAT.read(turn.state)


def change_chat(turn: ConversationTurn, **changes: Any) -> Decisions:
    """Change some fields of the chat. A field that ChatState does not have is a TypeError."""
    if unknown := changes.keys() - ChatState.model_fields.keys():
        raise TypeError(f"a chat has no {', '.join(sorted(unknown))}")
    return Decisions(state=CHAT.change(chat_of(turn).model_copy(update=changes)))


class AskJob(BaseModel):
    """A question for the assistant: the messages that are answered together."""

    model_config = ConfigDict(frozen=True)

    token: str
    messages: tuple[UserMessage, ...]
    history: tuple[ChatTurn, ...] = ()
    summary: str = ""
    language: str
    #: Id of the last of the messages.
    message_id: str

    def asked_message(self, phone_number_id: str, profile_name: str | None) -> AskedMessage:
        """Return the last message with the words of all, for agents that look at it."""
        last = self.messages[-1]
        return AskedMessage(
            message_id=last.message_id or self.message_id,
            kind=last.kind,
            text="\n".join(filter(None, (one.words or one.text for one in self.messages))),
            sent_at=last.sent_at,
            profile_name=profile_name or "",
            phone_number_id=phone_number_id,
            quotes=last.quotes,
            quoted_text=last.quoted_text,
            quoted_from=last.quoted_from,
        )

    @property
    def text(self) -> str:
        """All that the person wrote, a message per line."""
        return "\n".join(message.text for message in self.messages if message.text)


class ToolCallRecord(BaseModel):
    """A tool that the model chose, with its arguments, as it is stored."""

    model_config = ConfigDict(frozen=True)

    name: str
    arguments: dict[str, object] = {}


class AssistantAnswer(BaseModel):
    """What the assistant says to one question, or why it says nothing."""

    model_config = ConfigDict(frozen=True)

    token: str
    text: str = ""
    #: Tools whose effects the bot executes once the answer is sent. Older versions stored "wishes".
    tool_calls: tuple[ToolCallRecord, ...] = Field(
        (), validation_alias=AliasChoices("tool_calls", "wishes")
    )
    #: More answers, each in messages of its own.
    further: tuple[str, ...] = ()
    #: Id of the message that the first one quotes.
    quotes: str | None = None
    #: True if nothing is to be said.
    is_silent: bool = False
    #: What the person had written.
    asked: str = ""
    history: tuple[ChatTurn, ...] = ()
    summary: str = ""
    #: Meta's id of the answer as a voice note.
    voice: str | None = None
    #: Key of the text that says why there is no answer.
    problem: str | None = None


class AnswerJob(BaseModel):
    """Brings an answer back to the lane of its conversation."""

    model_config = ConfigDict(frozen=True)

    answer: AssistantAnswer
    #: Id of the message that it answers.
    message_id: str
