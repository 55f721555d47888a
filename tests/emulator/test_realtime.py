"""The emulated Realtime API, over a WebSocket: its events are those of OpenAI's own types."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any, get_args

import aiohttp
import pytest
from openai.types.realtime import realtime_server_event
from pydantic import BaseModel

from emulator.openai.model import Call, Said
from emulator.openai.realtime.sound import BYTES_PER_MS, tone
from emulator.openai.state import KEY
from emulator.openai.testing import OpenAIDouble

#: OpenAI's own types of the events, by their names.
[UNION, *_] = get_args(realtime_server_event.RealtimeServerEvent)
TYPES: dict[str, type[BaseModel]] = {
    get_args(one.model_fields["type"].annotation)[0]: one for one in get_args(UNION)
}
SILENCE = bytes(700 * BYTES_PER_MS)
SPEECH = tone(440.0, 0.4) + SILENCE


class Client:
    """A client that checks every event that it gets."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.events: list[dict[str, Any]] = []

    async def send(self, kind: str, **fields: Any) -> None:
        await self.socket.send_str(json.dumps({"type": kind, **fields}))

    async def speak(self, pcm: bytes = SPEECH) -> None:
        await self.send("input_audio_buffer.append", audio=base64.b64encode(pcm).decode())

    async def until(self, kind: str) -> dict[str, Any]:
        """Return the next event of a type."""
        async with asyncio.timeout(5):
            while True:
                event: dict[str, Any] = await self.socket.receive_json()
                TYPES[event["type"]].model_validate(event)
                self.events.append(event)
                if event["type"] == kind:
                    return event


@pytest.fixture
async def client(openai: OpenAIDouble) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {KEY}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.ws_connect(f"{openai.url}/realtime", params={"model": "any"}) as socket,
    ):
        yield Client(socket)


async def set_up(client: Client, **session: Any) -> None:
    await client.send("session.update", session={"type": "realtime", **session})
    await client.until("session.updated")


async def test_speech_is_heard_and_answered(openai: OpenAIDouble, client: Client) -> None:
    openai.model.will_say("Of course.")
    await set_up(client, audio={"input": {"transcription": {"model": "gpt-transcribe"}}})
    await client.speak()
    heard = await client.until("conversation.item.input_audio_transcription.completed")
    assert heard["transcript"] == "Show me the menu, please."
    done = (await client.until("response.done"))["response"]
    assert done["status"] == "completed"
    assert done["usage"]["total_tokens"] > 0
    audio = [one for one in client.events if one["type"] == "response.output_audio.delta"]
    assert len(base64.b64decode("".join(one["delta"] for one in audio[:1]))) == 200 * BYTES_PER_MS
    words = [one for one in client.events if one["type"].endswith("audio_transcript.delta")]
    assert "".join(one["delta"] for one in words) == "Of course."
    [asked] = openai.model.asked
    assert asked["messages"][-1] == {"role": "user", "content": "Show me the menu, please."}


async def test_a_tool_is_called_and_its_result_is_answered(
    openai: OpenAIDouble, client: Client
) -> None:
    openai.model.will_say(Said(calls=[Call("look_up", '{"x": 1}')]), "It is open.")
    tool = {"type": "function", "name": "look_up", "parameters": {"type": "object"}}
    await set_up(client, tools=[tool])
    await client.speak()
    called = await client.until("response.function_call_arguments.done")
    assert (called["name"], json.loads(called["arguments"])) == ("look_up", {"x": 1})
    await client.until("response.done")
    output = {"type": "function_call_output", "call_id": called["call_id"], "output": "open"}
    await client.send("conversation.item.create", item=output)
    await client.send("response.create")
    said = await client.until("response.output_audio_transcript.done")
    assert said["transcript"] == "It is open."
    assert openai.model.asked[1]["messages"][-1]["content"] == "open"


async def test_speech_interrupts_and_an_answer_is_cut_to_what_was_heard(
    openai: OpenAIDouble, client: Client
) -> None:
    openai.model.will_say("A long story that nobody wants to hear.", "Yes?")
    openai.realtime.pace = 0.05
    await set_up(client)
    await client.speak()
    item = (await client.until("response.output_audio.delta"))["item_id"]
    await client.speak(tone(440.0, 0.4))
    stopped = (await client.until("response.done"))["response"]
    assert stopped["status"] == "cancelled"
    assert stopped["status_details"]["reason"] == "turn_detected"
    await client.send("conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=100)
    assert (await client.until("conversation.item.truncated"))["audio_end_ms"] == 100
    await client.speak(SILENCE)
    await client.until("response.done")
    cut = [
        one["content"] for one in openai.model.asked[1]["messages"] if one["role"] == "assistant"
    ]
    assert len(cut) == 1
    assert "A long story that nobody wants to hear.".startswith(cut[0])
    assert len(cut[0]) < 30


@pytest.mark.parametrize(
    ("event", "param"),
    [
        ({"type": "session.update", "session": {"voice": "marin"}}, "session.type"),
        (
            {"type": "session.update", "session": {"type": "realtime", "voice": "marin"}},
            "session.voice",
        ),
        ({"type": "response.creat"}, "type"),
        ({"type": "response.cancel"}, None),
        ({"type": "input_audio_buffer.append", "audio": "no!"}, "audio"),
        ({"type": "input_audio_buffer.commit"}, None),
        (
            {"type": "conversation.item.truncate", "item_id": "no", "content_index": 0},
            "item_id",
        ),
        (
            {
                "type": "conversation.item.create",
                "item": {"type": "function_call_output", "call_id": "no", "output": ""},
            },
            "item",
        ),
        (
            {
                "type": "conversation.item.create",
                "item": {"type": "message", "role": "user", "content": [{"type": "text"}]},
            },
            "item.content[0].type",
        ),
    ],
)
async def test_what_openai_refuses_is_refused_and_the_session_goes_on(
    client: Client, event: dict[str, Any], param: str | None
) -> None:
    await client.socket.send_str(json.dumps({**event, "event_id": "mine"}))
    refused = (await client.until("error"))["error"]
    assert (refused["type"], refused["param"]) == ("invalid_request_error", param)
    assert refused["event_id"] == "mine"
    await set_up(client)


async def test_a_wrong_key_opens_no_session(openai: OpenAIDouble) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{openai.url}/realtime", params={"model": "any"})
    assert refused.value.status == 401
