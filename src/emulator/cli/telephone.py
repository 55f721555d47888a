"""A telephone without a person: it calls, presses keys, and hangs up. It sends silence.

Source of the keys: RFC 4733, telephone events of RTP.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

import aiohttp

from emulator.cloud_api.state.story_acts import StoryError

#: Whether the packages of calls are there: without them a phone has no audio, and no keys.
HAS_AUDIO = find_spec("aiortc") is not None
OPUS, EVENTS = 96, 126
DIGITS = "0123456789*#"
#: A frame of Opus without sound, its length in seconds, and in samples of 48 kHz.
SILENCE, FRAME_SECONDS, FRAME_SAMPLES = b"\xf8\xff\xfe", 0.02, 960
#: Frames of a key: the tone, and its end, which is sent three times.
TONE_FRAMES, KEY_FRAMES = 5, 8
#: Seconds between keys, between two looks at a call, and until a call is answered.
KEY_PAUSE_SECONDS, LOOK_SECONDS, ANSWER_SECONDS = 1.0, 0.1, 20.0
ENDED, TALKING = "ended", "talking"


async def telephone(session: aiohttp.ClientSession, emulator: str, wa_id: str, keys: str) -> None:
    """Call as a person, press keys, and hang up; StoryError if a key cannot be pressed.

    Args:
        session: with which the emulator is asked.
        emulator: address of the emulator's own API.
        wa_id: who calls.
        keys: what is pressed once the bot has answered.
    """
    line = _Line(session, f"{emulator}/phone/calls")
    handset = _Handset() if HAS_AUDIO else None
    try:
        offer = {"sdp": await handset.offer()} if handset else {}
        await line.dial({"from": wa_id, **offer})
        told = await line.until(lambda one: "sdp" in one or one["state"] == ENDED)
        if handset is not None and told["state"] != ENDED:
            await handset.connect(told["sdp"])
            told = await line.until(lambda one: one["state"] in (TALKING, ENDED))
        for key in keys:
            await line.press(key, handset)
        await line.hang_up()
    finally:
        if handset is not None:
            await handset.close()


class _Line:
    """One call, as the emulator has it."""

    def __init__(self, session: aiohttp.ClientSession, calls: str) -> None:
        self._session = session
        self._calls = calls
        self._call = ""

    async def dial(self, offer: dict[str, str]) -> None:
        self._call = f"{self._calls}/{(await self._post(self._calls, offer))['id']}"

    async def until(self, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the call once it is so; as it is then, if nobody answers in time."""
        for _ in range(int(ANSWER_SECONDS / LOOK_SECONDS)):
            if is_so(told := await self._look()):
                break
            await asyncio.sleep(LOOK_SECONDS)
        return told

    async def press(self, key: str, handset: "_Handset | None") -> None:
        if handset is None or (await self._look())["state"] != TALKING:
            raise StoryError(f"nobody hears the key {key}: the call is not answered, or has ended")
        await self._post(f"{self._call}/report", {"keys": key})
        await handset.press(key)

    async def hang_up(self) -> None:
        await self._post(f"{self._call}/hang-up", {})

    async def _look(self) -> dict[str, Any]:
        async with self._session.get(self._call) as answer:
            told: dict[str, Any] = await answer.json()
        return told

    async def _post(self, url: str, body: dict[str, str]) -> dict[str, Any]:
        async with self._session.post(url, json=body) as answer:
            told: dict[str, Any] = await answer.json()
        if answer.status >= 400:
            raise StoryError(told["error"])
        return told


class _Handset:
    """The audio of a call: silence, and keys."""

    def __init__(self) -> None:
        from aiortc import RTCConfiguration, RTCPeerConnection

        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._audio = self._peer.addTransceiver("audio", direction="sendrecv")
        self._source, self._sequence = secrets.randbits(32), secrets.randbits(15)
        self._keys: list[str] = []
        self._sending: asyncio.Task[None] | None = None

    async def offer(self) -> str:
        await self._peer.setLocalDescription()
        events = f"a=rtpmap:{EVENTS} telephone-event/8000\r\na=rtpmap:"
        return str(self._peer.localDescription.sdp).replace("a=rtpmap:", events, 1)

    async def connect(self, answer: str) -> None:
        from aiortc import RTCSessionDescription

        connected = asyncio.Event()
        self._peer.on(
            "connectionstatechange",
            lambda: connected.set() if self._peer.connectionState == "connected" else None,
        )
        await self._peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        self._sending = asyncio.create_task(self._send(connected))

    async def press(self, key: str) -> None:
        self._keys.append(key)
        await asyncio.sleep(KEY_PAUSE_SECONDS)

    async def close(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            with suppress(asyncio.CancelledError):
                await self._sending
        await self._peer.close()

    async def _send(self, connected: asyncio.Event) -> None:
        """Send a frame every 20 ms, once the connection is there."""
        await connected.wait()
        began, number = time.monotonic(), 0
        with suppress(ConnectionError):
            while True:
                frames = KEY_FRAMES if self._keys else 1
                key = self._keys.pop(0) if self._keys else None
                for step in range(frames):
                    await self._send_frame(key, step, number)
                    wait = began + (number + step + 1) * FRAME_SECONDS - time.monotonic()
                    await asyncio.sleep(max(0.0, wait))
                number += frames

    def _send_frame(self, key: str | None, step: int, number: int) -> Awaitable[None]:
        if key is None:
            return self._send_rtp(OPUS, SILENCE, number)
        is_over = step >= TONE_FRAMES
        duration = min(step + 1, TONE_FRAMES) * FRAME_SAMPLES // 6
        volume = 10 | (0x80 if is_over else 0)
        event = bytes([DIGITS.index(key), volume]) + duration.to_bytes(2, "big")
        return self._send_rtp(EVENTS, event, number)

    async def _send_rtp(self, kind: int, payload: bytes, number: int) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        timestamp = (number * FRAME_SAMPLES) & 0xFFFFFFFF
        header = bytes([0x80, kind]) + self._sequence.to_bytes(2, "big")
        header += timestamp.to_bytes(4, "big") + self._source.to_bytes(4, "big")
        await self._audio.receiver.transport._send_rtp(header + payload)
