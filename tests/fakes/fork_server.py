"""Starts programs of the bot as forks of a process that has imported them already.

A bot of its own takes two seconds of work before it can do anything: nearly all of it are imports.
The same file is both sides: `fork_server(source)` in a test, and the process that it talks to.
"""

import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any

PROGRAMS = ("app.web", "app.worker", "emulator.__main__")
#: Seconds between two looks at a program that should end.
POLL_SECONDS = 0.01


class ForkedProgram:
    """What tests use of subprocess.Popen."""

    def __init__(self, server: "ForkServer", pid: int) -> None:
        self.pid = pid
        self._server = server
        self._code: int | None = None

    def poll(self) -> int | None:
        if self._code is None:
            self._code = self._server.ask({"ended": self.pid})
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            time.sleep(POLL_SECONDS)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:  # until then, the process keeps its number
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


Program = subprocess.Popen[bytes] | ForkedProgram


class ForkServer:
    """A process that has imported the programs of one source."""

    def __init__(
        self, *places: Path, programs: Sequence[str] = PROGRAMS, has_read_texts: bool = True
    ) -> None:
        """Start it. `places` are what its PYTHONPATH has; features and texts go together."""
        ours, theirs = socket.socketpair()
        told = (str(theirs.fileno()), str(int(has_read_texts)), *programs)
        self._process = subprocess.Popen(
            [sys.executable, __file__, *told],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))},
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        self._asking = Lock()
        self._lines = ours.makefile("rw", encoding="utf-8")
        ours.close()  # the file keeps it open

    def start(
        self, module: str, *arguments: str, environment: Mapping[str, str], folder: Path, log: Path
    ) -> ForkedProgram:
        """Start a program, as `python -m` does in a folder; what it prints is added to a file."""
        told = {"module": module, "arguments": arguments, "environment": dict(environment)}
        pid = self.ask({**told, "folder": str(folder), "log": str(log)})
        return ForkedProgram(self, pid)

    def ask(self, order: Mapping[str, Any]) -> Any:
        with self._asking:  # tests wait for programs in threads
            print(json.dumps(order), file=self._lines, flush=True)
            return json.loads(self._lines.readline())

    def wait_until_ready(self) -> None:
        """Wait until the programs are imported."""
        self.ask({"ready": True})

    def stop(self) -> None:
        self._lines.close()
        self._process.wait()


@cache
def fork_server(source: Path) -> ForkServer:
    """Return the server of a source; the first call starts it."""
    _servers.append(ForkServer(source))
    return _servers[-1]


def start_program(
    module: str, *arguments: str, environment: Mapping[str, str], folder: Path, log: Path
) -> Program:
    """Start a program of the source that its PYTHONPATH begins with.

    It is a fork, unless something has to be loaded before Python is.
    """
    if "LD_PRELOAD" not in environment:
        server = fork_server(Path(environment["PYTHONPATH"].partition(os.pathsep)[0]))
        return server.start(module, *arguments, environment=environment, folder=folder, log=log)
    with log.open("ab") as printed:
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=environment,
            cwd=folder,
            stdout=printed,
            stderr=printed,
        )


_servers: list[ForkServer] = []


def stop_fork_servers() -> None:
    """Stop all; called at the end of a session. The programs that run go on."""
    while _servers:
        _servers.pop().stop()
    fork_server.cache_clear()


def _serve(descriptor: int) -> dict[str, Any] | None:
    """Take orders. Return one in the process that has to run it, and None at the end."""
    with socket.socket(fileno=descriptor) as ours, ours.makefile("rw", encoding="utf-8") as lines:
        while line := lines.readline():
            order: dict[str, Any] = json.loads(line)
            if "ready" in order:
                answer: int | None = 0
            elif "ended" in order:
                answer = _exit_code(order["ended"])
            elif (answer := os.fork()) == 0:
                return order
            print(json.dumps(answer), file=lines, flush=True)
    return None


def _exit_code(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _prepare(order: Mapping[str, Any]) -> None:
    """Have this process look as if `python -m` had started it."""
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(log, sys.stdout.fileno())
    os.dup2(log, sys.stderr.fileno())
    os.close(log)
    places = order["environment"].get("PYTHONPATH", "").split(os.pathsep)
    sys.path += [place for place in places if place and place not in sys.path]
    sys.argv[1:] = order["arguments"]
    sys.orig_argv[1:] = ["-m", order["module"], *sys.argv[1:]]  # a restart executes it again


def _import_programs(programs: Sequence[str], *, has_read_texts: bool) -> None:
    for name in programs:
        import_module(name)
        del sys.modules[name]  # it runs as __main__
    if has_read_texts:
        features = import_module("app.composition.features")
        features.find_features()
        features.settings_models()
        _read_texts()
    gc.freeze()  # what forks share is not copied by a look at it


def _read_texts() -> None:
    """Have them read, checked, and ready for messages, as after the first ones of a process."""
    language = import_module("config.env").Settings.model_fields["default_language"].default
    _, texts = import_module("app.composition.conversations").load_conversations(language)
    for group in texts.of(language)["words"]:
        texts.is_word(group, "zyxwv")


if __name__ == "__main__":
    sys.path[0] = ""  # not this folder, but where the program runs
    _import_programs(sys.argv[3:], has_read_texts=sys.argv[2] == "1")
    given = _serve(int(sys.argv[1]))
    if given is not None:
        _prepare(given)
        runpy.run_module(given["module"], run_name="__main__", alter_sys=True)
