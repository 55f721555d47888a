"""How servers differ that are nearly OpenAI: vLLM, Ollama, llama.cpp, gateways."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from emulator.openai.model import Said


@dataclass(slots=True)
class Dialect:
    """What is odd about the answers of a server; by default nothing is."""

    #: Text before each answer, such as a block of reasoning.
    thinks: str = ""
    #: Template of the text that stands for a tool call, with {name} and {arguments}.
    written_calls: str = ""
    #: Numbers of the tool calls of an answer.
    index: Literal["own", "zero", "none"] = "own"
    #: Whether the arguments come in two pieces, which both repeat the name.
    repeats_name: bool = False
    has_null_choices: bool = False
    has_finish_reason: bool = True
    #: Whether an error stands in the middle of a stream of status 200.
    has_error: bool = False
    #: Whether to answer with one body of JSON, though a stream was asked for.
    ignores_stream: bool = False

    def text(self, said: Said) -> str:
        """Return the text of an answer, with what the server leaves in it."""
        calls = said.calls if self.written_calls else ()
        written = [
            self.written_calls.replace("{name}", call.name).replace("{arguments}", call.arguments)
            for call in calls
        ]
        return self.thinks + said.text + "".join(written)

    def pieces(self, index: int, call: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Yield the pieces of a tool call in a stream."""
        number = {"own": {"index": index}, "zero": {"index": 0}, "none": {}}[self.index]
        if not self.repeats_name or "function" not in call:
            yield {**number, **call}
            return
        function = call["function"]
        middle = len(function["arguments"]) // 2
        for part in (function["arguments"][:middle], function["arguments"][middle:]):
            yield {**number, **call, "function": {**function, "arguments": part}}


#: Templates of calls that models write into their text.
JSON_CALL = json.dumps({"name": "{name}"})[:-1] + ', "parameters": {arguments}}'
TAGGED_CALL = '<tool_call>\n{"name": "{name}", "arguments": {arguments}}\n</tool_call>'
