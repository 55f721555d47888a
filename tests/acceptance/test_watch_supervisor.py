"""What watch.py starts runs while it is wanted, and never longer."""

import asyncio
import json
import os
import signal
import sys
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.bot import make_settings

from app.development.plan import SOURCE, Plan
from app.development.ports import is_free
from app.development.programs import Program, answers
from app.development.supervisor import AlreadyRunning, run_until_told, source_changes, supervise

LIMIT_SECONDS = 20
SERVER = """
    import http.server, json, os, signal, sys

    posted = []

    class Health(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            told = json.dumps(posted) if self.path == "/posted" else str(os.getpid())
            self.wfile.write(told.encode())

        def do_POST(self):
            length = int(self.headers["Content-Length"])
            posted.append([self.path, json.loads(self.rfile.read(length))])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    if "stubborn" in sys.argv:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Health).serve_forever()
"""
#: Put before the server: without options, as the bot is started, it fails.
STUB_THAT_FAILS = """
import sys
if len(sys.argv) == 2:
    raise RuntimeError("no seats")
"""
SUPERVISOR = """
    import asyncio, sys
    from pathlib import Path
    from app.development.supervisor import run_until_told
    from tests.acceptance.test_watch_supervisor import Stage

    stage = Stage(Path(sys.argv[1]), int(sys.argv[2]))
    sys.exit(asyncio.run(run_until_told(stage.plan(*sys.argv[3:]))))
"""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


class Stage:
    """A stub for the bot and one for the emulator, and what the supervisor says of them."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.module = folder / "stub_server.py"
        self.changes: asyncio.Queue[str] = asyncio.Queue()
        self.stopped = asyncio.Event()
        self._said: asyncio.Queue[str] = asyncio.Queue()

    def program(self, port: int, *options: str, keeps_stderr: bool = False) -> Program:
        path = os.pathsep.join([str(SOURCE), str(self.module.parent)])
        return Program(
            [self.module.stem, str(port), *options],
            {**os.environ, "PYTHONPATH": path},
            url=f"http://127.0.0.1:{port}",
            health="/",
            keeps_stderr=keeps_stderr,
        )

    def plan(self, *options: str) -> Plan:
        settings = make_settings()
        bot = self.program(self.port, keeps_stderr=True)
        emulator = self.program(self.port + 1, *options)
        return Plan(settings, bot, emulator)

    def supervise(self, *options: str) -> asyncio.Task[int]:
        return asyncio.create_task(
            supervise(self.plan(*options), self._changes(), self.stopped, say=self._said.put_nowait)
        )

    async def hear(self) -> str:
        """The next thing that the supervisor says."""
        async with asyncio.timeout(LIMIT_SECONDS):
            return await self._said.get()

    async def pids(self) -> tuple[int, int]:
        return await pid_at(self.port), await pid_at(self.port + 1)

    async def told(self) -> list[dict[str, Any]]:
        """What the emulator was told of the bot."""
        told = json.loads(await body_of(self.port + 1, "/posted"))
        assert all(path == "/emulator/bot" for path, _ in told)
        return [body for _, body in told]

    async def _changes(self) -> AsyncIterator[str]:
        while True:
            yield await self.changes.get()


@pytest.fixture
async def stage(tmp_path: Path) -> Stage:
    # below the ports that Linux gives to whoever connects somewhere
    first = range(20_000 + os.getpid() % 12_000, 32_700)
    port = next(one for one in first if all(is_free("127.0.0.1", one + n) for n in (0, 1)))
    stage = Stage(tmp_path, port)
    stage.module.write_text(textwrap.dedent(SERVER))
    return stage


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """For what happens in another process, and cannot be awaited."""
    async with asyncio.timeout(LIMIT_SECONDS):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def pid_at(port: int) -> int:
    return int(await body_of(port, "/"))


async def body_of(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer.partition(b"\r\n\r\n")[2]


async def has_told(stage: Stage, count: int) -> bool:
    return len(await stage.told()) >= count


async def has_ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return is_zombie(pid)


def is_zombie(pid: int) -> bool:
    """It ended too, only nobody has asked for its exit code."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"


async def start_supervisor(stage: Stage, *options: str) -> asyncio.subprocess.Process:
    """In a process of its own, as a person runs it; returns once both stubs answer."""
    root = SOURCE.parent
    supervisor = await asyncio.create_subprocess_exec(
        *[sys.executable, "-c", textwrap.dedent(SUPERVISOR)],
        *[str(stage.module.parent), str(stage.port), *options],
        cwd=stage.module.parent,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(SOURCE), str(root)])},
        stdout=asyncio.subprocess.DEVNULL,
    )
    for port in (stage.port, stage.port + 1):
        await until(lambda port=port: answers(f"http://127.0.0.1:{port}/"))  # type: ignore[misc]
    return supervisor


async def test_the_welcome_is_said_once_both_answer(stage: Stage) -> None:
    task = stage.supervise()
    assert "python3 watch.py chat" in await stage.hear()
    assert all(await stage.pids())
    stage.stopped.set()
    await task


async def test_everything_that_was_started_stops_when_told(stage: Stage) -> None:
    task = stage.supervise()
    await stage.hear()
    bot, emulator = await stage.pids()
    stage.stopped.set()
    assert await task == 0
    assert await has_ended(bot)
    assert await has_ended(emulator)


async def test_a_program_that_ignores_the_request_to_stop_is_killed(stage: Stage) -> None:
    running = await stage.program(stage.port, "stubborn").start()
    assert await running.ready()
    await running.stop(patience=timedelta(milliseconds=100))
    assert await running.ended() == -signal.SIGKILL


