"""A TCP proxy before a PostgreSQL server, whose connections can be cut at any moment."""

import asyncio
from contextlib import closing, suppress


class TcpProxy:
    """Passes on what is sent from a port of this machine to the server, and back."""

    def __init__(self, server: str | tuple[str, int]) -> None:
        #: Path of a socket, or host and port; another one holds for connections to come.
        self.server_address = server
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._silent: set[asyncio.StreamWriter] = set()
        self.port = 0
        #: Bytes after which the connections are cut, so that their answer is lost; None otherwise.
        self.lost_answer_to: bytes | None = None

    async def up(self) -> None:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Whoever connects is refused; who is connected is cut off."""
        self.refuse()
        for writer in list(self._open):
            writer.transport.abort()

    def refuse(self) -> None:
        """Whoever connects is refused."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def hush(self) -> None:
        """Whoever is connected stays so, and hears nothing any more."""
        self._silent |= self._open

    async def _connect(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        try:
            server, to_server = await self._reach()
        except OSError:  # the server is away
            to_client.transport.abort()
            return
        ends = {to_client, to_server}
        self._open |= ends
        back = asyncio.create_task(self._pass_on(server, to_client))
        try:
            while piece := await client.read(2**16):
                if self.lost_answer_to is not None and self.lost_answer_to in piece:
                    self.lost_answer_to = None
                    back.cancel()
                    to_server.write(piece)
                    await server.read(2**16)  # the server has done it
                    break
                to_server.write(piece)
        except OSError:  # cut
            pass
        finally:
            back.cancel()
            self._open -= ends
            self._silent -= ends
            for end in ends:
                end.transport.abort()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.server_address, str):
            return await asyncio.open_unix_connection(self.server_address)
        return await asyncio.open_connection(*self.server_address)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(OSError):
            while piece := await reader.read(2**16):
                if writer not in self._silent:
                    writer.write(piece)
