"""Days that are counted once: whatever happens to their messages, they say what a recount says."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, func, select, update

from domain.delivery import DeliveryStatus, StatusReport
from features.bulk.labels import Labels
from features.bulk.tables import DayState, day
from features.notifications.statistics.counts import Period
from features.notifications.statistics.day_counter import look_at_days
from features.notifications.statistics.groups import GroupBy, statistics
from storage.engine.database import open_engine
from storage.engine.write import execute_writes
from storage.tables import deliveries
from storage.tables.delivery_table import delivery

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
NOW = BEGIN + timedelta(days=5, hours=7)
LABELS = [Labels("default", "1", "api", name, "en", "UTILITY") for name in ("order", "offer")]

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
    execute_writes(connection, look_at_days(connection, NOW))


steps = st.one_of(added(), reported(), deleted(), st.just(looked), st.just(looked))


def numbers_of(connection: Connection, by: list[GroupBy]) -> list[dict[str, Any]]:
    period = Period("default", BEGIN + timedelta(hours=9), NOW, NOW)
    return [one.model_dump() for one in statistics(connection, period, by)]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=25))
def test_they_equal_a_recount(migrated_url: str, done: list[Step]) -> None:
    engine = open_engine(migrated_url)
    with engine.begin() as connection:
        for step in done:
            step(connection)
        for by in ([], [GroupBy.DAY, GroupBy.TEMPLATE]):
            known = numbers_of(connection, by)
            with connection.begin_nested() as savepoint:
                connection.execute(update(day).values(state=DayState.STALE.value))
                recounted = numbers_of(connection, by)
                savepoint.rollback()
            assert known == recounted
        connection.rollback()
    engine.dispose()


def test_a_day_that_is_over_is_counted_in_the_second_look(migrated_url: str) -> None:
    """Between both, whatever has seen that nobody watched the day has ended."""
    engine = open_engine(migrated_url)
    label = LABELS[0]
    with engine.begin() as connection:
        for number, at in enumerate((BEGIN, NOW)):
            new = deliveries.add(
                f"ntf_{number}", user_key="ana", kind="template", at=at, label=label.at(at)
            )
            execute_writes(connection, [label.write(), new])
        states = []
        for _ in range(3):
            looked(connection)
            states.append(connection.scalars(select(day.c.state).order_by(day.c.day)).all())
        count = connection.scalar(select(func.count()).select_from(day).where(day.c.content != ""))
    engine.dispose()
    assert states == [[1, 0], [2, 0], [2, 0]]
    assert count == 1
