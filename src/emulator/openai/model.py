"""What the emulated model says: what a test told it to, or else something plain."""

import json
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from emulator.json import JsonObject
from emulator.openai.requests import names_of
from emulator.openai.structured import example, schema_in

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
    #: Whether it is a custom tool, which takes any text for arguments.
    is_custom: bool = False


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
    """Uses a tool that it must or that a word asks for, or repeats the words of the last message.

    A structured answer has the form that was asked for.
    """
    last = request["messages"][-1]
    text = text_of(last)
    if call := _call(request, text, is_result=last["role"] == "tool"):
        return Said(calls=(call,))
    if last["role"] == "tool":
        return Said(_in_form(request, f"Here is what I found: {text}"))
    pictures = sum(one["type"] == "image_url" for one in parts_of(last))
    seen = f" I see {pictures} picture(s)." if pictures else ""
    words = f"I am an emulated model, and you wrote: {text[:MAX_ECHO_CHARS]}{seen}"
    return Said(_in_form(request, words))


def _in_form(request: JsonObject, words: str) -> str:
    """Return an answer as `response_format` wants it."""
    wanted = request.get("response_format") or {}
    if wanted.get("type") == "json_object":
        schema = schema_in("\n".join(text_of(one) for one in request["messages"]))
        return json.dumps(example(schema, words) if schema else {"answer": words})
    if wanted.get("type") == "json_schema":
        return json.dumps(example(wanted["json_schema"]["schema"], words))
    return words


def _call(request: JsonObject, text: str, *, is_result: bool) -> Call | None:
    """Return the call that `tool_choice` demands, or else the one that a word asks for."""
    tools, choice = request.get("tools") or [], request.get("tool_choice") or "auto"
    offered = dict(zip(names_of(tools), tools, strict=True))
    if isinstance(choice, dict) and choice.get("type") == "allowed_tools":
        allowed = choice["allowed_tools"]
        offered = {name: offered[name] for name in names_of(allowed["tools"])}
        choice = allowed["mode"]
    if choice == "none" or not offered:
        return None
    if isinstance(choice, dict):
        [name] = names_of([choice])
        return _filled(offered[name], text)
    words = set(re.findall(r"\w+", text.partition(QUOTATION)[0].lower()))
    asked_for = [tool for word, tool in CALLS_FOR.items() if word in words and tool in offered]
    if asked_for and not is_result:
        return _filled(offered[asked_for[0]], text)
    return _filled(next(iter(offered.values())), text) if choice == "required" else None


def _filled(tool: JsonObject, text: str) -> Call:
    """Return a call of a tool with arguments that its schema takes."""
    if tool["type"] == "custom":
        return Call(tool["custom"]["name"], text, is_custom=True)
    function = tool["function"]
    if function["name"] == "start_flow":
        return Call("start_flow", json.dumps({"flow": "registration"}))
    return Call(function["name"], json.dumps(example(function.get("parameters") or {}, text) or {}))


def text_of(message: JsonObject) -> str:
    """The words of a message, whatever else it holds."""
    return "\n".join(str(one["text"]) for one in parts_of(message) if one["type"] == "text")


def parts_of(message: JsonObject) -> Sequence[JsonObject]:
    """What a message holds: its words, pictures, sounds and files."""
    content = message.get("content")
    return content if isinstance(content, list) else [{"type": "text", "text": content or ""}]
