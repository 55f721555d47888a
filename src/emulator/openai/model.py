"""What the emulated model says: what a test told it to, or else something plain."""

import json
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from emulator.json import JsonObject

#: Words of a person, and the tool that they call if it is offered.
CALLS_FOR = {
    "menu": "show_menu",
    "options": "show_menu",
    "human": "talk_to_human",
    "register": "start_flow",
}
#: Start of quoted documents, whose words call no tool.
QUOTATION = "(A document"
MAX_ECHO_CHARS = 300


@dataclass(frozen=True, slots=True)
class Call:
    """The model wants a tool to be used; `arguments` is JSON, or what it takes for that."""

    name: str
    arguments: str = "{}"


@dataclass(frozen=True, slots=True)
class Said:
    """One answer of the model."""

    text: str = ""
    calls: Sequence[Call] = ()
    #: whether the answer was cut
    is_cut: bool = False


@dataclass(slots=True)
class EmulatedModel:
    """Says what was put into `next_answers`, in order, then what `_plain_answer` finds."""

    next_answers: deque[Said] = field(default_factory=deque)
    #: every request so far
    asked: list[JsonObject] = field(default_factory=list)

    def will_say(self, *answers: Said | str) -> None:
        self.next_answers += [Said(one) if isinstance(one, str) else one for one in answers]

    def answer(self, request: JsonObject) -> Said:
        self.asked.append(request)
        if self.next_answers:
            return self.next_answers.popleft()
        return _plain_answer(request)


def _plain_answer(request: JsonObject) -> Said:
    """Uses a tool that a word asks for, quotes a tool's result, or repeats the person's words."""
    messages = request["messages"]
    last = messages[-1]
    if last["role"] == "tool":
        return Said(f"Here is what I found: {text_of(last)}")
    text = text_of(last)
    if schema := (request.get("response_format") or {}).get("json_schema"):
        return Said(json.dumps(example_of(schema.get("schema") or {}, text)))
    words = set(re.findall(r"\w+", text.partition(QUOTATION)[0].lower()))
    offered = {one["function"]["name"] for one in request.get("tools") or ()}
    for word, tool in CALLS_FOR.items():
        if word in words and tool in offered:
            arguments = {"flow": "registration"} if tool == "start_flow" else {}
            return Said(calls=(Call(tool, json.dumps(arguments)),))
    pictures = sum(one["type"] == "image_url" for one in _parts(last))
    seen = f" I see {pictures} picture(s)." if pictures else ""
    return Said(f"I am an emulated model, and you wrote: {text[:MAX_ECHO_CHARS]}{seen}")


def example_of(schema: JsonObject, words: str) -> Any:
    """Return a value that fits a JSON schema of the usual kinds; texts are the person's words."""
    if "enum" in schema:
        named = [one for one in schema["enum"] if str(one).lower() in words.lower()]
        return (named or schema["enum"])[0]
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type", "object" if "properties" in schema else "string")
    match kind[0] if isinstance(kind, list) else kind:
        case "object":
            parts = schema.get("properties") or {}
            return {name: example_of(one, words) for name, one in parts.items()}
        case "array":
            return [example_of(schema.get("items") or {}, words)] * schema.get("minItems", 0)
        case "boolean":
            return True
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "null":
            return None
    return words[: schema.get("maxLength", MAX_ECHO_CHARS)]


def text_of(message: JsonObject) -> str:
    """The words of a message, whatever else it holds."""
    return "\n".join(str(one["text"]) for one in _parts(message) if one["type"] == "text")


def _parts(message: JsonObject) -> Sequence[JsonObject]:
    content = message.get("content")
    return content if isinstance(content, list) else [{"type": "text", "text": content or ""}]
