"""The settings of a session, and what the API refuses in them.

Source: developers.openai.com/api/reference/resources/realtime/client-events (session.update)
"""

import secrets
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from emulator.json import JsonObject
from emulator.openai.refused import RefusedRequest

PCM = {"type": "audio/pcm", "rate": 24_000}
#: Names in `session`.
KNOWN = frozenset(
    {
        *("type", "audio", "include", "instructions", "max_output_tokens", "model"),
        *("output_modalities", "parallel_tool_calls", "prompt", "reasoning", "tool_choice"),
        *("tools", "tracing", "truncation"),
    }
)
KNOWN_INPUT = frozenset({"format", "noise_reduction", "transcription", "turn_detection"})
KNOWN_OUTPUT = frozenset({"format", "speed", "voice"})
SERVER_VAD: JsonObject = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 200,
    "create_response": True,
    "interrupt_response": True,
}


def _defaults() -> dict[str, Any]:
    return {
        "type": "realtime",
        "object": "realtime.session",
        "id": f"sess_{secrets.token_hex(8)}",
        "instructions": "",
        "output_modalities": ["audio"],
        "tools": [],
        "tool_choice": "auto",
        "audio": {
            "input": {"format": dict(PCM), "transcription": None, "turn_detection": SERVER_VAD},
            "output": {"format": dict(PCM), "voice": "alloy", "speed": 1.0},
        },
    }


@dataclass(slots=True)
class Session:
    """What the client set."""

    values: dict[str, Any] = field(default_factory=_defaults)
    #: Whether sound was sent: the voice stays then.
    has_spoken: bool = False

    def update(self, given: Any) -> None:
        """Take `session` of `session.update`. Raise RefusedRequest for what the API refuses."""
        if not isinstance(given, dict):
            raise _missing("session")
        if given.get("type") != "realtime":
            raise _missing("session.type")
        _require_known(given, KNOWN, "session")
        values = deepcopy(self.values)
        for name, value in given.items():
            if name == "audio":
                self._update_audio(values["audio"], value)
            else:
                values[name] = value
        if values["output_modalities"] not in (["audio"], ["text"]):
            raise RefusedRequest(
                "Invalid modalities: ['text'] and ['audio'] are supported.",
                "session.output_modalities",
                "invalid_value",
            )
        _check_tools(values["tools"])
        self.values = values

    def _update_audio(self, audio: dict[str, Any], given: JsonObject) -> None:
        _require_known(given, frozenset({"input", "output"}), "session.audio")
        heard, said = given.get("input") or {}, given.get("output") or {}
        _require_known(heard, KNOWN_INPUT, "session.audio.input")
        _require_known(said, KNOWN_OUTPUT, "session.audio.output")
        for side, name in ((heard, "input"), (said, "output")):
            if "format" in side and side["format"] != PCM:
                raise RefusedRequest(
                    "Only audio/pcm at 24000 is emulated.",
                    f"session.audio.{name}.format",
                    "invalid_value",
                )
        if (
            self.has_spoken
            and said.get("voice", audio["output"]["voice"]) != audio["output"]["voice"]
        ):
            raise RefusedRequest(
                "Cannot update a conversation's voice if assistant audio is present.",
                "session.audio.output.voice",
                "cannot_update_voice",
            )
        if heard.get("turn_detection"):
            heard = {**heard, "turn_detection": {**SERVER_VAD, **heard["turn_detection"]}}
        audio["input"] = {**audio["input"], **heard}
        audio["output"] = {**audio["output"], **said}

    @property
    def turn_detection(self) -> JsonObject | None:
        found: JsonObject | None = self.values["audio"]["input"]["turn_detection"]
        return found

    @property
    def transcribes(self) -> bool:
        return self.values["audio"]["input"]["transcription"] is not None

    @property
    def speaks(self) -> bool:
        return bool(self.values["output_modalities"] == ["audio"])


def _check_tools(tools: Any) -> None:
    for at, tool in enumerate(tools):
        for name in ("type", "name"):
            if not isinstance(tool.get(name), str):
                raise _missing(f"session.tools[{at}].{name}")
        if "function" in tool:
            raise RefusedRequest(
                f"Unknown parameter: 'session.tools[{at}].function'.",
                f"session.tools[{at}].function",
                "unknown_parameter",
            )


def _require_known(given: Any, known: frozenset[str], place: str) -> None:
    for name in given:
        if name not in known:
            raise RefusedRequest(
                f"Unknown parameter: '{place}.{name}'.", f"{place}.{name}", "unknown_parameter"
            )


def _missing(name: str) -> RefusedRequest:
    message = f"Missing required parameter: '{name}'."
    return RefusedRequest(message, name, "missing_required_parameter")
