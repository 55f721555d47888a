"""Measures the bot beside what it is compared with, in one run.

`python -m benchmarks.measure [intake] [replies] [emulator] [memory]`; without a name, all of it.
Prints rates as ratios, since machines are noisy. Needs PYTHONPATH=src:. and two free cores.
"""

import argparse
import asyncio
import os
import platform
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from benchmarks.bodies import PHONE_NUMBER_ID, SECRET, send_request
from benchmarks.load import Make, Result, send_all, webhook

from emulator.cloud_api.config import Config

#: People, and messages of each, in the intake measurement.
INTAKE_USERS, INTAKE_EACH = 1_000, 10
CONVERSATIONS = 3_000
#: Caches fill with the first of these people; after that, memory must stay.
PEOPLE_SEEN = (1_000, 50_000, 100_000)


def main() -> None:
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ",
        end="",
    )
    print(f"SQLite {sqlite3.sqlite_version}\n")
    parts = {
        "intake": measure_intake,
        "replies": measure_conversations,
        "emulator": measure_emulator,
        "memory": measure_memory,
    }
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", choices=[[], *parts], metavar=" | ".join(parts))
    with tempfile.TemporaryDirectory() as folder:
        for name in parser.parse_args().parts or parts:
            parts[name](Path(folder))


def measure_intake(folder: Path) -> None:
    """The same load, turn about: an endpoint that stores nothing, and ours that stores all."""
    print("Webhook intake, 64 connections, one message per POST")
    ratios = []
    for turn in range(3):
        with serving("benchmarks.apps:create_bare") as (port, _):
            bare = load(port, range(INTAKE_USERS), INTAKE_EACH)
        database = folder / f"intake{turn}.db"
        with serving("benchmarks.apps:create_intake", database) as (port, _):
            ours = load(port, range(INTAKE_USERS), INTAKE_EACH)
        ratios.append(ours.per_second / bare.per_second)
        show("bare FastAPI, signature and schema", bare)
        show("durable, SQLite synchronous=FULL", ours, ratio=ratios[-1])
    print(f"  median ratio {sorted(ratios)[1]:.2f}\n")


def measure_conversations(folder: Path) -> None:
    """Each message stored, handled and answered; state, reply, delivery row and read mark."""
    print("Webhook to reply at Meta's place, web and worker in one process")
    with serving_bot(folder / "replies.db") as (port, _, sink):
        began = time.perf_counter()
        result = load(port, range(CONVERSATIONS))
        wait_for_replies(sink, CONVERSATIONS)
        seconds = time.perf_counter() - began
    show("taken in", result)
    print(f"  answered: {CONVERSATIONS / seconds:,.0f} conversations/s, none lost\n")


def measure_emulator(_folder: Path) -> None:
    """Sends that the emulator takes, with all its checks; it must not be what others measure."""
    print("Sends taken by the emulator, each with three statuses delivered")
    with (
        serving("benchmarks.apps:sink") as (sink, _),
        serving("benchmarks.apps:create_emulator_without_limits", sink=sink) as (port, _),
    ):
        for _ in range(3):
            show("emulator", load(port, range(1_000), 10, make=emulated_send))
    print()


def emulated_send(user: int, serial: int) -> bytes:
    return send_request(user, serial, Config().access_token)


def measure_memory(folder: Path) -> None:
    """The bot's memory after a few and after many different people wrote: takes minutes."""
    print("Resident memory by people seen")
    with serving_bot(folder / "memory.db") as (port, bot, sink):
        for seen, people in pairwise((0, *PEOPLE_SEEN)):
            load(port, range(seen, people))
            wait_for_replies(sink, people)
            print(f"  {people:>7,} people: {resident_megabytes(bot):.0f} MB", flush=True)


def load(port: int, users: range, each: int = 1, *, make: Make = webhook) -> Result:
    return asyncio.run(send_all(port, users, each=each, make=make))


def show(name: str, result: Result, *, ratio: float | None = None) -> None:
    shown = f"  {name:<36} {result.per_second:>7,.0f}/s"
    shown += f"  p50 {result.percentile(0.5):5.1f} ms  p99 {result.percentile(0.99):5.1f} ms"
    print(shown + (f"  ratio {ratio:.2f}" if ratio is not None else ""), flush=True)


def wait_for_replies(sink: int, count: int) -> None:
    while True:
        with urllib.request.urlopen(f"http://127.0.0.1:{sink}/") as answer:
            if int(answer.read()) >= count:
                return
        time.sleep(0.05)


@contextmanager
def serving_bot(database: Path) -> Iterator[tuple[int, int, int]]:
    """The whole bot, and Meta's place; gives its port and process id, and the other's port."""
    with (
        serving("benchmarks.apps:sink") as (sink, _),
        serving("app.main:create_app", database, sink) as (port, process),
    ):
        yield port, process, sink


@contextmanager
def serving(
    app: str, database: Path | None = None, sink: int = 1, **environ: str
) -> Iterator[tuple[int, int]]:
    """Run an application in a process of its own; gives its port and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "WP_ACCESS_TOKEN": "benchmark-token",
        "WP_PHONE_ID": PHONE_NUMBER_ID,
        "WEBHOOK_VERIFY_TOKEN": "benchmark-verify",
        "WHATSAPP_APP_SECRET": SECRET,
        "DATABASE_URL": f"sqlite:///{database}",
        "GRAPH_API_URL": f"http://127.0.0.1:{sink}",
        "EMULATOR_CALLBACK_URL": f"http://127.0.0.1:{sink}/webhook",
        "MESSAGES_PER_SECOND": "100000",
        "LOG_LEVEL": "ERROR",
        **environ,
    }
    factory = [] if app.endswith(":sink") else ["--factory"]
    command = [sys.executable, "-m", "uvicorn", *factory, app, "--port", str(port)]
    command += ["--no-access-log", "--log-level", "error"]
    process = subprocess.Popen(command, env=environment, cwd=Path(__file__).parents[1])
    try:
        wait_for_port(port)
        yield port, process.pid
    finally:
        process.kill()
        process.wait()


def wait_for_port(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the server did not start")


def resident_megabytes(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    [kilobytes] = re.findall(r"VmRSS:\s+(\d+) kB", status)
    return int(kilobytes) / 1024


if __name__ == "__main__":
    main()
