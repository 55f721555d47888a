"""A process that takes events from RabbitMQ and stores them: what the benchmark cuts and kills.

`python -m tests.features.events.consuming URL QUEUE FILE`
"""

import asyncio
import sys
from datetime import UTC

from prometheus_client import CollectorRegistry

from app.runtime.event_loop import run
from features.events.intake import EventIntake
from features.events.metrics import EventMetrics
from features.events.rabbit import RabbitSource
from features.events.registry import find_rules
from features.events.sending import EventSender
from features.notifications.service import NotificationService
from features.notifications.settings import NotificationSettings
from jobs.job_queue import JobQueue
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit
from utils.gc_tuning import tuned_gc


async def consume(url: str, queue: str, file: str) -> None:
    """Take events until somebody ends this process."""
    database = GroupCommit(open_engine(f"sqlite:///{file}"))
    jobs = JobQueue(database)
    service = NotificationService(
        database,
        jobs,
        NotificationSettings(),
        lambda _connection, _names: {},
        phone_number_id="",
        per_second=80,
        language="en",
        clock=database.clock,
    )
    sender = EventSender(service, UTC, database.clock)
    intake = EventIntake(jobs, sender, EventMetrics(CollectorRegistry()), database.clock)
    source = RabbitSource(url, queue, find_rules(), intake, database, tenant="default")
    with tuned_gc():  # as in a process of the bot
        async with source.running():
            await asyncio.Event().wait()


if __name__ == "__main__":
    run(consume(*sys.argv[1:]))