async def test_a_program_that_ended_need_not_be_stopped(stage: Stage) -> None:
    stage.module.write_text("raise SystemExit(3)")
    running = await stage.program(stage.port).start()
    assert await running.ready() is False
    assert await running.ended() == 3
    await running.stop(patience=timedelta(0))


async def test_a_change_restarts_the_bot_and_not_the_emulator(stage: Stage) -> None:
    task = stage.supervise()
    await stage.hear()
    bot, emulator = await stage.pids()
    stage.changes.put_nowait("flows/menu.py")
    assert await stage.hear() == "flows/menu.py changed: the bot starts again."
    assert await stage.hear() == "Ready."
    assert await pid_at(stage.port) != bot
    assert await pid_at(stage.port + 1) == emulator
    stage.stopped.set()
    await task


async def test_a_bot_that_was_killed_starts_again(stage: Stage) -> None:
    task = stage.supervise()
    await stage.hear()
    bot, _ = await stage.pids()
    os.kill(bot, signal.SIGKILL)
    assert await stage.hear() == "It was killed: the bot starts again."
    assert await stage.hear() == "Ready."
    assert await pid_at(stage.port) != bot
    stage.stopped.set()
    assert await task == 0


async def test_a_bot_that_cannot_start_waits_for_the_next_change(stage: Stage) -> None:
    task = stage.supervise()
    await stage.hear()
    stage.module.write_text("this is no Python")
    stage.changes.put_nowait("flows/menu.py")
    await stage.hear()
    assert "stopped by itself (exit code 1)" in await stage.hear()
    stage.module.write_text(textwrap.dedent(SERVER))
    stage.changes.put_nowait("flows/menu.py")
    await stage.hear()
    assert await stage.hear() == "Ready."
    stage.stopped.set()
    assert await task == 0


async def test_the_emulator_is_told_why_the_bot_cannot_start_until_it_runs_again(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.module.write_text(STUB_THAT_FAILS + textwrap.dedent(SERVER))
    task = stage.supervise("calm")
    assert "stopped by itself (exit code 1)" in await stage.hear()
    await until(lambda: has_told(stage, 2))
    starting, stopped = await stage.told()
    assert starting == {"state": "starting"}
    assert (stopped["state"], stopped["error"]["text"]) == ("stopped", "RuntimeError: no seats")
    assert "starts again by itself" in stopped["error"]["hint"]
    assert capsys.readouterr().err.count("RuntimeError: no seats") == 1
    stage.module.write_text(textwrap.dedent(SERVER))
    stage.changes.put_nowait("flows/menu.py")
    await stage.hear()
    await stage.hear()
    await until(lambda: has_told(stage, 4))
    assert (await stage.told())[2:] == [{"state": "starting"}, {"state": "running", "error": None}]
    stage.stopped.set()
    assert await task == 0


async def test_everything_stops_when_the_emulator_ends_by_itself(stage: Stage) -> None:
    task = stage.supervise()
    await stage.hear()
    bot, emulator = await stage.pids()
    os.kill(emulator, signal.SIGKILL)
    assert await task == 1
    assert "emulator stopped by itself" in await stage.hear()
    assert await has_ended(bot)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_everything(stage: Stage, number: signal.Signals) -> None:
    supervisor = await start_supervisor(stage)
    bot, emulator = await stage.pids()
    supervisor.send_signal(number)
    assert await supervisor.wait() == 0
    assert await has_ended(bot)
    assert await has_ended(emulator)


async def test_nothing_is_left_when_the_supervisor_is_killed(stage: Stage) -> None:
    supervisor = await start_supervisor(stage, "stubborn")
    pids = await stage.pids()
    supervisor.kill()
    await supervisor.wait()
    for pid in pids:
        await until(lambda pid=pid: has_ended(pid))  # type: ignore[misc]


async def test_other_terminals_are_told_where_the_emulator_is(stage: Stage) -> None:
    supervisor = await start_supervisor(stage)
    told = stage.module.parent / ".local/emulator.json"
    assert json.loads(told.read_text()) == {"url": f"http://127.0.0.1:{stage.port + 1}"}
    supervisor.terminate()
    await supervisor.wait()
    assert not told.exists()


async def test_a_second_one_in_the_same_folder_is_refused_and_leaves_the_first_alone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = await start_supervisor(stage)
    folder = stage.module.parent
    monkeypatch.chdir(folder)
    with pytest.raises(AlreadyRunning, match=f"running.* at http://127.0.0.1:{stage.port + 1}"):
        await run_until_told(stage.plan())
    told = json.loads((folder / ".local/emulator.json").read_text())
    assert told == {"url": f"http://127.0.0.1:{stage.port + 1}"}
    supervisor.terminate()
    await supervisor.wait()


async def test_a_file_that_outlived_a_killed_one_is_no_hindrance(stage: Stage) -> None:
    supervisor = await start_supervisor(stage)
    pids = await stage.pids()
    supervisor.kill()
    await supervisor.wait()
    for pid in pids:
        await until(lambda pid=pid: has_ended(pid))  # type: ignore[misc]
    assert (stage.module.parent / ".local/emulator.json").exists()
    again = await start_supervisor(stage)
    again.terminate()
    assert await again.wait() == 0


async def test_only_code_and_texts_count_as_changes(tmp_path: Path) -> None:
    folder = tmp_path / "src"
    folder.mkdir()

    async def save_files() -> bool:
        for name in ("notes.txt", "bot.db", "en.toml"):
            (folder / name).write_text("saved")
        return change.done()

    async with aclosing(source_changes(folder)) as changes:
        change = asyncio.ensure_future(anext(changes))
        await until(save_files)  # again and again: nobody tells when watching has begun
        assert await change == "en.toml"
