"""Events of RabbitMQ while connections are cut and the process is killed: each once, in order."""

import asyncio
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import aio_pika
import psutil
from pydantic import SecretStr
from tests.benchmarks.report import Figure, Report, Section
from tests.fakes.database_templates import make_file
from tests.fakes.tcp_proxy import TcpProxy
from tests.features.events.broker import Broker, program, running_broker
from tests.features.events.teller import order

from features.events.dead_letters import put_back
from features.events.registry import EventRules, find_rules
from features.events.settings import EventSettings
from features.events.topology import Place, declare, open_broker, state_of

EVENTS = 100_000
#: Events of one purchase order, which have to keep their order.
PER_ORDER = 5
DUPLICATES, POISON = 0.01, 0.001
CUTS, KILLS = 3, 2
#: A type without a file, until somebody writes one.
LATER = "order.later"
#: Messages that one publisher has under way.
UNCONFIRMED = 200


class Sent(NamedTuple):
    """A message to be published."""

    key: str
    id: str
    body: bytes


def messages(count: int) -> list[Sent]:
    """Return messages whose ids have no order, with duplicates and what nobody understands."""
    chance = random.Random(1)
    ids = [f"{number:08}" for number in range(count)]
    chance.shuffle(ids)
    made: list[Sent] = []
    for number, id_ in enumerate(ids):
        data = order(f"PO-{number // PER_ORDER}", step=number % PER_ORDER)
        key = LATER if chance.random() < POISON else "po.approved"
        made.append(Sent(key, id_, json.dumps({"data": data}).encode()))
        if chance.random() < DUPLICATES:
            made.append(made[-1])
    return made


