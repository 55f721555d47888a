"""What answers free text: the interface to put an agent of your own behind."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict

from domain.user import User
from flow_engine import Effect

#: About so many characters are a token, where nobody says how many there were.
CHARACTERS_PER_TOKEN = 4
#: Memory that a picture takes while it is asked about, as a multiple of its size: the file, its
#: base64 text, the body of the request, and what the connection has still to send.
COPIES_OF_PICTURE = 5


class AgentUnavailable(Exception):
    """There is no answer. `tokens` is what the attempt cost.

    `notice` is the key of a text that tells the person why; without one, they get a general one.
    """

    def __init__(self, reason: str = "", *, tokens: int = 0, notice: str | None = None) -> None:
        super().__init__(reason)
        self.tokens = tokens
        self.notice = notice


class ModerationRefused(AgentUnavailable):
    """Moderation refused the question."""


class NoArguments(BaseModel):
    """The arguments of a tool that needs none."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """What one side of the chat said."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that the person sent."""

    mime_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class AssistantRequest:
    """For whom, and in which language, the assistant is about to answer."""

    user: User
    role: str
    language: str
    #: What the person wrote.
    text: str


@dataclass(frozen=True, slots=True)
class DraftRequest:
    """For whom an operator wants a draft of an answer, or a summary of what was said."""

    user: User
    #: What was said so far, the oldest first.
    history: Sequence[ChatTurn]
    now: datetime
    is_summary: bool = False


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call, for the person it talks to and nobody else.

    It has either `run` or `effects`; TypeError otherwise.
    """

    name: str
    #: What it does and when to use it, for the model.
    description: str
    #: Reads the model's arguments; the model is told what does not fit.
    parameters: type[BaseModel] = NoArguments
    #: Runs at once, and returns text for the model.
    run: Callable[[Any], Awaitable[str]] | None = None
    #: Returns effects, which the bot executes once the answer is sent.
    effects: Callable[[Any], Sequence[Effect]] | None = None

    def __post_init__(self) -> None:
        if (self.run is None) == (self.effects is None):
            raise TypeError(f"{self.name}: a tool has either run or effects")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool with effects, as the model made it."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Requester:
    """The person whom an agent answers: what names their thread, and what they may do."""

    #: The bot's own key of the person, which never changes: the id of their thread.
    key: str
    #: Phone number with "+"; empty for people who hide it.
    phone: str = ""
    role: str = "default"
    language: str = ""
    is_registered: bool = False

    @classmethod
    def of(cls, request: AssistantRequest) -> "Requester":
        """Return what an agent is told of the person of a request."""
        user = request.user
        return cls(
            user.key,
            user.phone or "",
            request.role,
            request.language,
            user.is_registered,
        )


@dataclass(frozen=True, slots=True)
class AskedMessage:
    """The message that is answered; of several, the last one, with the words of all."""

    message_id: str
    #: Meta's type of the message, such as "text".
    kind: str
    text: str
    #: Time in seconds since 1970; None if the webhook had none.
    sent_at: float | None = None
    profile_name: str = ""
    phone_number_id: str = ""
    #: Id and text of the message that it quotes; who wrote that one, as Meta names them.
    quotes: str | None = None
    quoted_text: str = ""
    quoted_from: str = ""


@dataclass(frozen=True, slots=True)
class AgentRequest:
    """What an agent gets to answer one message."""

    #: Who the agent is, what it knows, and whom it talks to.
    prompt: str
    #: What was said before, the oldest first.
    history: Sequence[ChatTurn]
    text: str
    pictures: Sequence[Picture] = ()
    tools: Sequence[Tool] = ()
    #: Who asks; None for questions of the bot itself, such as a summary.
    requester: Requester | None = None
    message: AskedMessage | None = None
    #: Another model than the agent's own.
    model: str | None = None
    #: Longest answer in tokens, instead of the agent's own limit.
    max_tokens: int | None = None
    #: JSON schema that the answer has to follow.
    answer_schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class AgentReply:
    """An answer in Markdown; it may be empty if there are tool calls."""

    text: str
    tool_calls: Sequence[ToolCall] = ()
    #: Tokens of the model that the answer cost.
    tokens: int = 0
    #: More answers, each in a message of its own.
    further: Sequence[str] = ()
    #: Whether the first message quotes the one that is answered.
    quotes: bool = False
    #: True if nothing is to be said.
    is_silent: bool = False


class Agent(Protocol):
    """Answers free text. `make_agent` in `features/assistant/feature.py` chooses the agent."""

    async def reply(self, asked: AgentRequest) -> AgentReply:
        """Return the answer; raise AgentUnavailable if there is none."""
        ...
