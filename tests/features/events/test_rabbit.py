"""Events from a real RabbitMQ: stored before they are acknowledged, in order, each once.

One broker serves all of it, since its start takes seconds: so the stories are one test.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import aio_pika
import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from tests.fakes.bot import ANA
from tests.fakes.captured_log import captured_log
from tests.fakes.tcp_proxy import TcpProxy
from tests.features.events.broker import Broker, running_broker
from tests.features.events.teller import Teller, order

from features.events.dead_letters import letters, put_back
from features.events.rabbit import ConsumerLost, RabbitSource
from features.events.registry import EventRules
from features.events.settings import EventSettings
from features.events.topology import Place, QueueState, declare, open_broker, state_of
from jobs.tables import job
from utils.commands import CommandError

#: Fewer than usual, so that few events show that the rest waits at the broker.
PREFETCH = 20
#: Longest wait for anything, in seconds.
PATIENCE_SECONDS = 30.0


class Town(Teller):
    """A bot that takes events from RabbitMQ, through a wire that can be cut."""

    def __init__(self, folder: Path, url: str, name: str, wire: TcpProxy) -> None:
        super().__init__(folder)
        self.wire = wire
        self.place = Place(f"{name}.events", f"{name}.whatsapp", f"{name}.dead")
        self.amqp = EventSettings(
            AMQP_URL=SecretStr(url), EVENTS_QUEUE=self.place.queue, EVENTS_DEAD_QUEUE="x"
        )

    @property
    def rules(self) -> EventRules:
        rules: EventRules = self.state.by_name()["event_rules"]
        return rules

    @property
    def intake(self) -> Any:
        return self.state.by_name()["events"]

    def source(self, rules: EventRules | None = None) -> RabbitSource:
        """What takes events; it waits for nothing but the broker."""
        return RabbitSource(
            f"amqp://guest:guest@127.0.0.1:{self.wire.port}/",
            self.place.queue,
            rules or self.rules,
            self.intake,
            self.database,
            tenant="default",
            prefetch=PREFETCH,
            watch_interval=timedelta(0),
            sleep=lambda _: asyncio.sleep(0.02),
        )

    async def publish(self, *bodies: Any, key: str = "po.approved", **more: Any) -> None:
        """Publish as docs/events.md asks for."""
        async with open_broker(self.amqp) as connection:
            channel = await connection.channel(publisher_confirms=True)
            exchange = await channel.get_exchange(self.place.exchange)
            for body in bodies:
                raw = body if isinstance(body, bytes) else json.dumps(body).encode()
                await exchange.publish(aio_pika.Message(raw, **more), key, mandatory=True)

    async def declare(self, *keys: str) -> None:
        async with open_broker(self.amqp) as connection:
            await declare(connection, self.place, [*self.rules.routing_keys, *keys])

    async def waiting(self, queue: str) -> int:
        """How many messages wait in a queue, acknowledged or not."""
        async with open_broker(self.amqp) as connection:
            state = await state_of(connection, queue)
        return -1 if state is None else state.waiting

    async def stored(self) -> Sequence[str]:
        """The ids of the events that are stored, in their order."""
        query = select(job.c.key).where(job.c.kind == "event").order_by(job.c.id)
        keys = await self.database.reader.run(lambda c, _: c.scalars(query).all())
        return [str(key).rpartition(":")[2] for key in keys]


async def until(what: Callable[[], Any], expected: Any) -> None:
    """Wait until something is as expected."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            found = what()
            found = await found if asyncio.iscoroutine(found) else found
            if found == expected:
                return
            await asyncio.sleep(0.02)


def event(id_: str, number: str = "PO-1") -> dict[str, Any]:
    return {"event_id": id_, "data": order(number)}


async def takes_events_and_sends_each_once(town: Town) -> None:
    source = town.source()
    async with source.running():
        await until(lambda: "run `python3 watch.py events declare`" in source.state, True)
        await town.declare()
        await town.declare()  # what is there stays
        await until(lambda: source.state.startswith("connected"), True)
        await town.publish(order("PO-1"), message_id="m-1")
        await town.publish(event("e-2", "PO-2"), event("e-2", "PO-2"), event("e-3", "PO-2"))
        await until(town.stored, ["m-1", "e-2", "e-3"])
        await until(lambda: town.waiting(town.place.queue), 0)
        await until(lambda: source.state, "connected to RabbitMQ, 0 waiting")
    await town.settle()
    assert sorted("PO-1" in text for text in town.got(ANA)) == [False, True]
    assert town.counted("duplicate") == 1


async def what_cannot_be_understood_is_kept_aside_and_put_back(town: Town) -> None:
    await town.declare("order.paid")
    with captured_log() as log:
        async with town.source().running():
            await town.publish(b"{", b"[]", b"x" * 300_000, {"data": {"po_number": "secret"}})
            await town.publish({"data": order("PO-3")}, key="order.paid")
            await town.publish(event("e-1"))
            await until(lambda: town.waiting(town.place.dead), 5)
            assert await town.stored() == ["e-1"]
    said = log.getvalue()
    assert (said.count("WhatsApp event refused"), "secret" in said) == (5, False)
    [rule] = town.rules
    both = EventRules((replace(rule, types=(*rule.types, "order.paid")),))
    async with open_broker(town.amqp) as connection:
        found = [one async for one in letters(connection, town.place, both, 100)]
        assert [(one.type, one.cause) for one in found[::4]] == [
            ("po.approved", "rejected"),
            ("order.paid", "rejected"),
        ]
        flaws = [(one.flaw or "none").partition(":")[0] for one in found]
        no_object = "It is no JSON object."
        too_large = "It is larger than 256 kB."
        assert flaws == [no_object, no_object, too_large, "data.supplier_phone", "none"]
        moved, kept = await put_back(connection, town.place, both, 100)
        assert (moved, len(kept)) == (1, 4)
    async with town.source(both).running():
        await until(lambda: len_of(town), 2)
    await until(lambda: town.waiting(town.place.dead), 4)


