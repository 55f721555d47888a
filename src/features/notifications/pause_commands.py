"""What `watch.py notifications pauses` and `resume` do."""

import asyncio
import sys
from datetime import UTC, datetime

from sqlalchemy import Connection

from features.notifications.api_keys import ONE_TENANT
from features.notifications.failures import resume as let_go_on
from features.notifications.failures import views
from features.notifications.job_specs import RELEASE, lane_of
from jobs.job_queue import Decision, JobQueue
from jobs.model import Priority
from jobs.spec import EmptyBody
from services.command_database import in_database
from services.setup import CommandSetup


def list_all(setup: CommandSetup) -> int:
    """Print a line for each pause."""
    found = in_database(setup, lambda c, _: views(c, ONE_TENANT))
    for one in found:
        since = one.paused_at.strftime("%Y-%m-%d %H:%M UTC")
        print(f"{one.id}  since {since}  {one.waiting} wait  {one.reason}")
    print(f"{len(found)} pauses." if found else "Nothing is paused.")
    return 0


def resume(setup: CommandSetup, id_: str) -> int:
    """Let a batch or a template go on. Returns 1 if it is not paused."""

    def go_on(connection: Connection, now: float) -> Decision[bool]:
        done = let_go_on(connection, ONE_TENANT, id_, datetime.fromtimestamp(now, UTC))
        release = RELEASE.new(lane_of(ONE_TENANT), EmptyBody(), priority=Priority.LOW)
        return Decision(done, [release] if done else [])

    async def run() -> bool:
        async with setup.open_database() as database:
            return await JobQueue(database).decide(go_on)

    if not asyncio.run(run()):
        print("Nothing of this id is paused: see `notifications pauses`.", file=sys.stderr)
        return 1
    print("It goes on.")
    return 0
