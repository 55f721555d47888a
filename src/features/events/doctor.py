"""Checks of events: the broker and its queues."""

from collections.abc import Iterator, Sequence
from functools import partial

from domain.checks import Check, Finding, fail, ok, skip, warn
from features.events.registry import find_rules
from features.events.settings import EventSettings
from services.setup import CheckSetup
from utils.commands import CommandError

DECLARE = "python3 watch.py events declare"
DEAD = "python3 watch.py events dead"


def checks(setup: CheckSetup) -> Iterator[Check]:
    """Yield the check of the broker."""
    settings = setup.settings_of(EventSettings)
    yield Check("events", partial(check_broker, settings), is_live=True)


async def check_broker(settings: EventSettings | None) -> Sequence[Finding]:
    """Check that the broker lets the bot in, and that its queues are there and consumed."""
    if settings is None:
        return [skip("waits for: settings")]
    if settings.amqp_url is None:
        types = ", ".join(rule.types[0] for rule in find_rules()) or "none"
        return [skip(f"AMQP_URL is not set: events come by HTTP only ({types})")]
    from features.events.topology import Place, QueueState, open_broker, state_of

    place = Place.of(settings)
    found: dict[str, QueueState | None] = {}
    try:
        async with open_broker(settings) as connection:
            for name in (place.queue, place.dead):
                found[name] = await state_of(connection, name)
    except CommandError as error:
        return [fail(f"RabbitMQ: {error}", "Check AMQP_URL.")]
    queue, dead = found[place.queue], found[place.dead]
    if queue is None or dead is None:
        absent = ", ".join(name for name, state in found.items() if state is None)
        return [fail(f"RabbitMQ has no queue {absent}", DECLARE)]
    return [
        judge_queue(place.queue, queue.waiting, queue.consumers),
        judge_dead(place.dead, dead.waiting),
    ]


def judge_queue(name: str, waiting: int, consumers: int) -> Finding:
    """Say whether the bot consumes the queue."""
    if consumers:
        return ok(f"queue {name}: {consumers} consumers, {waiting} waiting")
    said = f"queue {name}: nobody consumes it, {waiting} waiting"
    return warn(said, "Start the bot with this AMQP_URL.")


def judge_dead(name: str, waiting: int) -> Finding:
    """Say whether somebody has to look at dead letters."""
    if not waiting:
        return ok(f"queue {name}: no dead letters")
    return warn(f"queue {name}: {waiting} events could not be understood", DEAD)