async def is_at_least(town: Town, count: int) -> bool:
    return await len_of(town) >= count


async def len_of(town: Town) -> int:
    return len(await town.stored())


async def a_cut_connection_loses_nothing_and_keeps_the_order(town: Town) -> None:
    await town.declare()
    ids = [f"{(7 * number) % 200:03}" for number in range(200)]  # out of order, as they may be
    publishing = asyncio.create_task(town.publish(*(event(one) for one in ids)))
    async with town.source().running():
        for count in (20, 60, 120):
            await until(partial(is_at_least, town, count), True)
            await town.wire.down()
            await town.wire.up()
        await publishing
        await until(lambda: len_of(town), 200)
        await until(lambda: town.waiting(town.place.queue), 0)
    assert await town.stored() == ids
    assert await town.waiting(town.place.dead) == 0


async def a_database_that_is_away_stops_the_consumer(town: Town) -> None:
    """Nothing is handed back, so that the limit of deliveries is not used up."""
    await town.declare()
    store, attempts = town.intake.queue.enqueue, 0

    async def away(*_: Any) -> None:
        nonlocal attempts
        attempts += 1
        raise OperationalError("INSERT", {}, OSError("away"))

    object.__setattr__(town.intake.queue, "enqueue", away)
    with captured_log() as log:
        async with town.source().running():
            await town.publish(*(event(str(number)) for number in range(PREFETCH * 2)))
            await until(lambda: attempts > 20, True)
            # the rest waits at the broker
            await until(lambda: town.waiting(town.place.queue), PREFETCH)
            object.__setattr__(town.intake.queue, "enqueue", store)
            await until(lambda: len_of(town), PREFETCH * 2)
    assert log.getvalue().count("WhatsApp events wait: they cannot be stored") == 1
    assert await town.stored() == [str(number) for number in range(PREFETCH * 2)]


async def a_queue_that_is_deleted_and_made_anew_is_consumed_again(town: Town) -> None:
    await town.declare()
    source = town.source()
    async with source.running():
        await until(lambda: source.state.startswith("connected"), True)
        async with open_broker(town.amqp) as connection:
            await (await connection.channel()).queue_delete(town.place.queue)
        await until(lambda: source.state.startswith("not connected"), True)
        await town.declare()
        await town.publish(event("e-1"))
        await until(town.stored, ["e-1"])


async def a_queue_of_another_form_is_told(town: Town) -> None:
    async with open_broker(town.amqp) as connection:
        await (await connection.channel()).declare_queue(town.place.queue, durable=True)
        with pytest.raises(CommandError, match="is there in another form"):
            await declare(connection, town.place, ())
    nowhere = EventSettings(AMQP_URL=SecretStr("amqp://guest:secret@127.0.0.1:1/"))
    with pytest.raises(CommandError, match="check AMQP_URL") as raised:
        async with open_broker(nowhere):
            pass
    assert "secret" not in str(raised.value)


STORIES = (
    takes_events_and_sends_each_once,
    what_cannot_be_understood_is_kept_aside_and_put_back,
    a_cut_connection_loses_nothing_and_keeps_the_order,
    a_database_that_is_away_stops_the_consumer,
    a_queue_that_is_deleted_and_made_anew_is_consumed_again,
    a_queue_of_another_form_is_told,
)


async def test_events_of_a_real_broker(tmp_path: Path) -> None:
    with running_broker() as broker:
        for number, story in enumerate(STORIES):
            folder = tmp_path / story.__name__
            folder.mkdir()
            async with town_at(folder, broker, f"s{number}") as town:
                await story(town)


@asynccontextmanager
async def town_at(folder: Path, broker: Broker, name: str) -> AsyncIterator[Town]:
    wire = TcpProxy(("127.0.0.1", broker.port))
    await wire.up()
    town = Town(folder, broker.url, name, wire)
    await town.begin()
    try:
        yield town
    finally:
        await town.stop()
        await wire.down()


async def test_a_consumer_that_the_broker_has_forgotten_begins_anew(teller: Teller) -> None:
    source = RabbitSource(
        "amqp://nowhere/",
        "q",
        EventRules(),
        teller.state.by_name()["events"],
        teller.database,
        tenant="default",
        watch_interval=timedelta(0),
    )
    looks = [QueueState(3, 1), QueueState(3, 0), QueueState(3, 1), QueueState(4, 0), None]

    async def look() -> QueueState | None:
        return looks.pop(0)

    with pytest.raises(ConsumerLost, match="no consumer"):
        await source.watch(look)
    assert (looks, source.state) == ([], "connected to RabbitMQ, 0 waiting")


async def test_an_error_at_the_end_does_not_go_on(
    teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = RabbitSource(
        "amqp://nowhere/",
        "q",
        EventRules(),
        teller.state.by_name()["events"],
        teller.database,
        tenant="default",
    )
    takes = asyncio.Event()

    async def take_until_lost() -> None:
        takes.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise ConnectionError("the connection cannot be closed")  # in place of the end

    monkeypatch.setattr(source, "_take_until_lost", take_until_lost)
    async with asyncio.timeout(30):
        async with source.running():
            await takes.wait()
