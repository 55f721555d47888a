"""Copies of a PostgreSQL database, written and read by the client programs of PostgreSQL."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, inspect

from app.composition.database import readable_database_errors
from storage.engine.database import DatabaseError, open_engine
from storage.engine.migrate import own_tables, own_views
from storage.engine.revisions import is_newer, revision_of
from utils.private_files import FILE_MODE

#: Format of pg_dump that is compressed and that pg_restore can read in any order.
FORMAT = "--format=custom"
#: Options of pg_restore for SQL statements that drop each object before they create it.
AS_STATEMENTS = ("--clean", "--if-exists", "--no-owner", "--file=-")
#: A psql that ends at the first error and shows no results.
SESSION = ("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--output={os.devnull}")

#: A line of the list of contents of a copy, such as "219; 1259 16384 TABLE public job bot".
_TABLE = re.compile(r"^\d+; \d+ \d+ TABLE \S+ (\S+) ", re.MULTILINE)
_REVISION = re.compile(r"^COPY \S+ \(version_num\) FROM stdin;\n(\w+)$", re.MULTILINE)


def save(url: URL, file: Path) -> None:
    """Write a snapshot of a database, which may be in use; only its owner may read the file."""
    file.unlink(missing_ok=True)
    file.touch(mode=FILE_MODE)
    command = ["pg_dump", FORMAT, f"--file={file}"]
    with _programs():
        subprocess.run(command, env=_environment(url), check=True)


def restore(url: URL, file: Path) -> None:
    """Replace a database by a copy. When this raises DatabaseError, nothing is changed.

    All tables of the bot are dropped first: tables that are younger than the copy would block the
    migrations that create them again. Other tables that the copy does not have stay.
    """
    with _programs():
        revision = _revision_in(file)
        _replay(url, file, "\n".join(_drops(url, revision)))


def _revision_in(file: Path) -> str:
    """Return the migration that a copy is at."""
    found = _REVISION.search(_read(["--data-only", "--table=alembic_version", "--file=-"], file))
    if found is None:
        raise DatabaseError(f"{file} cannot be used: it is not a database of this bot.")
    revision = found[1]
    if is_newer(revision) and not own_tables().issubset(_TABLE.findall(_read(["--list"], file))):
        raise DatabaseError(
            f"{file} cannot be used: it is at revision {revision}, which this version does not "
            "know, and lacks tables. It is another program's, or of a version too new for this one."
        )
    return revision


def _drops(url: URL, copied: str) -> Sequence[str]:
    """Return the SQL that drops the bot's views and tables; `copied` is the copy's revision."""
    engine = open_engine(url.render_as_string(hide_password=False))
    try:
        with readable_database_errors(engine), engine.connect() as connection:
            found = revision_of(connection)
            if found is None or (is_newer(found) and found == copied):
                return []  # no tables, or those of the copy, which drops them itself
            if is_newer(found):
                raise DatabaseError(
                    f"The database is at revision {found}, which this version does not know: it "
                    "does not know which tables to drop. Restore with the version that made "
                    "them, or into an empty database."
                )
            tables = inspect(connection)
            quote = connection.dialect.identifier_preparer.quote
            schema = quote(tables.default_schema_name or "public")
            own = {
                "VIEW": own_views().intersection(tables.get_view_names()),
                "TABLE": own_tables().intersection(tables.get_table_names()),
            }
            named = {
                kind: ", ".join(f"{schema}.{quote(name)}" for name in sorted(names))
                for kind, names in own.items()
            }
            return [f"DROP {kind} {names};" for kind, names in named.items() if names]
    finally:
        engine.dispose()


def _replay(url: URL, file: Path, before: str) -> None:
    """Run a copy's statements after those `before`, in one transaction.

    It is committed only once the copy was read to its end.
    """
    reading = subprocess.Popen(["pg_restore", *AS_STATEMENTS, str(file)], stdout=subprocess.PIPE)
    with reading, _session(url) as session:
        assert reading.stdout is not None
        assert session.stdin is not None
        with suppress(BrokenPipeError), session.stdin as statements:  # an error has ended it
            statements.write(f"BEGIN;\n{before}\n".encode())
            shutil.copyfileobj(reading.stdout, statements)
            if reading.wait() == 0:
                statements.write(b"COMMIT;\n")
    for done in (session, reading):
        if done.returncode != 0:
            raise subprocess.CalledProcessError(done.returncode, done.args)


def _session(url: URL) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(SESSION, stdin=subprocess.PIPE, env=_environment(url))


def _read(options: Sequence[str], file: Path) -> str:
    """Return what pg_restore prints about a copy."""
    command = ["pg_restore", *options, str(file)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode(
        errors="replace"
    )


def _environment(url: URL) -> Mapping[str, str]:
    """Name the database to the programs; its password is on no command line."""
    account = {"PGHOST": url.host or url.query.get("host"), "PGPORT": url.port and str(url.port)}
    account |= {"PGUSER": url.username, "PGPASSWORD": url.password, "PGDATABASE": url.database}
    return {**os.environ, **{name: str(value) for name, value in account.items() if value}}


@contextmanager
def _programs() -> Iterator[None]:
    """Raise DatabaseError for a program that is missing or fails."""
    try:
        yield
    except FileNotFoundError as error:
        raise DatabaseError(
            f"{error.filename} is not installed. Install PostgreSQL's client programs "
            "(Debian, Ubuntu: sudo apt install postgresql-client)."
        ) from None
    except subprocess.CalledProcessError as error:
        raise DatabaseError(f"{error.cmd[0]} failed: see above.") from None
