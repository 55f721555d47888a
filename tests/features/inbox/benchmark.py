"""How long a search among two million messages takes, on both databases."""

import random
import tempfile
import time
from collections.abc import Iterator
from itertools import accumulate, islice

from sqlalchemy import Connection, Engine, text
from tests.benchmarks.report import Figure, Report, Section
from tests.fakes.postgres import postgres

from features.inbox.search import find_messages
from features.inbox.tables.threads import inbox_thread
from storage.engine.database import open_engine
from storage.engine.migrate import upgrade

#: Messages, and how many of them each person wrote.
MESSAGES, EACH = 2_000_000, 20
BATCH = 20_000
#: Words by how often they are used: the first in every tenth message, the last hardly ever.
VOCABULARY = [f"word{number}" for number in range(30_000)]
WEIGHTS = list(accumulate(1 / number for number in range(1, len(VOCABULARY) + 1)))
SEARCHES = {
    "a common word": ("word3", None),
    "a rare word": ("word29876", None),
    "two words": ("word500 word900", None),
    "a word that nobody wrote": ("zzz", None),
    "a rare word, of those who wait": ("word2987", inbox_thread.c.waiting_since.is_not(None)),
}
TIMES = 5


def measure(report: Report, scale: float) -> None:
    """Fill the tables, and search."""
    number = int(MESSAGES * scale)
    section = Section("inbox", f"Search among {number:,} messages of the inbox")
    report.sections.append(section)
    with tempfile.TemporaryDirectory() as folder:
        _measure(section, open_engine(f"sqlite:///{folder}/bot.db"), number)
    with postgres() as server:
        _measure(section, open_engine(server.url), number)


def _measure(section: Section, engine: Engine, number: int) -> None:
    upgrade(engine)
    name = engine.dialect.name
    began = time.perf_counter()
    rows = _rows(number)
    with engine.begin() as connection:
        while batch := list(islice(rows, BATCH)):
            _store(connection, batch)
        connection.execute(text(_THREADS))
        connection.execute(text("ANALYZE"))
    took = time.perf_counter() - began
    section.add(Figure(f"{name}: stored", number / took))
    for title, (words, is_meant) in SEARCHES.items():
        times = []
        with engine.connect() as connection:
            for _ in range(TIMES):
                began = time.perf_counter()
                hits = find_messages(connection, words, is_meant)
                times.append((time.perf_counter() - began) * 1000)
        note = f"{len(hits.by_person)} people" + (", not all looked at" if hits.since else "")
        times.sort()
        middle, longest = times[TIMES // 2], times[-1]
        section.add(Figure(f"{name}: {title}", None, None, middle, longest, longest, note))
    engine.dispose()


_THREADS = """
INSERT INTO inbox_thread (user_key, phone_number_id, last_at, last_direction, waiting_since)
SELECT user_key, '1', max(at), 'in', CASE WHEN user_key LIKE '%77' THEN max(at) END
FROM inbox_message GROUP BY user_key
"""


def _rows(number: int) -> Iterator[tuple[str, str, str, float]]:
    chance = random.Random(1)
    for place in range(number):
        words = chance.choices(VOCABULARY, cum_weights=WEIGHTS, k=chance.randint(2, 14))
        who = f"person-{chance.randrange(max(1, number // EACH))}"
        yield f"wamid.{place:028}", who, " ".join(words), 1.7e9 + place


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
