"""Workers at work: started together, stopped one after the other."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from jobs.worker import Worker

#: Time that running jobs have to end before a stopping process gives them to others, in all.
GRACE = timedelta(seconds=10)


@asynccontextmanager
async def at_work(workers: Sequence[Worker]) -> AsyncIterator[None]:
    """Run workers; at the end, let running jobs end and give the rest to others."""
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + GRACE.total_seconds()
        for worker in workers:  # conversations first: what they decide may still be sent
            await worker.stop(timedelta(seconds=max(0.0, deadline - loop.time())))
        await asyncio.gather(*tasks)
