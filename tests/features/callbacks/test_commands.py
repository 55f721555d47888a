"""`watch.py callbacks`: registers, lists, tests, rotates, resumes and removes addresses."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, cast

import pytest
from tests.fakes.database_templates import make_file

from features.callbacks import endpoints
from features.callbacks.commands import commands
from features.callbacks.endpoints import MAX_FAILURES
from services.setup import CommandSetup
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit, Transaction
from utils.commands import CommandError

Run = Callable[..., int]


class Setup:
    """A database of its own."""

    def __init__(self, file: Path) -> None:
        make_file(file)
        self._file = file
        self.allows_private = True

    def settings_of(self, model: type[Any]) -> Any:
        return model(callbacks_to_private_addresses=self.allows_private)

    @asynccontextmanager
    async def open_database(self) -> AsyncIterator[GroupCommit]:
        database = GroupCommit(open_engine(f"sqlite:///{self._file}"))
        yield database
        await database.close()

    def fail(self, endpoint_id: str, times: int) -> None:
        """Let an endpoint fail."""

        async def note() -> None:
            async with self.open_database() as database:
                for _ in range(times):
                    await database.submit(
                        Transaction(lambda c, _: endpoints.note_failure(c, endpoint_id, "away"))
                    )

        asyncio.run(note())


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(tmp_path / "bot.db")


@pytest.fixture
def run(setup: Setup) -> Run:
    [command] = commands(cast(CommandSetup, setup))
    return lambda *arguments: command.run(arguments)


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of a server, and what it got."""
    got: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(500 if len(got) > 1 else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook", got
        server.shutdown()
        thread.join()


def test_an_address_from_its_registration_to_its_end(
    setup: Setup,
    run: Run,
    receiver: tuple[str, list[dict[str, Any]]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    url, got = receiver
    assert run("list") == 0
    assert capsys.readouterr().out == "No endpoints.\n"
    assert run("add", url, "--type", "message.received", "--private") == 0
    endpoint_id, secret = capsys.readouterr().out.split()
    assert secret.startswith("whsec_")
    assert run("test", endpoint_id) == 0
    assert capsys.readouterr().out == "The endpoint answered 204.\n"
    assert (got[0]["type"], got[0]["data"]) == ("callback.test", {"endpoint": endpoint_id})
    assert run("test", endpoint_id) == 1
    assert "The endpoint failed: answered 500." in capsys.readouterr().err
    setup.fail(endpoint_id, MAX_FAILURES + 1)
    run("list")
    listed = capsys.readouterr().out
    assert secret not in listed
    assert f"{endpoint_id}  {url}  message.received  with private data  paused (away)" in listed
    assert run("resume", endpoint_id) == 0
    assert run("rotate", endpoint_id) == 0
    assert capsys.readouterr().out.split()[-1] != secret
    assert run("remove", endpoint_id) == 0
    run("list")
    assert capsys.readouterr().out.endswith("No endpoints.\n")


def test_wrong_commands_say_what_to_do(setup: Setup, run: Run) -> None:
    with pytest.raises(
        CommandError, match=r"no event message\.recieved; did you mean \"message\.received\""
    ):
        run("add", "http://127.0.0.1/", "--type", "message.recieved")
    setup.allows_private = False
    with pytest.raises(CommandError, match=r"begins with https.*CALLBACKS_TO_PRIVATE_ADDRESSES"):
        run("add", "http://127.0.0.1/")
    with pytest.raises(CommandError, match=r"not public.*CALLBACKS_TO_PRIVATE_ADDRESSES"):
        run("add", "https://127.0.0.1/")
    for action in ("test", "rotate", "resume", "remove"):
        with pytest.raises(CommandError, match="no endpoint of this id"):
            run(action, "cb_00000000")
