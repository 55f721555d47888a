"""uvicorn's HTTP protocol, hardened for a public port."""

import asyncio
import time

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from routes.endless import is_endless
from routes.webhook_middleware import READ_AT

#: Longest time for a whole request to arrive, and for the first one to begin, in seconds.
MAX_REQUEST_SECONDS = 10.0
#: Largest head of a request, in bytes: Meta's have less than one kilobyte.
MAX_HEAD_BYTES = 32 * 1024

#: Most requests of one connection that wait for the answer to an earlier one. Senders of webhooks
#: do not pipeline, and uvicorn sets no limit.
MAX_PIPELINED_REQUESTS = 4

_TOO_LARGE = b"HTTP/1.1 431 Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class TooManyAtOnce(Exception):
    """Too many pipelined requests: stops the parser, and uvicorn answers 400 and closes."""


class HardenedHttpProtocol(HttpToolsProtocol):
    """Closes connections with slow requests, large heads or too many pipelined requests.

    uvicorn itself has no such limits. The application limits bodies: see `routes.bodies`.
    """

    _head_bytes = 0
    #: Timer that runs while a part of a request is missing.
    _timer: asyncio.TimerHandle | None = None
    _in_head = _is_missing = True
    #: True if the head began in the data received last: its share of that data is not known.
    _head_began = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._is_missing:
            if not self.cycle.response_complete:
                return
            self._in_head = self._is_missing = True  # a blank line: a request may follow, in time
        if self._in_head and not self._head_began:
            self._head_bytes += len(data)
        self._head_began = False
        if self._head_bytes > MAX_HEAD_BYTES:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        elif self._timer is None:
            self._start_timer()

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= MAX_PIPELINED_REQUESTS:
            raise TooManyAtOnce
        super().on_message_begin()
        self._in_head = self._is_missing = self._head_began = True

    def on_headers_complete(self) -> None:
        self._in_head, self._head_bytes = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_missing = False
        self._stop_timer()
        self.scope["state"][READ_AT] = time.monotonic()
        super().on_message_complete()

    def shutdown(self) -> None:
        """End the connection; uvicorn itself would wait for an answer that never ends."""
        if self.cycle is not None and is_endless(self.cycle.scope):
            self.transport.close()
        else:
            super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(MAX_REQUEST_SECONDS, self.transport.close)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
