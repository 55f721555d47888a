"""Counters of messages: whatever happens to messages, they say what a recount says."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select, text, update

from domain.delivery import DeliveryStatus, StatusReport
from features.bulk.labels import Labels
from features.bulk.tables import count, day
from features.notifications.statistics.content import Numbers, add
from features.notifications.statistics.counts import by_message, counted
from features.notifications.statistics.day_counter import look_at_days
from features.notifications.statistics.periods import Period
from storage.engine.database import open_engine
from storage.engine.migrate import alembic_config, upgrade
from storage.engine.write import execute_writes
from storage.tables import deliveries
from storage.tables.delivery_table import delivery

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
NOW = BEGIN + timedelta(days=5, hours=7)
LABELS = [Labels("default", "1", "api", name, "en", "UTILITY") for name in ("order", "offer")]

STEPS = (None, timedelta(hours=1), timedelta(days=1))

Step = Callable[[Connection], None]
moments = st.integers(0, 5 * 86_400).map(lambda seconds: BEGIN + timedelta(seconds=seconds))
numbers = st.integers(0, 5)


@st.composite
def added(draw: st.DrawFn) -> Step:
    number, at, label = draw(numbers), draw(moments), draw(st.sampled_from(LABELS))
    new = deliveries.add(
        f"ntf_{number}", user_key="ana", kind="template", at=at, label=label.at(at)
    )

    def step(connection: Connection) -> None:
        known = connection.scalar(select(delivery.c.id).where(delivery.c.id == f"ntf_{number}"))
        execute_writes(connection, [] if known else [label.write(), new])

    return step


@st.composite
def reported(draw: st.DrawFn) -> Step:
    status = draw(st.sampled_from([one for one in DeliveryStatus if one != "pending"]))
    code = draw(st.sampled_from([None, 131026])) if status == DeliveryStatus.FAILED else None
    number, at = draw(numbers), draw(moments)
    report = StatusReport(
        f"wamid.{number}", status, at, f"ntf_{number}", code, None, None, draw(pricings)
    )
    return lambda connection: execute_writes(connection, deliveries.report([report]))


pricings = st.sampled_from([None, "regular", "free_customer_service"])


@st.composite
def deleted(draw: st.DrawFn) -> Step:
    is_it = delivery.c.id == f"ntf_{draw(numbers)}"

    def step(connection: Connection) -> None:
        connection.execute(delete(delivery).where(is_it))

    return step


def looked(connection: Connection) -> None:
    look_at_days(connection, NOW)


steps = st.one_of(added(), reported(), deleted(), st.just(looked), st.just(looked))


def numbers_of(connection: Connection, period: Period) -> Mapping[tuple[Any, int], Numbers]:
    """What statistics add up, without what comes to nothing."""
    found: dict[tuple[Any, int], Numbers] = defaultdict(Numbers)
    for one in counted(connection, period):
        add(found[one.labels, one.part], one.numbers)
    return {key: numbers for key, numbers in found.items() if numbers}


def recounted(connection: Connection, period: Period) -> Mapping[tuple[Any, int], Numbers]:
    known = {one.id: one for one in LABELS}
    found = by_message(connection, list(known), period.range, period.step)
    return {(known[label], part): numbers for (label, part), numbers in found.items()}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=25))
def test_they_equal_a_recount(migrated_url: str, done: list[Step]) -> None:
    engine = open_engine(migrated_url)
    with engine.begin() as connection:
        for step in done:
            step(connection)
        for length in STEPS:
            for until in (NOW, NOW - timedelta(hours=30, minutes=20)):
                period = Period("default", BEGIN + timedelta(hours=9.4), until, NOW, length)
                assert numbers_of(connection, period) == recounted(connection, period)
        connection.rollback()
    engine.dispose()


def store(connection: Connection, *times: datetime) -> None:
    for number, at in enumerate(times):
        new = deliveries.add(
            f"ntf_{number}", user_key="ana", kind="template", at=at, label=LABELS[0].at(at)
        )
        execute_writes(connection, [LABELS[0].write(), new])


def test_hours_that_are_over_are_one_row_a_day(migrated_url: str) -> None:
    """And none once their messages are gone."""
    engine = open_engine(migrated_url)
    with engine.begin() as connection:
        store(connection, BEGIN, BEGIN + timedelta(hours=5), NOW)
        assert look_at_days(connection, NOW) == 1
        [row] = connection.execute(select(day.c.whole, day.c.hours))
        first = BEGIN.timestamp() // 3600
        assert json.loads(row.whole) == {"pending:::": 2}
        assert [int(hour) - first for hour in json.loads(row.hours)] == [0, 5]
        assert connection.scalars(select(count.c.number)).all() == [1]  # of the hour that is not
        connection.execute(delete(delivery))
        look_at_days(connection, NOW)
        assert connection.execute(select(day)).all() == []
    engine.dispose()


def test_who_changes_a_message_and_who_puts_counters_together_lose_nothing(
    migrated_postgres_url: str,
) -> None:
    """Whoever comes first; the one who puts together does not wait for the other."""
    engine = open_engine(migrated_postgres_url)
    period = Period("default", BEGIN, NOW, NOW)
    is_sent = update(delivery).values(status="sent")
    is_read = update(delivery).values(status="read")
    with engine.connect() as writer, engine.connect() as other, ThreadPoolExecutor(1) as thread:
        store(writer, BEGIN, BEGIN)
        writer.commit()
        writer.execute(is_sent)
        look_at_days(other, NOW)  # what the writer changes is locked
        other.commit()
        writer.commit()
        assert numbers_of(other, period) == recounted(other, period)
        look_at_days(other, NOW)  # not committed yet: the writer has to wait
        change = thread.submit(writer.execute, is_read)
        waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        with engine.connect() as third:
            while not (change.done() or third.scalar(waits)):
                pass
        other.commit()
        change.result()
        writer.commit()
        assert numbers_of(other, period) == recounted(other, period)
    engine.dispose()


def test_messages_from_before_the_counters_are_counted(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.connect() as connection:
        command.upgrade(alembic_config(connection), "0040")
        connection.commit()
    with engine.begin() as connection:
        store(connection, BEGIN, NOW)
        read = StatusReport("wamid.1", DeliveryStatus.READ, NOW + timedelta(minutes=3), "ntf_1")
        accepted = deliveries.accept("ntf_1", "wamid.1", at=NOW)
        execute_writes(connection, [accepted, *deliveries.report([read])])
    upgrade(engine)
    period = Period("default", BEGIN, NOW, NOW)
    with engine.connect() as connection:
        found = numbers_of(connection, period)
        assert found == recounted(connection, period)
    assert found[LABELS[0], 0] == {"pending:::": 1, "read:::": 1, "to_read:184": 1}
    engine.dispose()
