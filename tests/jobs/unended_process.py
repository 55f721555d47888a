"""A worker process whose handler ends it: `python unended_process.py URL`.

Jobs are notes to people; the one with `{"bad": 1}` ends the process like the system's OOM killer.
"""

import asyncio
import os
import sys
from datetime import timedelta

from sqlalchemy import Connection, func, select

from jobs.attempt import JobHandler
from jobs.lease import release_all_leases
from jobs.model import Job, JobState, LaneState, NewJob, Outcome
from jobs.retry import INTERACTIVE
from jobs.tables import job
from jobs.worker import Worker
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit, Transaction

LEASE = timedelta(seconds=0.5)
POOLS = ("in",)


async def handle(job: Job, state: LaneState) -> Outcome:
    await asyncio.sleep(0.05)
    if job.body["bad"]:
        os._exit(137)
    return Outcome({"done": [*state.get("done", []), job.body["number"]]})


async def apologize(job: Job, state: LaneState) -> Outcome:
    return Outcome(jobs=[NewJob("out:sorry", "send", job.body)])


async def main(url: str) -> None:
    database = GroupCommit(open_engine(url))
    if url.startswith("sqlite"):
        await database.submit(Transaction(release_all_leases))
    kinds = {"note": JobHandler(handle, INTERACTIVE, on_discard=apologize)}
    worker = Worker(database, kinds, pools=POOLS, lease=LEASE)
    running = asyncio.create_task(worker.run())
    while await database.submit(Transaction(count_notes)):  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0.02)
    await worker.stop(timedelta(seconds=1))
    await running
    await database.close()


def count_notes(connection: Connection, now: float) -> int:
    is_waiting = (job.c.kind == "note", job.c.state == JobState.TODO)
    return connection.scalar(select(func.count()).where(*is_waiting)) or 0


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
