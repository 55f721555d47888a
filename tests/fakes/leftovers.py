"""What is left of somebody: in the rows of all tables, and in the bytes of SQLite's files."""

from pathlib import Path

from sqlalchemy import Connection, select

from storage.engine.database import metadata
from storage.engine.group_commit import GroupCommit, Transaction


async def in_rows(database: GroupCommit, *words: str) -> set[tuple[str, str]]:
    """(table, word) for each word that a row holds."""

    def search(connection: Connection, _now: float) -> set[tuple[str, str]]:
        return {
            (table.name, word)
            for table in metadata.sorted_tables
            for row in connection.execute(select(table))
            for word in words
            if word in str(row)
        }

    return await database.submit(Transaction(search))


def in_bytes(folder: Path, *words: str) -> set[tuple[str, str]]:
    """(file, word) for each word in the database, its log or its index."""
    return {
        (file.name, word)
        for file in folder.glob("bot.db*")
        for word in words
        if word.encode() in file.read_bytes()
    }
