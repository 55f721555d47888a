"""An answer of the model, assembled from the chunks of its stream.

Source: platform.openai.com/docs/api-reference/chat-streaming
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from domain.json import JsonObject
from services.agent import CHARACTERS_PER_TOKEN

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionChunk


@dataclass(slots=True)
class StreamedToolCall:
    """A tool call of the model, assembled from chunks."""

    id: str = ""
    name: str = ""
    #: Arguments as the model writes them: usually valid JSON.
    arguments: str = ""


@dataclass(slots=True)
class Completion:
    """An answer of the model, assembled from chunks."""

    #: Estimated size of the request, in tokens.
    asked: int = 0
    text: str = ""
    calls: dict[int, StreamedToolCall] = field(default_factory=dict)
    #: Reported size of request and answer, in tokens; 0 before the last chunk.
    tokens: int = 0
    is_whole: bool = False

    def add(self, chunk: "ChatCompletionChunk") -> None:
        """Append a chunk of the stream."""
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
        """Return the number of characters received so far."""
        return len(self.text) + sum(
            len(call.name) + len(call.arguments) for call in self.calls.values()
        )

    @property
    def cost(self) -> int:
        """Return the tokens of request and answer: an estimate if the stream ended early."""
        return self.tokens or self.asked + self.length // CHARACTERS_PER_TOKEN

    def message(self) -> JsonObject:
        """Return the message that repeats this answer in the next request."""
        calls = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in self.calls.values()
        ]
        return {"role": "assistant", "content": self.text or None, "tool_calls": calls}
