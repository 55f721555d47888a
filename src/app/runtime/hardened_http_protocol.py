"""uvicorn's HTTP, for a port that anybody can reach."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: For a request to arrive as a whole, and for the first one of a connection to begin.
MAX_REQUEST_SECONDS = 10.0
#: Of a head: Meta's have less than one kilobyte.
MAX_HEAD_BYTES = 32 * 1024

#: Requests of one connection that wait for the answer to the one before. No webhook's sender
#: writes ahead, and uvicorn keeps whatever comes.
MAX_PIPELINED_REQUESTS = 4

_TOO_LARGE = b"HTTP/1.1 431 Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class TooManyAtOnce(Exception):
    """Stops the parser: uvicorn answers 400 and hangs up."""


class HardenedHttpProtocol(HttpToolsProtocol):
    """Ends connections whose requests arrive too slowly or too fast, or whose heads never end.

    uvicorn by itself waits for ever, and keeps all headers and requests that come. How large a
    body may be is the application's to say: see `routes.bodies`.
    """

    _head_bytes = 0
    #: runs only while part of a request is missing: most come in one piece
    _timer: asyncio.TimerHandle | None = None
    _in_head = _is_missing = True
    #: in what was received last: how much of that is the head is not known
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
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(MAX_REQUEST_SECONDS, self.transport.close)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
