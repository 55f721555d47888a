"""How long pages of the inbox take with two million messages, on both databases.

A page asks for the list, a conversation, or a search; each row has the ratio of its p95 to the
200 ms in which it should be there. Then how soon open pages have a message, and what they cost the
webhooks.
"""

import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import accumulate, islice

from sqlalchemy import Connection, Engine, text
from tests.benchmarks.report import Figure, Report, Section
from tests.fakes.postgres import postgres
from tests.features.inbox.news_benchmark import measure_news

from features.inbox.operators import OWNER, Operator, Role
from features.inbox.reading import ListFilter, Show, list_threads
from features.inbox.thread_view import Place, show_thread
from storage.engine.database import open_engine
from storage.engine.migrate import upgrade

#: Messages, and how many of them each person wrote.
MESSAGES, EACH = 2_000_000, 20
BATCH = 20_000
#: In which a page should be there, in milliseconds.
TARGET_MS = 200.0
#: Words by how often they are used: the first in every tenth message, the last hardly ever.
VOCABULARY = [f"word{number}" for number in range(30_000)]
WEIGHTS = list(accumulate(1 / number for number in range(1, len(VOCABULARY) + 1)))
BEGAN = 1.7e9
EVA = Operator("eva", "Eva", Role.AGENT)
ASKED: Mapping[str, ListFilter] = {
    "the list": ListFilter(),
    "who waits": ListFilter(Show.WAITING),
    "who has waited for an hour": ListFilter(Show.WAITING, minutes=60),
    "mine": ListFilter(Show.MINE),
    "unassigned": ListFilter(Show.UNASSIGNED),
    "unread": ListFilter(Show.UNREAD),
    "a tag": ListFilter(tag="VIP"),
    "a name": ListFilter(search="person 77"),
    "a number": ListFilter(search="5730000077"),
    "a common word": ListFilter(search="word3"),
    "a rare word": ListFilter(search="word29876"),
    "two words": ListFilter(search="word500 word900"),
    "a word that nobody wrote": ListFilter(search="zzz"),
    "a rare word, of those who wait": ListFilter(Show.WAITING, search="word2987"),
}
TIMES = 20


def measure(report: Report, scale: float) -> None:
    """Fill the tables, and ask as pages do."""
    number = int(MESSAGES * scale)
    title = f"Inbox: {number:,} messages of {number // EACH:,} people; ratio of the p95 to 200 ms"
    section = Section("inbox", title)
    report.sections.append(section)
    with tempfile.TemporaryDirectory() as folder:
        _measure(section, open_engine(f"sqlite:///{folder}/bot.db"), number)
    with postgres() as server:
        _measure(section, open_engine(server.url), number)
    measure_news(report, scale)


def _measure(section: Section, engine: Engine, number: int) -> None:
    upgrade(engine)
    began = time.perf_counter()
    rows = _rows(number)
    with engine.begin() as connection:
        while batch := list(islice(rows, BATCH)):
            _store(connection, batch)
        for statement in _PEOPLE:
            connection.execute(text(statement))
        connection.execute(text("ANALYZE"))
    name, took = engine.dialect.name, time.perf_counter() - began
    section.add(Figure(f"{name}: stored", number / took))
    now = datetime.fromtimestamp(BEGAN + number, UTC)
    chance = random.Random(2)

    def thread(connection: Connection) -> str:
        key = f"person-{chance.randrange(max(1, number // EACH))}"
        found = show_thread(connection, key, Place(), operator=OWNER, now=now)
        return f"{len(found['messages']) if found else 0} messages"

    _time(section, engine, f"{name}: a conversation", thread)
    for title, wanted in ASKED.items():

        def ask(connection: Connection, wanted: ListFilter = wanted) -> str:
            found = list_threads(connection, wanted, operator=EVA, now=now)
            more = ", more to look at" if found.searched_since else ""
            return f"{len(found.threads)} people{more}"

        _time(section, engine, f"{name}: {title}", ask)
    engine.dispose()


def _time(section: Section, engine: Engine, title: str, ask: Callable[[Connection], str]) -> None:
    times, said = [], ""
    with engine.connect() as connection:
        for _ in range(TIMES):
            began = time.perf_counter()
            said = ask(connection)
            times.append((time.perf_counter() - began) * 1000)
    times.sort()
    p95 = times[int(TIMES * 0.95) - 1]
    note = f"p95 {p95:,.1f} ms, {said}"
    section.add(Figure(title, None, p95 / TARGET_MS, times[TIMES // 2], times[-1], times[-1], note))


_PEOPLE = (
    "INSERT INTO users (key, wa_id, profile_name) SELECT user_key, "
    "'57300' || substr(user_key, 8), 'Person ' || substr(user_key, 8) "
    "FROM inbox_message GROUP BY user_key",
    "INSERT INTO inbox_thread (user_key, phone_number_id, last_at, last_text, last_direction, "
    "unread, waiting_since, assigned_to, found_by) SELECT user_key, '1', max(at), 'hello', 'in', "
    "CASE WHEN user_key LIKE '%33' THEN 2 ELSE 0 END, "
    "CASE WHEN user_key LIKE '%77' THEN max(at) END, "
    "CASE WHEN user_key LIKE '%777' THEN 'Eva' END, "
    "'person ' || substr(user_key, 8) || ' 57300' || substr(user_key, 8) "
    "FROM inbox_message GROUP BY user_key",
    "INSERT INTO inbox_tag (user_key, tag, added_by, at) "
    "SELECT user_key, 'VIP', 'Eva', last_at FROM inbox_thread WHERE user_key LIKE '%9'",
)


def _rows(number: int) -> Iterator[tuple[str, str, str, float]]:
    chance = random.Random(1)
    for place in range(number):
        words = chance.choices(VOCABULARY, cum_weights=WEIGHTS, k=chance.randint(2, 14))
        who = f"person-{chance.randrange(max(1, number // EACH))}"
        yield f"wamid.{place:028}", who, " ".join(words), BEGAN + place


def _store(connection: Connection, batch: list[tuple[str, str, str, float]]) -> None:
    names = "id, user_key, text, at, direction, kind"
    if connection.dialect.name == "sqlite":
        insert = f"INSERT INTO inbox_message ({names}) VALUES (?, ?, ?, ?, 'in', 'text')"
        connection.exec_driver_sql(insert, batch)
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(f"COPY inbox_message ({names}) FROM STDIN") as copy:
        for row in batch:
            copy.write_row((*row, "in", "text"))
