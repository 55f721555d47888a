"""Counters of what waits: whatever happens to notifications, they say what a recount says."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, update

from features.notifications.stage import Stage, Status
from features.notifications.statistics.groups import GroupBy, statistics
from features.notifications.statistics.periods import Period
from features.notifications.tables import notification
from features.notifications.waiting_counts import count_waiting, delete_empty_counters, waiting
from storage.engine.database import open_engine
from storage.engine.migrate import alembic_config, upgrade

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
NOW = BEGIN + timedelta(days=2)
KEY = ("tenant", "batch", "source", "template", "language", "category", "created_at", "send_at")
WAITS = notification.c.stage == Stage.WAITING.value

Step = Callable[[Connection], None]
numbers = st.integers(0, 5)
hours = st.integers(0, 72).map(lambda number: BEGIN + timedelta(hours=number))


def row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"ntf_{number}",
        "tenant": "default",
        "batch": f"bat_{number % 2}",
        "position": number,
        "user_key": "ana",
        "recipient": "573001234567",
        "template": None,
        "language": None,
        "category": "UTILITY",
        "content": "{}",
        "stage": Stage.WAITING.value,
        "created_at": BEGIN,
        "send_at": None,
        "due_at": BEGIN,
        "source": "api",
    } | more


@st.composite
def added(draw: st.DrawFn) -> Step:
    template = draw(st.sampled_from([None, "order", "offer"]))
    language = None if template is None else "en"
    send_at, created_at = draw(st.none() | hours), draw(hours)
    rows = [
        row(one, template=template, language=language, send_at=send_at, created_at=created_at)
        for one in draw(st.sets(numbers))
    ]

    def step(connection: Connection) -> None:
        known = set(connection.scalars(select(notification.c.id)))
        if new := [one for one in rows if one["id"] not in known]:
            connection.execute(insert(notification), new)

    return step


@st.composite
def changed(draw: st.DrawFn) -> Step:
    ids = [f"ntf_{one}" for one in draw(st.sets(numbers))]
    values: dict[str, Any] = draw(
        st.sampled_from(
            [
                *({"stage": one.value} for one in Stage),
                {"stage": Stage.RELEASED.value, "category": "MARKETING"},
                {"due_at": NOW},
                {"user_key": "eva"},
            ]
        )
    )
    return lambda c: _run(c, update(notification).where(notification.c.id.in_(ids)).values(values))


@st.composite
def gone(draw: st.DrawFn) -> Step:
    ids = [f"ntf_{one}" for one in draw(st.sets(numbers))]
    return lambda c: _run(c, delete(notification).where(notification.c.id.in_(ids)))


def _run(connection: Connection, statement: Any) -> None:
    connection.execute(statement)


def purged(connection: Connection) -> None:
    delete_empty_counters(connection)


def known(connection: Connection) -> Mapping[tuple[Any, ...], int]:
    found = Counter[tuple[Any, ...]]()
    for one in connection.execute(select(waiting)):
        found[one[:-2]] += one.number
    return {key: number for key, number in found.items() if number}


def recounted(connection: Connection) -> Mapping[tuple[Any, ...], int]:
    rows = connection.execute(select(*(notification.c[name] for name in KEY)).where(WAITS))
    unknown = {"template": "", "language": "", "send_at": datetime.fromtimestamp(0, UTC)}
    return Counter(
        tuple(
            unknown.get(name) if value is None else value
            for name, value in zip(KEY, one, strict=True)
        )
        for one in rows
    )


steps = st.one_of(added(), added(), changed(), gone(), st.just(purged))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=20))
def test_they_equal_a_recount(migrated_url: str, done: list[Step]) -> None:
    engine = open_engine(migrated_url)
    with engine.begin() as connection:
        for step in done:
            step(connection)
        assert known(connection) == recounted(connection)
        total = sum(recounted(connection).values())
        assert count_waiting(connection) == total
        groups = statistics(connection, Period("default", BEGIN, NOW, NOW), [])
        is_later = notification.c.created_at > NOW
        later = connection.scalars(select(notification.c.id).where(WAITS, is_later)).all()
        shown = [
            number
            for one in groups
            for status, number in one.by_status.items()
            if status in (Status.PENDING, Status.SCHEDULED)
        ]
        assert sum(shown) == total - len(later)
        connection.rollback()
    engine.dispose()


def test_a_batch_is_one_row_and_none_once_it_has_left(migrated_url: str) -> None:
    """So that a question costs the number of batches, however many messages they have."""
    engine = open_engine(migrated_url)
    period = Period("default", BEGIN, NOW, NOW)
    later = NOW + timedelta(minutes=1)
    with engine.begin() as connection:
        for send_at, first in ((None, 0), (later, 1_000)):
            rows = [row(first + one, batch=f"bat_{first}", send_at=send_at) for one in range(1_000)]
            connection.execute(insert(notification), rows)
        assert sorted(connection.scalars(select(waiting.c.number))) == [1_000, 1_000]
        [group] = statistics(connection, period, [GroupBy.SOURCE])
        assert group.by_status[Status.PENDING] == group.by_status[Status.SCHEDULED] == 1_000
        assert group.pending_over_an_hour == 1_000
        connection.execute(update(notification).values(stage=Stage.CANCELLED.value))
        delete_empty_counters(connection)
        assert connection.execute(select(waiting)).all() == []
        connection.rollback()
    engine.dispose()


def test_two_connections_count_beside_each_other(migrated_postgres_url: str) -> None:
    """One takes away what the other added; what one of them is changing is left alone."""
    engine = open_engine(migrated_postgres_url)
    released = update(notification).values(stage=Stage.RELEASED.value)
    with engine.connect() as one, engine.connect() as other:
        one.execute(insert(notification), [row(number) for number in range(6)])
        one.commit()
        other.execute(released.where(notification.c.id == "ntf_0"))
        one.execute(released.where(notification.c.id == "ntf_1"))  # neither waits for the other
        other.commit()
        one.commit()
        assert known(one) == recounted(one)
        assert sum(known(one).values()) == 4
        other.execute(released)
        other.commit()
        assert len(one.execute(select(waiting)).all()) == 4  # of two batches, by two connections
        one.commit()
        other.execute(insert(notification), [row(9)])  # not committed yet
        assert delete_empty_counters(one) == 2  # of the batch that nobody changes
        one.commit()
        other.commit()
        assert known(one) == recounted(one)
        assert sum(known(one).values()) == 1
    engine.dispose()


def test_what_waited_before_the_counters_is_counted(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.connect() as connection:
        command.upgrade(alembic_config(connection), "0047")
        connection.commit()
    with engine.begin() as connection:
        stages = (Stage.WAITING, Stage.WAITING, Stage.RELEASED, Stage.REFUSED)
        rows = [row(number, stage=one.value) for number, one in enumerate(stages)]
        connection.execute(insert(notification), rows)
    upgrade(engine)
    with engine.begin() as connection:
        assert known(connection) == recounted(connection)
        assert count_waiting(connection) == 2
        connection.execute(delete(notification))
        assert known(connection) == {}
    engine.dispose()
