"""How many notifications wait: counters, so that nobody has to read them one by one."""

from collections import Counter
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    delete,
    func,
    select,
    tuple_,
)

from storage.engine.database import UtcTimestamp, metadata
from storage.person_rows import PURGE_BATCH

#: How many notifications wait, without reading them: most batches are one row. Triggers of
#: `notification` keep it (`0048_counts_of_waiting`), in the commit of each change.
waiting = Table(
    "notification_waiting",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("batch", Text, nullable=False),
    Column("source", Text, nullable=False),
    #: empty for a text, and so is its language
    Column("template", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("created_at", UtcTimestamp, nullable=False),
    #: 0 for what is sent at once
    Column("send_at", UtcTimestamp, nullable=False),
    #: the connection of PostgreSQL that counted: no two of them wait for each other
    Column("writer", Integer, nullable=False),
    #: negative if one connection took away what another one added
    Column("number", Integer, nullable=False),
    PrimaryKeyConstraint(
        *("tenant", "batch", "source", "template", "language", "category"),
        *("created_at", "send_at", "writer"),
    ),
    sqlite_with_rowid=False,
)


def count_waiting(connection: Connection) -> int:
    """Return the number of notifications that are not in the outbox yet."""
    return connection.scalar(select(func.sum(waiting.c.number))) or 0


def delete_empty_counters(connection: Connection) -> int:
    """Delete counters of PostgreSQL's connections that come to nothing together.

    One that another connection is changing is left out: what is deleted comes to nothing anyway.
    """
    of = waiting.c
    is_empty = func.sum(of.number) == 0
    batches = connection.scalars(select(of.batch).group_by(of.batch).having(is_empty)).all()
    rows = connection.execute(
        select(waiting).where(of.batch.in_(batches[:PURGE_BATCH])).with_for_update(skip_locked=True)
    ).all()
    sums = Counter[tuple[Any, ...]]()
    for row in rows:
        sums[row[:-2]] += row.number
    gone = [row[:-1] for row in rows if not sums[row[:-2]]]
    if gone:
        key = tuple_(*waiting.primary_key.columns)
        connection.execute(delete(waiting).where(key.in_(gone)))
    return len(gone)
