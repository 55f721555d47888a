"""What was said in one session: items, as the API names them."""

import secrets
from dataclasses import dataclass, field
from typing import Any, Literal

from emulator.json import JsonObject
from emulator.openai.realtime.sound import BYTES_PER_MS
from emulator.openai.refused import RefusedRequest


@dataclass(slots=True)
class Item:
    """An item of the conversation."""

    id: str
    kind: str
    role: str = ""
    #: what was said or written; of an answer that was cut, what was heard
    text: str = ""
    #: length of its sound, and of what was heard of it, in milliseconds
    audio_ms: int = 0
    heard_ms: int | None = None
    #: of a call of a function
    call_id: str = ""
    name: str = ""

    def shown(self, status: str = "completed") -> JsonObject:
        """Return the item as the API shows it."""
        shown: dict[str, Any] = {"id": self.id, "object": "realtime.item", "type": self.kind}
        if self.kind == "function_call_output":
            return {**shown, "call_id": self.call_id, "output": self.text}
        if self.kind == "function_call":
            called = {"call_id": self.call_id, "name": self.name, "arguments": self.text}
            return {**shown, "status": status, **called}
        return {**shown, "status": status, "role": self.role, "content": [self._content()]}

    def _content(self) -> JsonObject:
        if self.role == "assistant":
            kind = "output_audio" if self.audio_ms else "output_text"
            return {"type": kind, "transcript" if self.audio_ms else "text": self.text}
        if self.audio_ms:
            return {"type": "input_audio", "transcript": self.text}
        return {"type": "input_text", "text": self.text}


@dataclass(slots=True)
class Conversation:
    """The items of a session, in their order."""

    items: list[Item] = field(default_factory=list)

    def add(self, item: Item) -> Item:
        self.items.append(item)
        return item

    def take(self, given: Any) -> Item:
        """Add an item of the client. Raise RefusedRequest for one that the API refuses."""
        if not isinstance(given, dict):
            raise RefusedRequest("Missing required parameter: 'item'.", "item")
        kind, item = given.get("type"), new_item(str(given.get("type")))
        if kind == "function_call_output":
            item.call_id, item.text = _text(given, "call_id"), _text(given, "output")
            calls = {one.call_id for one in self.items if one.kind == "function_call"}
            if item.call_id not in calls:
                raise RefusedRequest(f"No tool call found for call id '{item.call_id}'.", "item")
        elif kind == "message":
            item.role, item.text = _role(given), "\n".join(_parts(given))
        else:
            raise RefusedRequest(f"Invalid value: '{kind}'.", "item.type", "invalid_value")
        return self.add(item)

    def truncate(self, item_id: Any, ms: Any, index: Any) -> Item:
        """Cut the sound of an answer, and with it its text. Raise RefusedRequest."""
        item = next((one for one in self.items if one.id == item_id), None)
        if item is None:
            raise RefusedRequest(f"Item '{item_id}' not found.", "item_id", "item_not_found")
        if item.role != "assistant" or not item.audio_ms:
            raise RefusedRequest("Only model output audio messages can be truncated.", "item_id")
        if not isinstance(ms, int) or ms < 0 or index != 0:
            raise RefusedRequest("Invalid value for 'audio_end_ms'.", "audio_end_ms")
        if ms > item.audio_ms:
            raise RefusedRequest(
                f"Audio content of {item.audio_ms}ms is already shorter than {ms}ms",
                "audio_end_ms",
                "invalid_value",
            )
        item.heard_ms = ms
        item.text = item.text[: len(item.text) * ms // item.audio_ms]
        return item

    def messages(self, instructions: str) -> list[JsonObject]:
        """Return what was said as messages of a chat, for the emulated model."""
        found: list[JsonObject] = [{"role": "system", "content": instructions}]
        for item in self.items:
            if item.kind == "function_call":
                called = {"name": item.name, "arguments": item.text}
                call = {"id": item.call_id, "type": "function", "function": called}
                found.append({"role": "assistant", "content": None, "tool_calls": [call]})
            elif item.kind == "function_call_output":
                found.append({"role": "tool", "tool_call_id": item.call_id, "content": item.text})
            else:
                found.append({"role": item.role, "content": item.text})
        return found


def new_item(
    kind: str, role: Literal["", "user", "assistant"] = "", text: str = "", pcm: bytes = b""
) -> Item:
    """Return an item with an id of its own."""
    return Item(f"item_{secrets.token_hex(8)}", kind, role, text, len(pcm) // BYTES_PER_MS)


def _text(given: JsonObject, name: str) -> str:
    if not isinstance(given.get(name), str):
        raise RefusedRequest(f"Missing required parameter: 'item.{name}'.", f"item.{name}")
    return str(given[name])


def _role(given: JsonObject) -> str:
    if given.get("role") not in ("system", "user", "assistant"):
        raise RefusedRequest(f"Invalid value: '{given.get('role')}'.", "item.role")
    return str(given["role"])


def _parts(given: JsonObject) -> list[str]:
    wanted = "output_text" if given["role"] == "assistant" else "input_text"
    parts = given.get("content")
    if not isinstance(parts, list) or not parts:
        raise RefusedRequest("Missing required parameter: 'item.content'.", "item.content")
    for part in parts:
        if part.get("type") != wanted:
            raise RefusedRequest(
                f"Invalid value: '{part.get('type')}'. Supported values are: '{wanted}'.",
                "item.content[0].type",
                "invalid_value",
            )
    return [_text(part, "text") for part in parts]
