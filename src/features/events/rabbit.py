"""Takes events from a queue of RabbitMQ: stores them, and only then acknowledges them.

A plain connection and one loop around it: whatever ends the connection, the channel or the
consumer leads to the same fresh start, and messages that were not acknowledged come again.
"""

import asyncio
from asyncio import FIRST_COMPLETED, Queue
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial

import aio_pika
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage
from aio_pika.exceptions import AMQPError, ChannelNotFoundEntity
from aiormq.abc import AbstractChannel as Wire
from aiormq.abc import DeliveredMessage
from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from features.events.deliveries import settle, sort
from features.events.intake import EventIntake
from features.events.registry import EventRules
from features.events.topology import ANSWER_SECONDS, QueueState, state_of
from storage.engine.group_commit import GroupCommit, Probe
from utils.background import running_beside

#: Most events that the broker hands over before the first of them is acknowledged. What is there
#: shares a commit, so that more of them take less time each; 256 kB each bound the memory.
PREFETCH = 200
#: Time between two looks at the queue.
WATCH_INTERVAL = timedelta(seconds=30)
#: Looks in a row that find no consumer of the queue before everything begins anew.
MAX_LOOKS_WITHOUT_CONSUMER = 2
#: Pauses after the first and after many failures; they double in between.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(seconds=30)
#: Everything by which a connection may end; all mean the same: begin anew.
LOST = (AMQPError, OSError, TimeoutError)


class ConsumerLost(Exception):
    """The consumer no longer gets anything; says why."""


