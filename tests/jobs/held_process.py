"""A worker process that never ends what it begins: `python held_process.py URL`.

It says `held` once it holds the lane.
"""

import asyncio
import sys
from datetime import timedelta

from jobs.attempt import JobHandler
from jobs.listener import listen
from jobs.model import Job, LaneState, Outcome
from jobs.presence import Presence
from jobs.retry import INTERACTIVE
from jobs.worker import Worker
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit


async def hold(job: Job, state: LaneState) -> Outcome:
    sys.stdout.write("held\n")
    sys.stdout.flush()
    await asyncio.Event().wait()
    return Outcome()


async def main(url: str) -> None:
    database = GroupCommit(open_engine(url))
    kinds = {"note": JobHandler(hold, INTERACTIVE)}
    worker = Worker(database, kinds, pools=("in",), lease=timedelta(minutes=10))
    async with listen(database.url, worker.wake, Presence(database, [worker])):
        await worker.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
