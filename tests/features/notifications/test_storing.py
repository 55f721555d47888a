"""Rows of notifications, on both databases."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, func, select
from tests.fakes.clock import ManualClock
from tests.fakes.database_templates import make_file
from tests.features.notifications.town import ORDER, order

from domain.user import User
from features.bulk.labels import Labels
from features.bulk.pace import PAGE
from features.notifications.acceptance import Batch, Conflict, StoredResponse, store
from features.notifications.api_keys import ONE_TENANT
from features.notifications.changes import cancel
from features.notifications.checks import CheckedItem, check_items
from features.notifications.due import next_page
from features.notifications.items import read_items
from features.notifications.lookup import look_up
from features.notifications.reading import Filter, find_many
from features.notifications.release import verdicts
from features.notifications.schema import BatchResult, NotificationRequest
from features.notifications.stage import Stage, Status
from features.notifications.statistics.groups import GroupBy, statistics
from features.notifications.statistics.periods import Period
from features.notifications.tables import kept_of, notification, notification_batch
from features.notifications.verdict import Verdict
from features.notifications.waiting_counts import count_waiting
from jobs.job_queue import JobQueue
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import execute_writes
from storage.person_table import forget_words, person_tables
from storage.tables import deliveries

NOW = ManualClock()()
PAUSE = timedelta(seconds=2)
TEMPLATES = {"order_update": [ORDER]}


async def checked(database: GroupCommit, *items: object) -> Sequence[CheckedItem]:
    request = NotificationRequest.model_validate({"items": items})
    read = read_items(request, NOW, None)
    known = await database.reader.run(
        lambda c, _: look_up(
            c, read, tenant=ONE_TENANT, now=NOW, templates_named=lambda c, names: TEMPLATES
        )
    )
    return check_items(read, known, NOW, language="en")


async def stored(database: GroupCommit, batch: Batch) -> StoredResponse | Conflict:
    return await JobQueue(database).decide(partial(store, batch=batch))


def ids_of(result: StoredResponse | Conflict) -> list[str]:
    assert isinstance(result, StoredResponse)
    found = BatchResult.model_validate_json(result.response)
    return [one.id for one in found.items if one.id]


async def test_the_database_keeps_keys_references_and_retries_apart(database: GroupCommit) -> None:
    items = await checked(database, order(reference="R1"), order("+1 555 123 4567"))
    batch = Batch(ONE_TENANT, items, "print", "key", PAUSE)
    first = await stored(database, batch)
    again = await stored(database, replace(batch, id="bat_other"))
    assert isinstance(first, StoredResponse)
    assert again == StoredResponse(first.response, is_replayed=True)
    assert await stored(database, replace(batch, fingerprint="another")) == Conflict()
    seen = await stored(database, replace(batch, id="bat_3", idempotency_key="other"))
    assert seen == Conflict(positions=[0])
    [id_, _] = ids_of(first)
    retry = Batch(ONE_TENANT, items[:1], "", None, PAUSE, retry_of=id_)
    [retried] = ids_of(await stored(database, retry))
    assert await stored(database, replace(retry, id="bat_4")) == Conflict(retried_as=retried)
    counts = await database.reader.run(
        lambda c, _: [
            c.scalar(select(func.count()).select_from(table))
            for table in (notification, notification_batch)
        ]
    )
    assert counts == [3, 2]


async def test_what_is_due_is_decided_read_and_counted(database: GroupCommit) -> None:
    later = (NOW + timedelta(hours=1)).isoformat()
    items = await checked(database, order(), order("+1 555 123 4567"), order(send_at=later))
    first, second, third = ids_of(
        await stored(database, Batch(ONE_TENANT, items, "", "key", PAUSE))
    )

    names = (ORDER.name, ORDER.language, ORDER.category)
    labels = Labels(ONE_TENANT, "1", "api", *names)

    def release(connection: Connection, now: float) -> tuple[list[str], datetime | None]:
        at = datetime.fromtimestamp(now, UTC)
        page = next_page(
            connection,
            ONE_TENANT,
            at,
            most=10,
            only_codes=False,
            templates_named=lambda c, names: TEMPLATES,
        )
        found = list(verdicts(page, at))
        execute_writes(connection, [one.write(at) for one in found])
        shown = [one.row.id for one in found if one.stage is Stage.RELEASED]
        execute_writes(
            connection,
            [
                labels.write(),
                *(
                    deliveries.add(one, user_key=None, kind="template", at=at, label=labels.at(at))
                    for one in shown
                ),
            ],
        )
        return shown, page.next_due

    released, next_due = await database.submit(Transaction(release))
    assert (released, next_due) == ([first, second], NOW + timedelta(hours=1))
    failed = deliveries.refuse(first, code=131026, text="Undeliverable", at=NOW)
    taken = deliveries.accept(second, "wamid.1", at=NOW)
    await database.submit(Transaction(lambda c, _: execute_writes(c, [failed, taken])))

    def read(connection: Connection, now: float) -> None:
        at = datetime.fromtimestamp(now, UTC)
        many = partial(find_many, connection, ONE_TENANT, now=at, most=10)
        assert {one.id: one.status for one in many(Filter())} == {
            first: Status.FAILED,
            second: Status.ACCEPTED,
            third: Status.SCHEDULED,
        }
        assert [one.id for one in many(Filter(status=Status.FAILED))] == [first]
        period = Period(ONE_TENANT, at - timedelta(days=1), at, at)
        for by in {*GroupBy} - {GroupBy.NUMBER}:
            [group] = statistics(connection, period, [by])
            assert (group.total, group.failed_by_code) == (3, {"131026": 1})

    await database.reader.run(read)
    result = await database.submit(
        Transaction(lambda c, _: cancel(c, ONE_TENANT, notification.c.tenant == ONE_TENANT, NOW))
    )
    assert result is not None
    counts, ids = result
    assert (counts.cancelled, counts.too_late, len(ids)) == (1, 2, 1)


async def test_retention_and_deletion_run(database: GroupCommit) -> None:
    items = await checked(database, order())
    await stored(database, Batch(ONE_TENANT, items, "", None, PAUSE))
    [declared] = [one for one in person_tables() if one.table is notification]
    assert declared.purge is not None
    purge = declared.purge
    in_time = NOW + timedelta(days=9)
    done = [
        await database.submit(Transaction(lambda c, _: purge(c, in_time.timestamp())))
        for _ in range(2)
    ]
    assert done == [1, 0]  # the batch; the notification waits
    await database.submit(Transaction(lambda c, _: execute_writes(c, forget_words("573001234567"))))
    late = NOW + timedelta(days=91)
    gone = await database.submit(Transaction(lambda c, _: purge(c, late.timestamp())))
    assert gone == 1


async def test_batches_take_turns_and_a_single_message_waits_for_none(tmp_path: Path) -> None:
    """Whoever comes later begins with the page that is next, not after what waits."""
    make_file(tmp_path / "turns.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'turns.db'}")
    clock = ManualClock()
    database = GroupCommit(engine, lambda _: clock.now)

    async def add(name: str, count: int) -> None:
        items = await checked(database, order(metadata={"name": name}))
        many = [replace(items[0], read=replace(items[0].read, position=n)) for n in range(count)]
        await stored(database, Batch(ONE_TENANT, many, name, name, PAUSE, id=name))

    def next_batches(connection: Connection, now: float) -> Counter[str]:
        at = datetime.fromtimestamp(now, UTC)
        named: Any = lambda c, names: {}  # noqa: E731
        options: Any = {"most": PAGE, "only_codes": False, "templates_named": named}
        rows = next_page(connection, ONE_TENANT, at, **options).rows
        gone = [Verdict(row, User(row.user_key), Stage.EXPIRED).write(at) for row in rows]
        execute_writes(connection, gone)
        return Counter(row.batch for row in rows)

    await add("bat_first", 4 * PAGE)
    pages = []
    for step in range(8):
        pages.append(await database.submit(Transaction(next_batches)))
        if step == 0:
            clock.advance(PAUSE)
            await add("bat_second", 2 * PAGE)
            await add("bat_single", 1)
        clock.advance(PAUSE)
    assert pages[0] == {"bat_first": PAGE}
    assert pages[1]["bat_single"] == 1
    firsts = [page["bat_first"] for page in pages]
    seconds = [page["bat_second"] for page in pages]
    # the second batch is done before the first one, which is twice as long
    assert sum(seconds[1:5]) == 2 * PAGE
    assert sum(firsts[1:4]) >= PAGE
    assert (sum(firsts), sum(seconds)) == (4 * PAGE, 2 * PAGE)
    await database.close()


async def test_no_query_reads_all_notifications(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    make_file(file)
    engine = open_engine(f"sqlite:///{file}")
    asked: list[tuple[str, Any]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(*given: Any) -> None:
        asked.append((given[2], given[3]))

    items = read_items(
        NotificationRequest.model_validate({"items": [order(reference="R")]}), NOW, None
    )
    named: Any = lambda connection, names: TEMPLATES  # noqa: E731
    [declared] = [one for one in person_tables() if one.table is notification]
    assert declared.purge is not None
    with engine.begin() as c:
        look_up(c, items, tenant=ONE_TENANT, now=NOW, templates_named=named)
        due = partial(next_page, c, ONE_TENANT, NOW, most=10, templates_named=named)
        due(only_codes=False)
        due(only_codes=True)
        for wanted in (
            Filter(reference="R"),
            Filter(batch="bat_1"),
            Filter(after="ntf_1"),
        ):
            find_many(c, ONE_TENANT, wanted, NOW, most=10)
        kept_of(c, "key")
        count_waiting(c)
        cancel(c, ONE_TENANT, notification.c.batch == "bat_1", NOW)
        declared.purge(c, NOW.timestamp())
        execute_writes(c, forget_words("key"))
        plans = [
            (sql, plan)
            for sql, values in list(asked)
            if "notification" in sql and not sql.startswith("INSERT")
            for plan in [c.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()]
        ]
    engine.dispose()
    assert len(plans) >= 12
    steps = {row[3] for _, plan in plans for row in plan}
    scans = {one for one in steps if one.startswith("SCAN notification")}
    # This index holds nothing but what waits.
    small = "SCAN notification USING COVERING INDEX ix_notification_waiting"
    counters = "SCAN notification_waiting"  # a row for most batches
    assert scans - {small, small.replace("COVERING ", ""), counters} == set()
