"""uvicorn's HTTP, for a port that anybody can reach."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: For the head of a request to arrive, and for the first one of a connection to begin.
HEAD_SECONDS = 10.0
#: Of a head: Meta's have less than one kilobyte.
LARGEST_HEAD = 32 * 1024

_TOO_LARGE = b"HTTP/1.1 431 Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class GuardedHttp(HttpToolsProtocol):
    """Ends connections whose heads arrive too slowly, or never end.

    uvicorn by itself waits for ever, and keeps all that comes. Bodies are the application's to
    guard: see `routes.webhook_routes`.
    """

    _head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None
    #: between the first byte of a request and the end of its head
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._in_head:
            return
        self._head_bytes += len(data)
        if self._head_bytes > LARGEST_HEAD:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        elif self._head_timer is None:
            self._start_timer()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        self._in_head, self._head_bytes = False, 0
        self._stop_timer()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def _start_timer(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
