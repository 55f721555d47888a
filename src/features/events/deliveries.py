"""What RabbitMQ delivered: which events can be read, and what is acknowledged in the end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aio_pika.abc import AbstractIncomingMessage

from features.events.envelope import MAX_ID_CHARS
from features.events.intake import PreparedEvent
from features.events.reading import Hints, ReadEvent, UnreadableEvent, parse, read
from features.events.registry import EventRules


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message with the event that it is."""

    message: AbstractIncomingMessage
    event: PreparedEvent


@dataclass(frozen=True, slots=True)
class RefusedDelivery:
    """A message that is no event of any rule, and why."""

    message: AbstractIncomingMessage
    type: str
    why: str


def sort(
    messages: Sequence[AbstractIncomingMessage],
    rules: EventRules,
    prepare: Callable[[ReadEvent], PreparedEvent],
) -> tuple[Sequence[Delivery], Sequence[RefusedDelivery]]:
    """Tell the events that can be stored from those that cannot; each in the order of arrival."""
    good: list[Delivery] = []
    refused: list[RefusedDelivery] = []
    for message in messages:
        try:
            good.append(Delivery(message, prepare(event_of(message, rules))))
        except UnreadableEvent as error:
            refused.append(RefusedDelivery(message, error.type, str(error)))
        except Exception as error:  # noqa: BLE001 - code of a rule: others must not wait for it
            why = f"its file in src/events raises {type(error).__name__}"
            refused.append(RefusedDelivery(message, "unknown", why))
    return good, refused


def event_of(message: AbstractIncomingMessage, rules: EventRules) -> ReadEvent:
    """Return the event that a message is. Raise UnreadableEvent."""
    types = tuple(one for one in (message.type, message.routing_key) if one)
    id_ = message.message_id[:MAX_ID_CHARS] if message.message_id else None
    return read(rules, parse(message.body), Hints(types, id_, message.timestamp))


async def settle(good: Sequence[Delivery], refused: Sequence[RefusedDelivery]) -> None:
    """Send what was refused to the dead letters, and acknowledge all others: they are stored."""
    for one in refused:
        await one.message.reject(requeue=False)
    if good:
        await good[-1].message.ack(multiple=True)
