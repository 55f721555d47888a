"""Tool calls assembled from the pieces of a stream, also of servers that number them wrongly.

OpenAI numbers the calls of an answer by `index` and names each once. Others give all of them the
index 0 or none, repeat the name in each piece, or make a new id for each piece.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class StreamedToolCall:
    """A tool call of the model, assembled from pieces."""

    id: str = ""
    name: str = ""
    #: Arguments as the model writes them: usually valid JSON.
    arguments: str = ""
    #: The server's number of the call; None if it gives none.
    index: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the arguments are complete."""
        try:
            return isinstance(json.loads(self.arguments), dict)
        except (ValueError, RecursionError):
            return False


def add_piece(calls: list[StreamedToolCall], piece: Any, names: Collection[str]) -> None:
    """Append a piece of the stream to its call. `names` are the tools that there are."""
    if not isinstance(piece, Mapping):
        return
    part = _read(piece)
    if not (part.id or part.name or part.arguments):
        return
    call = _call_of(calls, part)
    if call is None or _begins_another(call, part, names):
        calls.append(part)
        return
    if call.id and call.id == part.id and call.is_whole:
        return  # said twice
    call.id = call.id or part.id
    call.name += part.name if part.name != call.name else ""
    call.arguments += part.arguments


def _read(piece: Mapping[str, Any]) -> StreamedToolCall:
    function = piece.get("function")
    function = function if isinstance(function, Mapping) else {}
    arguments, index = function.get("arguments"), piece.get("index")
    return StreamedToolCall(
        id=_text(piece.get("id")),
        name=_text(function.get("name")),
        arguments=json.dumps(arguments) if isinstance(arguments, Mapping) else _text(arguments),
        index=index if isinstance(index, int) else None,
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _call_of(calls: list[StreamedToolCall], part: StreamedToolCall) -> StreamedToolCall | None:
    """Return the newest call that a piece may belong to: of its number, and best of its id."""
    numbered = [call for call in calls if part.index is None or call.index == part.index]
    own = [call for call in numbered if part.id and call.id == part.id]
    candidates = own or numbered
    return candidates[-1] if candidates else None


def _begins_another(call: StreamedToolCall, part: StreamedToolCall, names: Collection[str]) -> bool:
    if part.name and call.name and part.name != call.name:
        return bool(call.name in names or call.arguments)  # else it is the rest of the name
    if part.id and part.id == call.id:
        return False
    return call.is_whole and bool(part.arguments if part.name else part.id)
