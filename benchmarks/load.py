"""A load of requests over loopback: so many connections, each waiting for its answers."""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.bodies import request, text_body

CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Result:
    """What a load saw."""

    answered: int
    seconds: float
    latencies: list[float]

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        return sorted(self.latencies)[int(len(self.latencies) * share)] * 1000


#: (user, serial number) -> a whole HTTP request
Make = Callable[[int, int], bytes]


def webhook(user: int, serial: int) -> bytes:
    return request(text_body(user, serial))


async def send_all(port: int, users: range, *, each: int = 1, make: Make = webhook) -> Result:
    """`each` requests per user, in order; returns once all were answered."""
    latencies: list[float] = []
    shares = [users[start::CONNECTIONS] for start in range(CONNECTIONS)]
    began = time.perf_counter()
    await asyncio.gather(
        *(_send_share(port, _requests(share, each, make), latencies) for share in shares if share)
    )
    return Result(len(latencies), time.perf_counter() - began, latencies)


def _requests(users: range, each: int, make: Make) -> Iterator[bytes]:
    for serial, user in itertools.product(range(each), users):
        yield make(user, serial)


async def _send_share(port: int, requests: Iterator[bytes], latencies: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for one in requests:
        began = time.perf_counter()
        writer.write(one)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"refused: {head.splitlines()[0].decode()}")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        latencies.append(time.perf_counter() - began)
    writer.close()
