"""Frames about a model that talks with the caller."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field, SecretStr, field_serializer

from features.calls.frame import CallFrame, Frame


class TalkerKind(StrEnum):
    """How a model talks with the caller."""

    #: The model hears and speaks by itself, over a WebSocket: OpenAI's Realtime API.
    REALTIME = "realtime"
    #: Speech is transcribed, answered by the desk, and spoken line by line.
    PIPELINE = "pipeline"


class OpenAiAccess(Frame):
    """Server for speech, compatible with OpenAI's API."""

    api_key: SecretStr
    base_url: str
    #: Address of the Realtime API; empty: that of `base_url`.
    realtime_url: str = ""
    realtime_model: str = ""
    #: Model that writes down what callers say.
    transcription_model: str = ""
    #: Model that speaks lines for which there is no file.
    speech_model: str = ""
    voice: str

    @field_serializer("api_key", when_used="json")
    def _reveal(self, key: SecretStr) -> str:
        return key.get_secret_value()


class PastTurn(Frame):
    """What one side said before the call, in the chat."""

    role: Literal["user", "assistant"]
    text: str = Field(repr=False)


class ToolDefinition(Frame):
    """A function that the model may call; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: dict[str, Any]


class Converse(CallFrame):
    """Have a model talk with the caller, from now on."""

    do: Literal["converse"] = "converse"
    talker: TalkerKind
    language: str
    instructions: str = Field("", repr=False)
    history: tuple[PastTurn, ...] = ()
    tools: tuple[ToolDefinition, ...] = ()


class ToolResult(CallFrame):
    """What a tool returned that the model had called."""

    do: Literal["tool_result"] = "tool_result"
    id: str
    output: str = Field(repr=False)


class Instruct(CallFrame):
    """Tell the model something about the call, and have it speak."""

    do: Literal["instruct"] = "instruct"
    text: str = Field(repr=False)


class Dismiss(CallFrame):
    """End the talk of the model; the call goes on."""

    do: Literal["dismiss"] = "dismiss"


class Heard(CallFrame):
    """What the caller said."""

    told: Literal["heard"] = "heard"
    text: str = Field(repr=False)


class Spoken(CallFrame):
    """What the caller heard; `is_cut` says that they interrupted it there."""

    told: Literal["spoken"] = "spoken"
    text: str = Field(repr=False)
    is_cut: bool = False


class ToolAsked(CallFrame):
    """The model calls a tool; `arguments` is JSON. `ToolResult` answers."""

    told: Literal["tool_asked"] = "tool_asked"
    id: str
    name: str
    arguments: str = Field(repr=False)


class Usage(CallFrame):
    """What the model has cost since the last such report, in tokens that no cache had."""

    told: Literal["usage"] = "usage"
    tokens: int


class TalkerGone(CallFrame):
    """The model no longer talks: `refused`, `closed`, `silent`, or the server's code."""

    told: Literal["talker_gone"] = "talker_gone"
    why: str
