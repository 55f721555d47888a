"""What answers free text: the interface to put an agent of your own behind."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict

from flow_engine import Effect

#: About so many characters are a token, where nobody says how many there were.
CHARACTERS_PER_TOKEN = 4


class AgentUnavailable(Exception):
    """There is no answer."""

    def __init__(self, reason: str = "", *, tokens: int = 0) -> None:
        super().__init__(reason)
        #: what it cost all the same
        self.tokens = tokens


class ModerationRefused(AgentUnavailable):
    """Such a question gets none."""


class NoArguments(BaseModel):
    """Of an ability that needs none."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """One side's words."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What a person sent to be looked at."""

    mime_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Tool:
    """Something of the bot's that the model may use, for the person it talks to and nobody else."""

    name: str
    #: what it does and when to use it, for the model
    description: str
    #: made of the model's arguments; what does not fit is told to it
    parameters: type[BaseModel] = NoArguments
    #: finds something out, at once, for the model
    look_up: Callable[[Any], Awaitable[str]] | None = None
    #: what the bot does once the answer was sent
    act: Callable[[Any], Sequence[Effect]] | None = None

    def __post_init__(self) -> None:
        if (self.look_up is None) == (self.act is None):
            raise TypeError(f"{self.name}: an ability has either look_up or act")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """Something that the model wants the bot to do."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AgentRequest:
    """All that an agent is given."""

    #: who it is, what it knows, and whom it talks to
    prompt: str
    #: what was said before
    history: Sequence[ChatTurn]
    text: str
    pictures: Sequence[Picture] = ()
    abilities: Sequence[Tool] = ()


@dataclass(frozen=True, slots=True)
class AgentReply:
    """What an agent says; in Markdown, empty if only its wishes count."""

    text: str
    wishes: Sequence[ToolCall] = ()
    #: what it cost
    tokens: int = 0


class Agent(Protocol):
    """Answers free text. The feature assistant makes it: put your own into its `make_agent`."""

    async def reply(self, asked: AgentRequest) -> AgentReply:
        """The answer; raises AgentUnavailable."""
        ...
