"""Triggers that record what happens to lanes: the database itself is the witness.

They run inside the bot's own transactions, so that they record exactly what was committed.
"""

from sqlalchemy import Connection, select, text
from tests.prove.history import History, LaneEvent, StoredJob, What

from jobs.tables import job
from storage.tables.deliveries import delivery

#: The name that a process connected by, on PostgreSQL.
_APPLICATION = "current_setting('application_name')"
_TABLES = """
CREATE TABLE proof_event (id {id} PRIMARY KEY, what text, lane text, token text, process text,
  job bigint, key text, state int);
CREATE TABLE proof_process (name text);
INSERT INTO proof_process VALUES ('');
"""
_OWNER = """INSERT INTO proof_event (what, lane, token, process)
  VALUES (CASE WHEN NEW.owner IS NULL THEN 'released' ELSE 'claimed' END, NEW.name, NEW.owner,
    {process});"""
_END = """INSERT INTO proof_event (what, lane, token, process, job, key, state)
  SELECT 'ended', NEW.lane, owner, {process}, NEW.id, NEW.key, NEW.state FROM lane
  WHERE name = NEW.lane;"""
_SQLITE = """
CREATE TRIGGER proof_owner AFTER UPDATE OF owner ON lane WHEN NEW.owner IS NOT OLD.owner
  BEGIN {owner} END;
CREATE TRIGGER proof_end AFTER UPDATE OF state ON job BEGIN {end} END;
"""
_POSTGRES = """
CREATE FUNCTION proof_owner() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN {owner} RETURN NULL; END $$;
CREATE FUNCTION proof_end() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN {end} RETURN NULL; END $$;
CREATE TRIGGER proof_owner AFTER UPDATE OF owner ON lane FOR EACH ROW
  WHEN (NEW.owner IS DISTINCT FROM OLD.owner) EXECUTE FUNCTION proof_owner();
CREATE TRIGGER proof_end AFTER UPDATE OF state ON job FOR EACH ROW
  EXECUTE FUNCTION proof_end();
"""


def install(connection: Connection) -> None:
    """Create the triggers, and the tables that they write to."""
    is_file = connection.dialect.name == "sqlite"
    process = "(SELECT name FROM proof_process)" if is_file else _APPLICATION
    statements = _TABLES.format(id="INTEGER" if is_file else "bigserial")
    statements += (_SQLITE if is_file else _POSTGRES).format(
        owner=_OWNER.format(process=process), end=_END.format(process=process)
    )
    driver = connection.connection.driver_connection
    assert driver is not None, "the connection is open"
    if is_file:
        driver.executescript(statements)
    else:
        driver.execute(statements)
        driver.commit()


def name_process(connection: Connection, name: str) -> None:
    """Note the process that starts next: SQLite has only one, and does not know its name."""
    connection.execute(text("UPDATE proof_process SET name = :name"), {"name": name})
    connection.commit()


def read_events(connection: Connection) -> list[LaneEvent]:
    """Return what the triggers of this database have recorded, in order."""
    columns = "what, lane, token, process, job, key, state"
    rows = connection.execute(text(f"SELECT {columns} FROM proof_event ORDER BY id"))
    return [LaneEvent(What(what), *rest) for what, *rest in rows]


def forget(connection: Connection) -> None:
    """Delete what the triggers recorded before the backup that this database was restored from."""
    connection.execute(text("DELETE FROM proof_event"))
    connection.commit()


def read_end(connection: Connection, history: History) -> None:
    """Add what the tables hold at the end of a run."""
    columns = (job.c.id, job.c.lane, job.c.kind, job.c.key, job.c.body, job.c.state)
    history.jobs = [StoredJob(*row) for row in connection.execute(select(*columns))]
    is_accepted = delivery.c.wamid.is_not(None)
    history.accepted = frozenset(connection.scalars(select(delivery.c.id).where(is_accepted)))
    history.segments.append(read_events(connection))
