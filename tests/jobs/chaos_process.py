"""One process of the chaos test: stores numbered messages, handles them, or does both.

Run as `python chaos_process.py ROLE URL FOLDER SHARE SHARES`; ROLE is web, worker or both.
"""

import asyncio
import hashlib
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from jobs.attempt import JobHandler
from jobs.job_queue import JobQueue
from jobs.lease import release_all_leases
from jobs.model import Job, LaneState, NewJob, NewTimer, Outcome
from jobs.retry import RetryPolicy
from jobs.worker import Worker
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit, Transaction

Item = TypeVar("Item")

CONVERSATIONS = 2000
MESSAGES_EACH = 8
LEASE = timedelta(seconds=2)
BATCH = 40
BATCHES_AT_ONCE = 4
#: Between batches, so that work is under way whenever a blow falls.
PAUSE_SECONDS = 0.08


def is_poison(conversation: int, number: int) -> bool:
    return conversation % 100 == 7 and number == 2


def is_flaky(job: Job) -> bool:
    """One attempt in ten fails, though never so often that a message is given up."""
    return job.tries < 2 and hashlib.sha256(f"{job.id}.{job.tries}".encode()).digest()[0] < 26


async def handle_message(job: Job, state: LaneState) -> Outcome:
    conversation, number = job.body["conversation"], job.body["number"]
    if is_poison(conversation, number) or is_flaky(job):
        raise RuntimeError("poison" if is_poison(conversation, number) else "flaky")
    reply = NewJob(f"out:{conversation}", "send", job.body, key=f"reply {job.id}")
    remind = NewTimer(timedelta(hours=1), {"conversation": conversation})
    seen = [*state.get("seen", []), number]
    return Outcome({"seen": seen}, jobs=(reply,), timers={"remind": remind})


class Receiver:
    """Stands for the person's phone: a file that says what arrived, in order."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1)

    async def send(self, job: Job, state: LaneState) -> Outcome:
        self._file.write(f"{job.body['conversation']} {job.body['number']}\n")
        return Outcome()


class Acknowledged:
    """A file of the messages whose storage was confirmed; outlives its process."""

    def __init__(self, path: Path) -> None:
        self._known = set(path.read_text().split()) if path.exists() else set()
        self._file = path.open("a", buffering=1)

    def waiting(self, number: int, share: range) -> list[int]:
        return [of for of in share if f"{of}.{number}" not in self._known]

    def note(self, number: int, conversations: list[int]) -> None:
        self._file.write("".join(f"{of}.{number}\n" for of in conversations))


async def store_messages(lanes: JobQueue, acknowledged: Acknowledged, share: range) -> None:
    """Store this share's messages, each conversation's in order."""
    for number in range(1, MESSAGES_EACH + 1):
        batches = list(batched(acknowledged.waiting(number, share), BATCH))
        for together in batched(batches, BATCHES_AT_ONCE):
            await asyncio.gather(*(store(lanes, batch, number) for batch in together))
            for batch in together:
                acknowledged.note(number, batch)
            await asyncio.sleep(PAUSE_SECONDS)


def batched(items: list[Item], size: int) -> Iterator[list[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))


async def store(lanes: JobQueue, batch: list[int], number: int) -> None:
    await lanes.enqueue(
        [
            NewJob(
                f"in:{conversation}",
                "message",
                {"conversation": conversation, "number": number},
                key=f"{conversation}.{number}",
            )
            for conversation in batch
        ]
    )


async def main(role: str, url: str, folder: Path, share: int, shares: int) -> None:
    database = GroupCommit(open_engine(url))
    receiver = Receiver(folder / "received")
    retry = RetryPolicy(
        tries=4, first=timedelta(milliseconds=20), longest=timedelta(milliseconds=100)
    )
    kinds = {"message": JobHandler(handle_message, retry), "send": JobHandler(receiver.send, retry)}
    worker = Worker(database, kinds, pools=("in", "out"), lease=LEASE)
    if url.startswith("sqlite"):
        await database.submit(Transaction(release_all_leases))
    async with asyncio.TaskGroup() as tasks:
        if role != "web":
            tasks.create_task(worker.run())
        if role != "worker":
            acknowledged = Acknowledged(folder / f"acknowledged.{share}")
            ours = range(share, CONVERSATIONS, shares)
            tasks.create_task(store_messages(JobQueue(database, worker.wake), acknowledged, ours))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), *map(int, sys.argv[4:6])))
