"""What strangers may do to the port, and that Meta is served meanwhile."""

import asyncio
import contextlib
import json
import logging
import resource
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from tests.fakes.bot import make_settings
from tests.fakes.dev_server import free_port
from tests.fakes.web import sign, text_message, webhook

from app.runtime import hardened_http_protocol
from app.web import allow_many_files, make_server

UVICORN = ("uvicorn.error", "uvicorn.access", "uvicorn.asgi")
CONNECTIONS = 10_000
#: A program that opens so many connections, and holds them until its input ends.
HOLD = """
import resource, socket, sys
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
port, count = map(int, sys.argv[1:])
held = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
print("held", flush=True)
sys.stdin.read()
"""


class Running:
    """The whole web process, inside the test."""

    def __init__(self, server: uvicorn.Server, port: int) -> None:
        self.server = server
        self.port = port

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def answers_meta(self, number: int = 1) -> bool:
        raw = json.dumps(webhook(text_message(f"wamid.{number}"))).encode()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}") as client:
            headers = {"X-Hub-Signature-256": sign(raw)}
            return (await client.post("/webhook", content=raw, headers=headers)).is_success


async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request of a connection, which stays open."""
    writer.write(b"GET /health/live HTTP/1.1\r\nHost: bot\r\n\r\n")
    assert (await reader.readuntil(b'"ok"}')).startswith(b"HTTP/1.1 200")


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Running]:
    port = free_port()
    settings = make_settings(
        database_url=f"sqlite:///{tmp_path}/bot.db",
        graph_api_url="http://127.0.0.1:1",
        host="127.0.0.1",
        port=port,
    )
    levels = {name: logging.getLogger(name).level for name in UVICORN}
    server = make_server(settings)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0)
    yield Running(server, port)
    server.should_exit = True
    await serving
    for name, level in levels.items():  # which uvicorn sets for the whole process
        logging.getLogger(name).setLevel(level)


@pytest.mark.parametrize(
    "dribbled", [b"X-Slow: ", b"Content-Length: 100\r\n\r\n{"], ids=["head", "body"]
)
async def test_a_request_that_dribbles_is_cut_off(
    web: Running, monkeypatch: pytest.MonkeyPatch, dribbled: bytes
) -> None:
    monkeypatch.setattr(hardened_http_protocol, "MAX_REQUEST_SECONDS", 0.05)
    reader, writer = await web.connect()
    writer.write(b"POST /webhook HTTP/1.1\r\nHost: bot\r\n" + dribbled)
    assert await reader.read() == b""
    writer.close()
    assert await web.answers_meta()


async def test_a_second_head_on_the_same_connection_may_not_dribble_either(
    web: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = await web.connect()
    await answered(reader, writer)
    monkeypatch.setattr(hardened_http_protocol, "MAX_REQUEST_SECONDS", 0.05)
    writer.write(b"GET /health/live HTTP/1.1\r\nX-Slow: ")
    assert await reader.read() == b""
    writer.close()


async def test_who_connects_and_says_nothing_is_cut_off(
    web: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardened_http_protocol, "MAX_REQUEST_SECONDS", 0.05)
    reader, writer = await web.connect()
    assert await reader.read() == b""
    writer.close()


async def test_a_flood_of_headers_is_cut_off(web: Running) -> None:
    reader, writer = await web.connect()
    writer.write(b"POST /webhook HTTP/1.1\r\nHost: bot\r\n")
    with contextlib.suppress(ConnectionError):
        for number in range(100_000):
            writer.write(b"X-%d: %s\r\n" % (number, b"a" * 500))
            await writer.drain()
            if writer.is_closing() or reader.at_eof():
                break
        assert (await reader.read()).startswith(b"HTTP/1.1 431")
    assert number < 10_000
    writer.close()
    assert await web.answers_meta()


async def test_blank_lines_do_not_hold_a_connection(
    web: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = await web.connect()
    await answered(reader, writer)
    monkeypatch.setattr(hardened_http_protocol, "MAX_REQUEST_SECONDS", 0.05)
    writer.write(b"\r\n")
    assert await reader.read() == b""
    writer.close()


async def test_a_request_after_a_blank_line_is_answered(web: Running) -> None:
    reader, writer = await web.connect()
    for _ in range(2):
        await answered(reader, writer)
        writer.write(b"\r\n")
    writer.close()


async def test_requests_sent_ahead_by_the_hundred_are_refused(web: Running) -> None:
    reader, writer = await web.connect()
    writer.write(b"GET /health/live HTTP/1.1\r\nHost: bot\r\n\r\n" * 100)
    answers = await reader.read()
    assert answers.count(b"HTTP/1.1 200") <= hardened_http_protocol.MAX_PIPELINED_REQUESTS + 1
    assert b"HTTP/1.1 400" in answers
    writer.close()
    assert await web.answers_meta()


async def test_the_body_of_one_request_is_no_head_of_the_next(web: Running) -> None:
    reader, writer = await web.connect()
    raw = json.dumps(webhook(text_message("wamid.1", body="x" * 40_000))).encode()
    head = f"POST /webhook HTTP/1.1\r\nHost: bot\r\nContent-Length: {len(raw)}\r\n"
    signed = f"{head}X-Hub-Signature-256: {sign(raw)}\r\n\r\n".encode()
    writer.write(signed + raw + b"GET /health/live HTTP/1.1\r\n")
    assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200")
    writer.write(b"Host: bot\r\n\r\n")
    assert b"HTTP/1.1 200" in await reader.readuntil(b'"ok"}')
    writer.close()


@pytest.mark.skipif(sys.platform == "win32", reason="counts open files")
async def test_ten_thousand_idle_connections_do_not_keep_meta_out(
    web: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        hardened_http_protocol, "MAX_REQUEST_SECONDS", 60.0
    )  # so that all are held at once
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    allow_many_files()
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < CONNECTIONS + 500:
        pytest.skip("this system does not let a process open 10,500 files")
    command = (sys.executable, "-c", HOLD, str(web.port), str(CONNECTIONS))
    holder = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"held\n"
    assert len(web.server.server_state.connections) >= CONNECTIONS
    assert await web.answers_meta()
    await holder.communicate(b"")
    resource.setrlimit(resource.RLIMIT_NOFILE, before)