class Stage:
    """The broker, a wire to it, a database, and the process under test."""

    def __init__(self, broker: Broker, wire: TcpProxy, folder: Path) -> None:
        self.broker = broker
        self.wire = wire
        self.file = folder / "bot.db"
        self.place = Place("events", "whatsapp.events", "whatsapp.dead")
        self.settings = EventSettings(AMQP_URL=SecretStr(broker.url))
        make_file(self.file)

    @contextmanager
    def process(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run the process; kill it at the end."""
        url = f"amqp://guest:guest@127.0.0.1:{self.wire.port}/?heartbeat=10"
        module = "tests.features.events.consuming"
        command = [sys.executable, "-m", module, url, self.place.queue, str(self.file)]
        running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            yield running
        finally:
            running.kill()
            running.wait()

    async def publish(self, sent: Sequence[Sent]) -> None:
        """Publish with confirms, many under way, in their order."""
        async with open_broker(self.settings) as connection:
            channel = await connection.channel(publisher_confirms=True)
            exchange = await channel.get_exchange(self.place.exchange)
            for start in range(0, len(sent), UNCONFIRMED):
                await asyncio.gather(
                    *(
                        exchange.publish(
                            aio_pika.Message(
                                one.body,
                                message_id=one.id,
                                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                            ),
                            one.key,
                        )
                        for one in sent[start : start + UNCONFIRMED]
                    )
                )

    def stored(self) -> list[tuple[str, str]]:
        """The keys and bodies of what is stored, in the order of arrival."""
        with closing(sqlite3.connect(self.file)) as connection:
            rows = connection.execute("SELECT key, body FROM job WHERE kind = 'event' ORDER BY id")
            return [(str(key), str(body)) for key, body in rows]

    def count(self) -> int:
        with closing(sqlite3.connect(self.file)) as connection:
            [[count]] = connection.execute("SELECT count(*) FROM job WHERE kind = 'event'")
            return int(count)

    async def waiting(self, queue: str) -> int:
        async with open_broker(self.settings) as connection:
            state = await state_of(connection, queue)
        return state.waiting if state else -1

    async def until(self, count: int) -> None:
        """Wait until so many events are stored."""
        while await asyncio.to_thread(self.count) < count:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)


def measure(report: Report, scale: float) -> None:
    """Publish, cut, kill; then count."""
    section = Section("events", "Events of RabbitMQ, stored on SQLite (synchronous FULL)")
    report.sections.append(section)
    if program() is None:
        section.add(Figure("RabbitMQ is not installed", note="apt install rabbitmq-server"))
        return
    asyncio.run(_measure(section, int(EVENTS * scale)))


async def _measure(section: Section, count: int) -> None:
    with running_broker() as broker, tempfile.TemporaryDirectory() as folder:
        wire = TcpProxy(("127.0.0.1", broker.port))
        await wire.up()
        stage = Stage(broker, wire, Path(folder))
        async with open_broker(stage.settings) as connection:
            await declare(connection, stage.place, [*find_rules().routing_keys, LATER])
        await _drain(section, stage, count // 5)
        await _survive(section, stage, messages(count))
        await wire.down()


async def _drain(section: Section, stage: Stage, count: int) -> None:
    """Measure how fast a full queue is stored."""
    data = json.dumps({"data": order("PO-0")}).encode()
    await stage.publish([Sent("po.approved", f"drain-{one}", data) for one in range(count)])
    with stage.process() as running:
        await stage.until(1)
        used = psutil.Process(running.pid).cpu_times
        first, began, before = await asyncio.to_thread(stage.count), time.monotonic(), used()
        await stage.until(count)
        took, after = time.monotonic() - began, used()
    rate = (count - first) / took
    busy = (after.user + after.system - before.user - before.system) / (count - first)
    note = f"stored; {busy * 1e6:,.0f} µs of processor each, so {1 / busy:,.0f}/s of one core"
    section.add(Figure("a full queue", per_second=rate, note=note))
    with closing(sqlite3.connect(stage.file)) as connection:
        connection.execute("DELETE FROM job")
        connection.commit()


async def _survive(section: Section, stage: Stage, sent: Sequence[Sent]) -> None:
    """Publish all, with cuts and kills on the way; say what is missing, twice, or in disorder."""
    good = dict.fromkeys(one.id for one in sent if one.key != LATER)
    poison = sum(one.key == LATER for one in sent)
    began = time.monotonic()
    publishing = asyncio.create_task(stage.publish(sent))
    troubles = CUTS + KILLS
    marks = [len(good) * (number + 1) // (troubles + 1) for number in range(troubles)]
    for number in range(KILLS + 1):
        with stage.process():
            for mark in marks[number :: KILLS + 1]:
                await stage.until(mark)
                await stage.wire.down()
                await stage.wire.up()
            if number == KILLS:
                await publishing
                await stage.until(len(good))
                while await stage.waiting(stage.place.queue):  # noqa: ASYNC110 - of another process
                    await asyncio.sleep(0.1)
    took = time.monotonic() - began
    rows = await asyncio.to_thread(stage.stored)
    ids = [key.rpartition(":")[2] for key, _ in rows]
    dead = await stage.waiting(stage.place.dead)
    trouble = f"{CUTS} cuts, {KILLS} kills"
    section.add(Figure("published", note=f"{len(sent):,} in {took:.0f} s, {trouble}"))
    section.add(Figure("missing", note=f"{len(good.keys() - set(ids)):,}"))
    section.add(Figure("twice", note=f"{len(ids) - len(set(ids)):,}"))
    section.add(Figure("orders in disorder", note=f"{disordered(rows):,}"))
    section.add(Figure("dead letters", note=f"{dead} of {poison} that nobody understands"))
    section.add(Figure("put back and stored", note=await _replay(stage, len(ids))))


async def _replay(stage: Stage, stored: int) -> str:
    """Put dead letters back, once a file is about them; return how many of them are readable."""
    [rule] = [one for one in find_rules() if "po.approved" in one.types]
    rules = EventRules((replace(rule, types=(*rule.types, LATER)),))
    async with open_broker(stage.settings) as connection:
        moved, kept = await put_back(connection, stage.place, rules, stored)
    return f"{moved} put back, {len(kept)} kept"


def disordered(rows: Sequence[tuple[str, str]]) -> int:
    """Return how many orders have an event after a later one."""
    last: dict[str, int] = {}
    wrong: set[str] = set()
    for _, body in rows:
        data = json.loads(body)["data"]
        number, step = data["po_number"], int(data["step"])
        if step < last.get(number, -1):
            wrong.add(number)
        last[number] = step
    return len(wrong)
