"""A load of requests over loopback: so many connections, each waiting for its answers.

The requests are written beforehand and the answers are hardly looked at, so that this side of the
line costs little of what is measured.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from tests.benchmarks.bodies import signature

CONNECTIONS = 64
#: Between two attempts to have a body taken.
RETRY_SECONDS = 0.2

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(slots=True)
class Result:
    """What a load saw."""

    seconds: float = 0.0
    #: answers by status
    statuses: Counter[int] = field(default_factory=Counter)
    #: seconds from a request to its answer
    latencies: list[float] = field(default_factory=list)
    #: when each request was sent, by its place; of the clock `time.monotonic`
    began: list[float] = field(default_factory=list)

    @property
    def answered(self) -> int:
        return self.statuses[200]

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


async def send_all(
    port: int, requests: Sequence[bytes], *, connections: int = CONNECTIONS
) -> Result:
    """Send every request, each connection the next one as soon as it is free."""
    loop = asyncio.get_running_loop()
    result = Result()
    result.began = [0.0] * len(requests)
    left = iter(enumerate(requests))
    clients = [
        (await loop.create_connection(lambda: _Client(left, result), "127.0.0.1", port))[1]
        for _ in range(min(connections, len(requests)))
    ]
    began = time.monotonic()
    for client in clients:
        client.send_next()
    await asyncio.gather(*(client.done for client in clients))
    result.seconds = time.monotonic() - began
    return result


async def send_steadily(url: str, bodies: Sequence[bytes], per_second: float) -> Result:
    """Post so many each second, whatever becomes of those before; each again until it is taken."""
    result = Result(began=[0.0] * len(bodies))
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:
        began = time.monotonic()
        for place, body in enumerate(bodies):
            await asyncio.sleep(began + place / per_second - time.monotonic())
            result.began[place] = time.monotonic()
            tasks.create_task(_post(session, f"{url}/webhook", body, result))
    result.seconds = time.monotonic() - began
    return result


async def _post(session: aiohttp.ClientSession, url: str, body: bytes, result: Result) -> None:
    headers = {"X-Hub-Signature-256": signature(body)}
    began, status = time.monotonic(), 0
    while status != 200:
        async with session.post(url, data=body, headers=headers) as answer:
            status = answer.status
        result.statuses[status] += 1
        if status != 200:
            await asyncio.sleep(RETRY_SECONDS)
    result.latencies.append(time.monotonic() - began)


class _Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, requests: Iterator[tuple[int, bytes]], result: Result) -> None:
        self._requests = requests
        self._result = result
        self._received = b""
        self._began = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def send_next(self) -> None:
        place, request = next(self._requests, (-1, b""))
        if not request:
            self.done.set_result(None)
            self._transport.close()
            return
        self._began = self._result.began[place] = time.monotonic()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not separator or (length and len(body) < int(length[1])):
            return
        self._result.latencies.append(time.monotonic() - self._began)
        self._result.statuses[int(head[9:12])] += 1
        self._received = b""
        self.send_next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionResetError("the server hung up"))
