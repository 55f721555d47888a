"""The databases of a run: an SQLite file, or one of PostgreSQL with a proxy for each process."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from sqlalchemy import URL, Connection, NullPool, create_engine, make_url, text
from tests.fakes.postgres import Postgres, postgres
from tests.fakes.replicas import Replicas, replicas
from tests.fakes.tcp_proxy import TcpProxy
from tests.prove.recorder import install, name_process

from storage.engine.database import open_engine
from storage.engine.migrate import upgrade

#: Parameters of a URL that say which servers there are.
OF_SERVERS = ("host", "port", "target_session_attrs")


class Database(Protocol):
    """What a run needs of its database."""

    url: str

    def url_for(self, process: str, start: int) -> str:
        """Return the URL for a process that starts, with the number of its start."""
        ...


class SqliteFile:
    """A file that only one process uses at a time."""

    def __init__(self, file: Path) -> None:
        self.url = f"sqlite:///{file}"
        with connected(self.url, migrate=True) as connection:
            install(connection)

    def url_for(self, process: str, start: int) -> str:
        """Note the process that starts, and return the URL of the file."""
        with connected(self.url) as connection:
            name_process(connection, f"{process}.{start}")
        return self.url


class PostgresDatabase:
    """A database that each process reaches by a line of its own, which can be cut."""

    def __init__(
        self, url: str, server: Postgres | None = None, servers: Replicas | None = None
    ) -> None:
        self.url = url
        #: The server, if it is ours to crash, or a primary and its standby.
        self.server = server
        self.servers = servers
        self.lines: dict[str, TcpProxy] = {}

    async def open(self, processes: Sequence[str]) -> None:
        """Lay the line of each process."""
        for name in processes:
            self.lines[name] = TcpProxy(self.address)
            await self.lines[name].up()

    @property
    def address(self) -> str | tuple[str, int]:
        """Path of the socket, or host and port, of the server that takes writes."""
        return self.servers.primary_socket if self.servers else _address(make_url(self.url))

    def url_for(self, process: str, start: int) -> str:
        """Return the URL through the line of a process; the server sees the process's name."""
        url = make_url(self.url)
        query = {name: value for name, value in url.query.items() if name not in OF_SERVERS}
        through = url.set(host="127.0.0.1", port=self.lines[process].port, query=query)
        named = through.update_query_dict({"application_name": f"{process}.{start}"})
        return named.render_as_string(hide_password=False)


@asynccontextmanager
async def postgres_database(
    url: str | None, processes: Sequence[str]
) -> AsyncIterator[PostgresDatabase]:
    """Create a database on a server of our own, or on the one of `url`, and drop it at the end.

    The role of `url` must be allowed to create databases; nothing else on that server is touched.
    """
    if url is None:
        with postgres() as server:
            async with _created(make_url(server.url), processes, server) as database:
                yield database
    else:
        async with _created(make_url(url), processes) as database:
            yield database


@asynccontextmanager
async def replicated_database(processes: Sequence[str]) -> AsyncIterator[PostgresDatabase]:
    """Create a database on a primary of our own with a synchronous standby."""
    with replicas() as servers:
        servers.make_synchronous()
        async with _created(make_url(servers.url), processes, servers=servers) as database:
            yield database


@asynccontextmanager
async def _created(
    server_url: URL,
    processes: Sequence[str],
    server: Postgres | None = None,
    servers: Replicas | None = None,
) -> AsyncIterator[PostgresDatabase]:
    name = f"proof_{uuid4().hex}"
    _administer(server_url, f"CREATE DATABASE {name}")
    url = server_url.set(database=name).render_as_string(hide_password=False)
    with connected(url, migrate=True) as connection:
        install(connection)
    database = PostgresDatabase(url, server, servers)
    await database.open(processes)
    try:
        yield database
    finally:
        for line in database.lines.values():
            await line.down()
        await asyncio.to_thread(_administer, server_url, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server_url: URL, statement: str) -> None:
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text(statement))


@contextmanager
def connected(url: str, *, migrate: bool = False) -> Iterator[Connection]:
    """Connect to a database that no bot uses at the moment."""
    engine = open_engine(url)
    try:
        if migrate:
            upgrade(engine)
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _address(url: URL) -> str | tuple[str, int]:
    """Return the path of the server's socket, or its host and port."""
    host = url.host or url.query.get("host") or "127.0.0.1"
    port = url.port or 5432
    assert isinstance(host, str), "one host"
    return f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)
