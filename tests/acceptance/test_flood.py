"""More webhooks than can be stored: late ones are refused, and what is acknowledged is handled."""

import asyncio
import json
import sqlite3
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.test_server_limits import Running, web
from tests.fakes.web import sign, text_message, webhook

from app.runtime import upkeep
from controllers import webhook_store
from controllers.intake import Intake, sort_webhook
from storage.engine import group_commit
from storage.engine.group_commit import GroupCommit

__all__ = ["web"]

#: A webhook per connection, so many each second, whatever the answers.
REQUESTS, PER_SECOND = 1_000, 250
#: Longest time of an acknowledgement that senders accept, in seconds.
PATIENCE = 5.0
#: Opens a new connection for each of the bodies of its input, at its time. Prints by how much it
#: was late itself, and (number, status, seconds from sending to the answer) of each.
FLOOD = """
import asyncio, json, sys, time

async def post(number, head, body, results):
    await asyncio.sleep(number / per_second)
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        began = time.monotonic()
        writer.write((head + body).encode())
        line = await reader.readline()
        results.append((number, int(line.split()[1]), time.monotonic() - began))
        writer.close()
    except (OSError, IndexError):
        results.append((number, 0, 0.0))

async def watch(late):
    while True:
        due = time.monotonic() + 0.05
        await asyncio.sleep(0.05)
        late[0] = max(late[0], time.monotonic() - due)

async def main():
    results, late = [], [0.0]
    watching = asyncio.create_task(watch(late))
    await asyncio.gather(*(post(n, h, b, results) for n, (h, b) in enumerate(requests)))
    print(json.dumps([late[0], results]))

port, per_second = int(sys.argv[1]), float(sys.argv[2])
requests = json.loads(sys.stdin.read())
asyncio.run(main())
"""


def request(number: int) -> tuple[str, str]:
    body = json.dumps(webhook(text_message(f"wamid.{number}", wa_id=f"5730012{number:05}")))
    lines = [
        *("POST /webhook HTTP/1.1", "Host: bot", "Connection: close"),
        *(f"Content-Length: {len(body)}", f"X-Hub-Signature-256: {sign(body.encode())}"),
    ]
    return "\r\n".join([*lines, "", ""]), body


def slow_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commit 400 operations in a second; a webhook takes two, and its handling more."""
    commit = GroupCommit._transact

    def commit_slowly(self: GroupCommit, operations: list[Any]) -> list[Any]:
        time.sleep(0.25)
        return commit(self, operations)

    monkeypatch.setattr(group_commit, "MAX_GROUP_OPERATIONS", 100)
    monkeypatch.setattr(GroupCommit, "_transact", commit_slowly)


def busy_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take 10 ms of the event loop to read each webhook."""

    def sort_slowly(*given: Any) -> Intake:
        time.sleep(0.01)
        return sort_webhook(*given)

    monkeypatch.setattr(webhook_store, "sort_webhook", sort_slowly)


def waited_for_processor() -> float:
    """Seconds for which a thread of this process, the bot among them, waited for other programs."""
    states = Path("/proc/self/task").glob("*/schedstat")
    return sum(int(state.read_text().split()[1]) for state in states) / 1e9


@pytest.fixture(autouse=True)
def _soon_stopped() -> Iterator[None]:
    """Do not wait for replies, which Meta, being away, does not take."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(upkeep, "GRACE", timedelta(seconds=0.5))
        yield


@pytest.mark.parametrize("slow", [slow_disk, busy_loop])
async def test_a_flood_is_refused_in_time_and_what_is_acknowledged_is_handled(
    web: Running,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    slow: Callable[[pytest.MonkeyPatch], None],
) -> None:
    requests = json.dumps([request(number) for number in range(REQUESTS)]).encode()
    with monkeypatch.context() as patched:
        slow(patched)
        command = (sys.executable, "-c", FLOOD, str(web.port), str(PER_SECOND))
        stalled = -waited_for_processor()
        flood = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
        printed, _ = await flood.communicate(requests)
        stalled += waited_for_processor()
    late, results = json.loads(printed)
    acknowledged = {number: seconds for number, status, seconds in results if status == 200}
    statuses = {status for _, status, _ in results}
    assert 503 in statuses
    assert statuses <= {200, 503}
    assert len(acknowledged) > 5
    assert max(acknowledged.values()) < PATIENCE + late + stalled
    assert await web.answers_meta(REQUESTS), "it has recovered"
    handled = await done(tmp_path / "bot.db", len(acknowledged))
    assert {f"wamid.{number}" for number in acknowledged} <= handled


async def done(file: Path, least: int) -> set[str]:
    """Return the ids of the messages that were handled, once none waits."""
    query = "SELECT key, state FROM job WHERE kind = 'message'"
    while True:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            jobs = connection.execute(query).fetchall()
        if len(jobs) > least and all(state for _, state in jobs):
            return {key.partition(":")[2] for key, _ in jobs}
        await asyncio.sleep(0.1)
