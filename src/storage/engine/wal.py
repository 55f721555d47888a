"""The write-ahead log of SQLite (WAL), which grows for as long as something reads the database.

Source: sqlite.org/wal.html, "Avoiding Excessively Large WAL Files"
"""

from pathlib import Path

from sqlalchemy import URL

#: Size to which SQLite cuts the log once it is copied into the file, in bytes.
MAX_IDLE_WAL_BYTES = 64 * 1024 * 1024
#: Size above which somebody has to be told, in bytes.
WARN_WAL_BYTES = 4 * MAX_IDLE_WAL_BYTES


def wal_bytes(url: URL) -> int:
    """Return the size of the log of an SQLite database; 0 without one, and for other databases."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return 0
    file = Path(url.database).resolve()
    try:
        return file.with_name(f"{file.name}-wal").stat().st_size
    except OSError:
        return 0
