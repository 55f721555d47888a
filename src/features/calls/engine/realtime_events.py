"""Events for OpenAI's Realtime API, and what its events say.

Source: developers.openai.com/api/reference/resources/realtime (client and server events)
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from features.calls.engine.opus import PCM_RATE
from features.calls.talker_frames import Converse, OpenAiAccess, PastTurn

PCM = {"type": "audio/pcm", "rate": PCM_RATE}
#: Silence after which the caller has said what they wanted, in milliseconds.
SILENCE_MS = 500
#: Sound before the start of speech that belongs to it, in milliseconds.
PADDING_MS = 300
#: Codes of errors after which a session is of no use.
FATAL = frozenset(
    {
        *("insufficient_quota", "rate_limit_exceeded", "session_expired", "invalid_api_key"),
        *("model_not_found", "server_error"),
    }
)
#: Longest code that is logged, in characters.
MAX_CODE_CHARS = 40


def address(access: OpenAiAccess) -> str:
    """Return the address of a session."""
    url = access.realtime_url or f"{access.base_url.rstrip('/')}/realtime"
    scheme, _, rest = url.partition("://")
    return f"{ {'http': 'ws', 'https': 'wss'}.get(scheme, scheme) }://{rest}"


def session_update(brief: Converse, access: OpenAiAccess) -> str:
    """Return the event that sets up a session."""
    heard: dict[str, Any] = {
        "format": PCM,
        "turn_detection": {
            "type": "server_vad",
            "silence_duration_ms": SILENCE_MS,
            "prefix_padding_ms": PADDING_MS,
            "create_response": True,
            "interrupt_response": True,
        },
    }
    if access.transcription_model:
        heard["transcription"] = {"model": access.transcription_model}
    session: dict[str, Any] = {
        "type": "realtime",
        "instructions": brief.instructions,
        "output_modalities": ["audio"],
        "audio": {"input": heard, "output": {"format": PCM, "voice": access.voice}},
    }
    if brief.tools:
        tools = [{"type": "function", **one.model_dump()} for one in brief.tools]
        session |= {"tools": tools, "tool_choice": "auto"}
    return event("session.update", session=session)


def past_turn(turn: PastTurn) -> str:
    """Return the event that adds what was said before."""
    return message(turn.role, turn.text)


def message(role: str, text: str) -> str:
    """Return the event that adds a text to the conversation."""
    kind = "output_text" if role == "assistant" else "input_text"
    item = {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}
    return event("conversation.item.create", item=item)


def tool_output(call_id: str, output: str) -> str:
    """Return the event that adds what a tool returned."""
    item = {"type": "function_call_output", "call_id": call_id, "output": output}
    return event("conversation.item.create", item=item)


def truncation(item: str, milliseconds: int) -> str:
    """Return the event that cuts an answer to what was heard of it."""
    cut = {"item_id": item, "content_index": 0, "audio_end_ms": milliseconds}
    return event("conversation.item.truncate", **cut)


def audio(pcm: bytes) -> str:
    """Return the event that carries sound."""
    return event("input_audio_buffer.append", audio=base64.b64encode(pcm).decode("ascii"))


def event(kind: str, **fields: Any) -> str:
    """Return an event as JSON."""
    return json.dumps({"type": kind, **fields})


def cost(usage: Any) -> int:
    """Return the tokens of a response that no cache had; 0 if the server does not say."""
    if not isinstance(usage, Mapping):
        return 0
    details = usage.get("input_token_details")
    cached = details.get("cached_tokens") if isinstance(details, Mapping) else 0
    return max(0, _number(usage.get("total_tokens")) - _number(cached))


def fatal_code(error: Any) -> str | None:
    """Return the code of an error after which the session is of no use; None for others."""
    if not isinstance(error, Mapping):
        return None
    found = {str(error.get("code")), str(error.get("type"))} & FATAL
    return next(iter(found), None)


def code_of(error: Any) -> str:
    """Return the code of an error, which quotes nobody."""
    code = error.get("code") or error.get("type") if isinstance(error, Mapping) else None
    return str(code or "unknown")[:MAX_CODE_CHARS]


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0
