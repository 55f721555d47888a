"""Processes of a bot that people call: one, or several over PostgreSQL. Each can be killed."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, select
from tests.fakes.dev_server import DevServer
from tests.fakes.fork_server import Program

from features.calls.tables import CallRow, row_of, voice_call

#: Calls of phones, at the emulator.
CALLS = "/emulator/phone/calls"
#: What a process logs once its engine carries calls.
ANSWERED = "calls are answered"
#: Processes beside the one with the web, where the database is PostgreSQL.
APART = ("chats", "calls", "calls")

#: Longest start of these processes on two idle cores, in seconds.
IDLE_START_SECONDS = 8.0


class CalledServer(DevServer):
    """An emulator, and a bot in one process, or with processes for calls."""

    def __init__(self, folder: Path, postgres_url: str | None = None, **settings: str) -> None:
        self._url = postgres_url or f"sqlite:///{folder / 'bot.db'}"
        self._workers: list[tuple[str, Program]] = []
        self._reader: Engine | None = None
        self._engines, began = 0, time.monotonic()
        role = "web" if postgres_url else "all"
        given = {"CALLS_ENABLED": "true", "DATABASE_URL": self._url, "ROLE": role}
        super().__init__(folder, **given, **settings)
        try:
            self.wait_for_emulator()
            for one in APART if postgres_url else ():
                self.start_worker(one)
            self.until_answering(APART.count("calls") if postgres_url else 1)
        except BaseException:
            self.close()
            raise
        #: How much slower this machine starts a bot than an idle one, at least 1.
        self.slowness = max(1.0, (time.monotonic() - began) / IDLE_START_SECONDS)

    @property
    def carriers(self) -> list[Program]:
        """The processes that take calls."""
        apart = [program for role, program in self._workers if role == "calls"]
        return apart or [self._bot]

    @property
    def emulator_pid(self) -> int:
        """The process that plays Meta."""
        return self._emulator.pid

    def start_worker(self, role: str) -> None:
        """Start one more process with the jobs of a role."""
        self._workers.append((role, self._start("app.worker", ROLE=role)))

    def kill_carrier(self, carrier: Program) -> None:
        """Kill a process that takes calls, and start it again, as what runs processes does."""
        carrier.kill()
        carrier.wait()
        apart = [one for one in self._workers if one[1] is carrier]
        for one in apart:
            self._workers.remove(one)
            self.start_worker(one[0])
        if not apart:
            self.start_bot()

    def until_answering(self, engines: int = 1) -> None:
        """Wait until so many more engines carry calls."""
        self._engines += engines
        self.wait_until(lambda: self.log.read_text().count(ANSWERED) >= self._engines)

    def ask(self, path: str, **body: Any) -> Any:
        """Ask the emulator; with a body, send it."""
        return self._ask(path, json.dumps(body).encode() if body else None)

    def call(self, call: str) -> dict[str, Any]:
        """Return what the emulated Meta knows of a call."""
        found: dict[str, Any] = self.ask(f"{CALLS}/{call}")
        return found

    def call_rows(self, calls: Sequence[str]) -> dict[str, CallRow]:
        """Return what the bot has of calls, by their ids."""
        if self._reader is None:
            self._reader = create_engine(self._url)
        query = select(voice_call).where(voice_call.c.id.in_(calls))
        with self._reader.connect() as connection:
            return {one.id: row_of(one) for one in connection.execute(query)}

    def shows(self, who: str) -> list[dict[str, Any]]:
        """Return the entries of the bot in the chat of a person."""
        entries: list[dict[str, Any]] = self._ask(f"/emulator/contacts/{who}/messages")
        return [one for one in entries if one["from"] == "bot"]

    def close(self) -> None:
        if self._reader is not None:
            self._reader.dispose()
        for _, program in self._workers:
            program.kill()
            program.wait()
        super().close()


def engine_of(carrier: Program) -> int:
    """Return the process that carries audio for another one."""
    children = Path(f"/proc/{carrier.pid}/task/{carrier.pid}/children").read_text()
    [engine] = children.split()
    return int(engine)


def runs(process: int) -> bool:
    """Return whether a process runs; one that nobody waits for is over nevertheless."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False
