"""Exchanges, queues and bindings of RabbitMQ: declared by a command, and looked at by checks."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import AMQPConnectionError, ChannelClosed, ChannelPreconditionFailed

from features.events.settings import EventSettings
from utils.commands import CommandError

#: Longest wait for an answer of the broker, in seconds.
ANSWER_SECONDS = 10.0
#: Attempts to deliver an event, after which it is a dead letter: a process may die of it.
MAX_DELIVERIES = 20
#: Dead letters may be listed as often as people like: each look counts as a delivery.
UNLIMITED_DELIVERIES = 1_000_000_000

for _name in ("aio_pika", "aiormq"):  # they show a stack trace at each loss; we say it in a line
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class Place(NamedTuple):
    """Names of what the bot uses at the broker."""

    exchange: str
    queue: str
    dead: str

    @classmethod
    def of(cls, settings: EventSettings) -> "Place":
        """Return the names that the settings give."""
        return cls(settings.events_exchange, settings.events_queue, settings.events_dead_queue)


class QueueState(NamedTuple):
    """A queue as the broker describes it."""

    waiting: int
    consumers: int


@asynccontextmanager
async def open_broker(settings: EventSettings) -> AsyncIterator[AbstractConnection]:
    """Connect to the broker of the settings. Raise CommandError with what to do."""
    if settings.amqp_url is None:
        raise CommandError("AMQP_URL is not set: it says where RabbitMQ is.")
    url = settings.amqp_url.get_secret_value()
    try:
        connection = await aio_pika.connect(url, timeout=ANSWER_SECONDS)
    except (AMQPConnectionError, OSError, TimeoutError) as error:
        raise CommandError(
            f"RabbitMQ does not let us in ({type(error).__name__}): check AMQP_URL, and whether "
            "it runs."
        ) from error
    async with connection:
        yield connection


async def declare(
    connection: AbstractConnection, place: Place, routing_keys: Sequence[str]
) -> None:
    """Declare all that the bot uses, and bind its queue; what is there already stays.

    Raises CommandError if something is there in another form.
    """
    channel = await connection.channel()
    try:
        await _declare(channel, place, routing_keys)
    except ChannelPreconditionFailed as error:
        raise CommandError(
            "Something of one of these names is there in another form: "
            f"{error.reason if hasattr(error, 'reason') else error}. Delete it at the broker if "
            "nothing waits there, or choose another name by EVENTS_EXCHANGE, EVENTS_QUEUE or "
            "EVENTS_DEAD_QUEUE."
        ) from error


async def _declare(channel: AbstractChannel, place: Place, routing_keys: Sequence[str]) -> None:
    fanout, topic = aio_pika.ExchangeType.FANOUT, aio_pika.ExchangeType.TOPIC
    letters = await channel.declare_exchange(place.dead, fanout, durable=True)
    dead = await channel.declare_queue(place.dead, durable=True, arguments=_dead_arguments())
    await dead.bind(letters)
    events = await channel.declare_exchange(place.exchange, topic, durable=True)
    queue = await channel.declare_queue(place.queue, durable=True, arguments=_arguments(place))
    for key in routing_keys:
        await queue.bind(events, key)


def _arguments(place: Place) -> dict[str, Any]:
    return {
        "x-queue-type": "quorum",
        "x-single-active-consumer": True,  # keeps the order, however many processes there are
        "x-delivery-limit": MAX_DELIVERIES,
        "x-dead-letter-exchange": place.dead,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",  # what this strategy asks for
    }


def _dead_arguments() -> dict[str, Any]:
    return {"x-queue-type": "quorum", "x-delivery-limit": UNLIMITED_DELIVERIES}


async def state_of(connection: AbstractConnection, queue: str) -> QueueState | None:
    """Return what waits in a queue, and its consumers; None if it is absent."""
    channel = await connection.channel()
    try:
        found = (await channel.declare_queue(queue, passive=True)).declaration_result
    except ChannelClosed:
        return None
    await channel.close()
    return QueueState(found.message_count or 0, found.consumer_count or 0)