class RabbitSource:
    """Takes events from a queue for as long as a process runs."""

    def __init__(
        self,
        url: str,
        queue: str,
        rules: EventRules,
        intake: EventIntake,
        database: GroupCommit,
        *,
        tenant: str,
        prefetch: int = PREFETCH,
        watch_interval: timedelta = WATCH_INTERVAL,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._url = url
        self._queue = queue
        self._rules = rules
        self._intake = intake
        self._database = database
        self._tenant = tenant
        self._prefetch = prefetch
        self._watch_interval = watch_interval
        self._sleep = sleep
        self._pauses = 0
        self._is_database_away = False
        #: What health checks show.
        self.state = "not yet connected to RabbitMQ"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Take events until the end of the block."""
        async with running_beside(self._run()):
            yield

    async def _run(self) -> None:
        while True:
            try:
                # Nothing is taken that could not be stored: each delivery counts at the broker.
                await self._stored(self._probe)
                await self._take_until_lost()
            except Exception as error:  # noqa: BLE001 - whatever it is, events have to come again
                self._say_lost(error)
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # an error took the place of the end
                return
            await self._sleep(self._next_pause())

    async def _take_until_lost(self) -> None:
        connection = await aio_pika.connect(
            self._url,
            timeout=ANSWER_SECONDS,
            client_properties={"connection_name": "WhatsApp bot"},
        )
        async with closing(connection):
            channel = await connection.channel(publisher_confirms=False)
            await channel.set_qos(prefetch_count=self._prefetch)
            queue = await channel.declare_queue(self._queue, passive=True)
            arrived: Queue[AbstractIncomingMessage] = Queue()
            cancelled = asyncio.Event()
            wire: Wire = await channel.get_underlay_channel()
            wire.on_consumer_cancel_callbacks.add(lambda _frame: cancelled.set())
            # aio-pika's own way makes a task more of each message.
            await wire.basic_consume(queue.name, partial(_take, arrived))
            self._say_connected()
            await self._until_first(
                self._store_all(arrived),
                self.watch(partial(state_of, connection, self._queue)),
                _raise_after(cancelled.wait(), "the broker has ended the consumer"),
                _raise_after(channel.closed(), "the connection was lost"),
            )

    async def _until_first(self, *works: Awaitable[None]) -> None:
        """Run all until the first one ends, which raises why."""
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            done, _ = await asyncio.wait(tasks, return_when=FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _store_all(self, arrived: Queue[AbstractIncomingMessage]) -> None:
        """Store what arrives, all that is there in one commit; acknowledge it afterwards."""
        while True:
            batch = [await arrived.get()]
            while not arrived.empty():
                batch.append(arrived.get_nowait())
            good, refused = sort(batch, self._rules, partial(self._intake.prepared, self._tenant))
            for one in refused:
                self._intake.metrics.count(one.type, "refused")
                logger.warning("WhatsApp event refused: {}", one.why)
            if good:
                await self._stored(partial(self._intake.store, [one.event for one in good]))
            await settle(good, refused)

    async def _stored(self, store: Callable[[], Awaitable[object]]) -> None:
        """Store, however long the database is away: meanwhile nothing is handed back or taken."""
        for attempt in range(1_000_000):
            try:
                await store()
            except (SQLAlchemyError, OSError) as error:
                self._say_database_away(error)
                await self._sleep(_pause(attempt))
            else:
                self._is_database_away = False
                return

    async def _probe(self) -> None:
        await self._database.submit(Probe())

    async def watch(self, look: Callable[[], Awaitable[QueueState | None]]) -> None:
        """Look whether the queue has a consumer, and how much waits there. Raise ConsumerLost."""
        without = 0
        while True:
            await self._sleep(self._watch_interval.total_seconds())
            found = await asyncio.wait_for(look(), ANSWER_SECONDS) or QueueState(0, 0)
            self._intake.metrics.waiting.set(found.waiting)
            self.state = f"connected to RabbitMQ, {found.waiting} waiting"
            without = 0 if found.consumers else without + 1
            if without == MAX_LOOKS_WITHOUT_CONSUMER:
                raise ConsumerLost("the queue has no consumer, though this process is one")

    def _say_connected(self) -> None:
        self._pauses = 0
        self.state = "connected to RabbitMQ"
        self._intake.metrics.is_connected.set(1)
        logger.info("WhatsApp events come from RabbitMQ, queue {}", self._queue)

    def _say_lost(self, error: Exception) -> None:
        why = reason(error, self._queue)
        if not isinstance(error, (*LOST, ConsumerLost)):
            logger.opt(exception=error).error("WhatsApp events: an error of the bot's own")
        self._intake.metrics.is_connected.set(0)
        state = f"not connected to RabbitMQ: {why}"
        if state != self.state:  # once, however long it takes
            logger.warning("WhatsApp events do not come from RabbitMQ: {}", why)
        self.state = state

    def _say_database_away(self, error: Exception) -> None:
        if not self._is_database_away:
            self._is_database_away = True
            logger.warning("WhatsApp events wait: they cannot be stored ({})", type(error).__name__)

    def _next_pause(self) -> float:
        self._pauses += 1
        return _pause(self._pauses - 1)


@asynccontextmanager
async def closing(connection: AbstractConnection) -> AsyncIterator[None]:
    """Close a connection at the end of the block, also one that no longer answers."""
    try:
        yield
    finally:
        with suppress(*LOST):
            await asyncio.wait_for(connection.close(), ANSWER_SECONDS)


async def _take(arrived: Queue[AbstractIncomingMessage], delivered: DeliveredMessage) -> None:
    arrived.put_nowait(aio_pika.IncomingMessage(delivered))


def _pause(attempt: int) -> float:
    return min(FIRST_PAUSE.total_seconds() * 2.0 ** min(attempt, 10), LONGEST_PAUSE.total_seconds())


async def _raise_after(ended: Awaitable[object], why: str) -> None:
    await ended
    raise ConsumerLost(why)


def reason(error: Exception, queue: str) -> str:
    """Return why nothing comes, in words that tell no address and no password."""
    if isinstance(error, ConsumerLost):
        return str(error)
    if isinstance(error, ChannelNotFoundEntity):
        return f"there is no queue {queue}: run `python3 watch.py events declare`"
    return type(error).__name__
