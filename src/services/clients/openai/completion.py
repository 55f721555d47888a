"""An answer of the model, put together from the pieces of its stream.

Source: platform.openai.com/docs/api-reference/chat-streaming
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from domain.json import JsonObject
from services.conversations.agent import CHARACTERS_PER_TOKEN

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionChunk


@dataclass(slots=True)
class StreamedToolCall:
    """A tool that the model wants to be used, as its pieces come in."""

    id: str = ""
    name: str = ""
    #: JSON, or what the model takes for that
    arguments: str = ""


@dataclass(slots=True)
class Completion:
    """An answer of the model, as its pieces come in."""

    #: what was asked, in tokens, about
    asked: int = 0
    text: str = ""
    calls: dict[int, StreamedToolCall] = field(default_factory=dict)
    #: of question and answer, as told after its last piece; 0 before that
    tokens: int = 0
    is_whole: bool = False

    def add(self, chunk: "ChatCompletionChunk") -> None:
        if chunk.usage is not None:
            self.tokens = chunk.usage.total_tokens
        for choice in chunk.choices[:1]:
            self.text += choice.delta.content or ""
            for piece in choice.delta.tool_calls or ():
                call = self.calls.setdefault(piece.index, StreamedToolCall())
                call.id = piece.id or call.id
                if piece.function is not None:
                    call.name += piece.function.name or ""
                    call.arguments += piece.function.arguments or ""
            self.is_whole |= choice.finish_reason is not None

    @property
    def length(self) -> int:
        """Characters that came in."""
        return len(self.text) + sum(
            len(call.name) + len(call.arguments) for call in self.calls.values()
        )

    @property
    def cost(self) -> int:
        """Tokens of question and answer; about, where it broke off before they were told."""
        return self.tokens or self.asked + self.length // CHARACTERS_PER_TOKEN

    def message(self) -> JsonObject:
        """As the model is to be reminded of it."""
        calls = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in self.calls.values()
        ]
        return {"role": "assistant", "content": self.text or None, "tool_calls": calls}
