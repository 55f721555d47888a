"""The dead-letter queue: what is there, why, and putting it back once the cause is gone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aio_pika
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage

from features.events.deliveries import event_of
from features.events.reading import UnreadableEvent
from features.events.registry import EventRules
from features.events.topology import Place, state_of
from utils.commands import CommandError


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message of the dead-letter queue. None of it is quoted: it may be private."""

    message: AbstractIncomingMessage
    #: Why the broker put it there: "rejected", or "delivery_limit".
    cause: str
    died_at: datetime | None
    #: What is wrong with it today; None if it can be read by now.
    flaw: str | None

    @property
    def type(self) -> str:
        """What the sender called it."""
        return self.message.type or self.message.routing_key or "no type"

    def line(self) -> str:
        """Return what a person reads of it."""
        at = f"{self.died_at:%Y-%m-%d %H:%M}" if self.died_at else "-"
        state = self.flaw or "can be read now: `events dead retry` puts it back"
        return f"{at}  {self.type}  {len(self.message.body)} bytes  {self.cause}  {state}"


async def letters(
    connection: AbstractConnection, place: Place, rules: EventRules, most: int
) -> AsyncIterator[DeadLetter]:
    """Yield up to `most` of what is in the queue now. What is not acknowledged stays there."""
    state = await state_of(connection, place.dead)
    if state is None:
        fix = "run `python3 watch.py events declare`."
        raise CommandError(f"There is no queue {place.dead}: {fix}")
    channel = await connection.channel()
    queue = await channel.get_queue(place.dead)
    for _ in range(min(most, state.waiting)):
        message = await queue.get(fail=False)
        if message is None:
            break
        yield _letter(message, rules)
    await channel.close()  # hands back what was not acknowledged


async def put_back(
    connection: AbstractConnection, place: Place, rules: EventRules, most: int
) -> tuple[int, list[DeadLetter]]:
    """Put what can be read back into the queue of the bot; return how many, and the others."""
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    moved, kept = 0, []
    async for letter in letters(connection, place, rules, most):
        if letter.flaw is not None:
            kept.append(letter)
            continue
        # To this queue alone: through the exchange, others would get it again, too.
        await channel.default_exchange.publish(_again(letter), place.queue, mandatory=True)
        await letter.message.ack()
        moved += 1
    return moved, kept


def _again(letter: DeadLetter) -> aio_pika.Message:
    """Return the message as it was sent; its type is kept, which the routing key may have told."""
    old = letter.message
    return aio_pika.Message(
        old.body,
        headers={name: value for name, value in old.headers.items() if not _is_brokers(name)},
        content_type=old.content_type,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=old.message_id,
        timestamp=old.timestamp,
        type=letter.type,
    )


def _is_brokers(header: str) -> bool:
    return header.startswith(("x-death", "x-first-death", "x-last-death", "x-delivery-count"))


def _letter(message: AbstractIncomingMessage, rules: EventRules) -> DeadLetter:
    deaths: Any = message.headers.get("x-death")
    last = deaths[0] if deaths else {}
    flaw = None
    try:
        event_of(message, rules)
    except UnreadableEvent as error:
        flaw = str(error)
    return DeadLetter(message, str(last.get("reason") or "-"), last.get("time"), flaw)
