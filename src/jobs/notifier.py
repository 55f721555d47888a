"""Notifies the workers of other processes that jobs were stored, where the database can do so.

PostgreSQL can, with LISTEN and NOTIFY (postgresql.org/docs/current/sql-notify.html). It is only a
hint: a worker that misses a notification finds the jobs at its next poll.
"""

from sqlalchemy import Connection, func, select

#: Channel of NOTIFY.
CHANNEL = "lanes"

_notify = select(func.pg_notify(CHANNEL, ""))


def notify(connection: Connection) -> None:
    """Notify workers at the commit. Call it once a group: such commits wait for each other."""
    if connection.dialect.name == "postgresql":
        connection.execute(_notify)
