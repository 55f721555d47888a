"""Cases and their numbers are the same on both databases."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, select
from tests.features.inbox.test_search import keep

from features.inbox import operators
from features.inbox.numbers import Target, read_numbers
from features.inbox.operators import Role
from features.inbox.tables import cases, mentions, presence, scheduled, tags, threads
from features.inbox.tables.cases import inbox_case
from features.inbox.tables.scheduled import ScheduledMessage
from features.inbox.tables.threads import inbox_thread
from storage.engine.database import insert, open_engine
from storage.engine.write import Write, execute_writes
from storage.person_table import merge_users

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def minutes(number: float) -> datetime:
    return NOW + timedelta(minutes=number)


def write(connection: Connection, *writes: Write) -> None:
    for one in writes:
        execute_writes(connection, [one])


def test_a_person_has_one_open_case_and_its_first_answer_counts(migrated_url: str) -> None:
    engine = open_engine(migrated_url)
    with engine.begin() as connection:
        keep(connection, ("ana", "hello"), ("luis", "hello"))
        write(
            connection,
            *(cases.open_("ana", minutes(0)), cases.open_("ana", minutes(1))),
            *(cases.answer("ana", "Eva", minutes(4)), cases.answer("ana", "Luis", minutes(5))),
            *(cases.close("ana", minutes(10)), cases.close("ana", minutes(11))),
            *(cases.open_("ana", minutes(20)), cases.open_("luis", minutes(30))),
        )
        merge_users(connection, into="ana", other="luis")
        query = select(inbox_case.c.user_key, inbox_case.c.closed_at)
        rows = connection.execute(query.order_by(inbox_case.c.opened_at)).all()
        assert [tuple(row) for row in rows] == [("ana", minutes(10)), ("ana", None)]
        found = read_numbers(
            connection, date(2026, 11, 26), date(2026, 11, 27), UTC, Target(3, minutes(40))
        )
        assert (found.whole.cases, found.whole.first, found.whole.resolution) == (2, [240], [600])
        assert [(name, one.median_first) for name, one in found.operators.items()] == [("Eva", 240)]
        today = found.days[date(2026, 11, 27)]
        assert (today.people, today.by_bot_alone, today.answers.cases) == (1, 0, 2)
        assert found.days[date(2026, 11, 26)].people == 0
        assert found.whole.missed == 2  # answered after 4 minutes, and never
    engine.dispose()


def test_what_operators_keep_of_a_person_is_kept_on_both_databases(migrated_url: str) -> None:
    engine = open_engine(migrated_url)
    with engine.begin() as connection:
        for who in ("ana", "ana", "luis"):
            tags.put(connection, {"user_key": who, "tag": "VIP", "added_by": "Eva", "at": NOW})
        assert tags.of_people(connection, ["ana", "luis"]) == {"ana": ["VIP"], "luis": ["VIP"]}
        mentions.add(connection, "note:1", "ana", "eva", NOW)
        assert (mentions.count_new(connection, "eva"), mentions.count_new(connection, "x")) == (
            1,
            0,
        )
        mentions.see(connection, "ana", "eva", NOW)
        assert mentions.count_new(connection, "eva") == 0
        for is_typing in (False, True):
            presence.note(connection, "eva", "Eva", "ana", now=NOW, is_typing=is_typing)
        assert presence.others(connection, "luis", "ana", NOW) == [("Eva", True)]
        later = [
            ScheduledMessage(name, "ana", minutes(9 - len(name)), "x", "Eva")
            for name in ("a", "bc")
        ]
        for one in later:
            scheduled.put(connection, one)
        write(connection, scheduled.remove(["bc"]))
        assert scheduled.of(connection, "ana") == later[:1]
    engine.dispose()


def test_turns_and_uses_are_the_same_on_both_databases(migrated_url: str) -> None:
    engine = open_engine(migrated_url)
    people = ("ana", "luis", "mia")
    with engine.begin() as connection:
        keep(connection, *((who, "hello") for who in people))
        for who in people:
            row = {"user_key": who, "phone_number_id": "1", "last_at": NOW, "last_direction": "in"}
            connection.execute(
                insert(connection, inbox_thread).values(row).on_conflict_do_nothing()
            )
        for name in ("Eva", "Luz"):
            operator = operators.add(connection, name, Role.AGENT, NOW)
            operators.mark_seen(connection, operator, minutes(5))
        for number, who in enumerate(people):
            write(connection, threads.give(who, minutes(5 + number / 10)))
        given = select(inbox_thread.c.assigned_to).order_by(inbox_thread.c.user_key)
        assert list(connection.scalars(given)) == ["Eva", "Luz", "Eva"]
        used = [operators.use_once(connection, "once", NOW, timedelta(minutes=5)) for _ in range(2)]
        assert used == [True, False]
    engine.dispose()
