"""The processes of the bot in a run: each can be killed, stalled, stopped and started again."""

import asyncio
import os
import signal
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.fakes.dev_server import PHONE_NUMBER_ID, SECRETS, free_port
from tests.fakes.fork_server import Program, start_program
from tests.prove.databases import Database
from tests.sample.copying import ROOT, sample_source

LEASE_SECONDS = 3
REMINDER_SECONDS = 2
CANCEL_SECONDS = 4
START_SECONDS = 180
#: Longest wait for a process that was asked to stop: it may give its jobs ten seconds.
STOP_SECONDS = 30
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


class Fleet:
    """Webs and workers over one database. Their names begin with the role."""

    def __init__(
        self,
        folder: Path,
        names: Sequence[str],
        database: Database,
        meta_url: str,
        more: Mapping[str, str],
        *,
        has_clocks: bool,
    ) -> None:
        """With `has_clocks`, each process has a clock that can be set; each look at it is slow."""
        self.names = names
        self._has_clocks = has_clocks
        self.ports = {name: free_port() for name in names if not name.startswith("worker")}
        self.folder = folder
        self._database = database
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("WP_")},
            **SECRETS,
            "PYTHONPATH": os.pathsep.join([str(sample_source()), str(ROOT)]),
            "WP_PHONE_ID": PHONE_NUMBER_ID,
            "BURST_PAUSE_SECONDS": "0",
            "GRAPH_API_URL": meta_url,
            "LEASE_SECONDS": str(LEASE_SECONDS),
            "REMINDER_SECONDS": str(REMINDER_SECONDS),
            "FLOW_TIMEOUT_SECONDS": str(CANCEL_SECONDS),
            "MESSAGES_PER_SECOND": "1000",
            "HOST": "127.0.0.1",
            **more,
        }
        self._starts: Counter[str] = Counter()
        self._processes: dict[str, Program] = {}

    def start(self, name: str) -> None:
        """Start a process."""
        self._starts[name] += 1
        role = name.rstrip("0123456789")
        environment = {
            **self._environment,
            "ROLE": role,
            "DATABASE_URL": self._database.url_for(name, self._starts[name]),
        }
        if name in self.ports:
            environment["PORT"] = str(self.ports[name])
        if self._has_clocks:
            self.set_clock(name, "+0")
            environment |= {
                "LD_PRELOAD": str(FAKETIME),
                "FAKETIME_TIMESTAMP_FILE": str(self._clock_file(name)),
                "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        module = "worker" if role == "worker" else "web"
        self._processes[name] = start_program(
            "tests.prove.bot",
            module,
            environment=environment,
            folder=self.folder,
            log=self.folder / f"{name}.log",
        )

    def kill(self, name: str) -> None:
        """End a process at once, in the middle of whatever it does."""
        self._processes[name].kill()
        self._processes[name].wait()

    async def stop(self, name: str) -> None:
        """End a process as a deployment does: it may finish what it is at."""
        self._processes[name].terminate()
        await asyncio.to_thread(self._processes[name].wait, STOP_SECONDS)

    def pause(self, name: str) -> None:
        """Let a process stand still."""
        self._processes[name].send_signal(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """Let a process go on, unaware of the time that has passed."""
        self._processes[name].send_signal(signal.SIGCONT)

    def set_clock(self, name: str, offset: str) -> None:
        """Set a process's clock, such as "+3600" seconds; only in a fleet that has clocks."""
        self._clock_file(name).write_text(f"{offset}\n")

    def revive(self) -> None:
        """Start whatever has ended, as a restart policy does."""
        for name, process in self._processes.items():
            if process.poll() is not None:
                self.start(name)

    async def until_ready(self) -> None:
        """Wait until every web answers."""
        async with asyncio.timeout(START_SECONDS):
            for port in self.ports.values():
                while not await asyncio.to_thread(_answers, port):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)

    async def command(self, *arguments: str) -> None:
        """Run a command of `watch.py`; RuntimeError if it fails."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "app.cli", *arguments),
            env={**self._environment, "DATABASE_URL": self._database.url},
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)}: {output.decode()}")

    def end(self) -> None:
        """Kill whatever still runs."""
        for process in self._processes.values():
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()

    def _clock_file(self, name: str) -> Path:
        return self.folder / f"{name}.clock"


def has_faketime() -> bool:
    """Return whether clocks of processes can be set on this machine."""
    return FAKETIME.exists()


def _answers(port: int) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live") as found:
        return bool(found.status == 200)
    return False
