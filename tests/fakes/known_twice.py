"""A person with two rows: one under their number, one under a user id that came later."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select
from tests.fakes.bot import ANA, BotHarness
from tests.fakes.web import sign, text_message, webhook

from domain.inbound import Sender
from storage.engine.database import metadata
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write, execute_writes
from storage.people.identities import Identities
from storage.tables import users

BSUID = "CO.13491208655302741918"
PHONE = "573001234567"
NOW = datetime(2027, 1, 1, tzinfo=UTC)
WORDS = "tengo un canario"
#: What a row about the person under their number has.
OWNER: dict[str, Any] = {"user_key": PHONE, "at": NOW}


async def store(database: GroupCommit, *writes: Write) -> None:
    """Execute writes in one transaction."""
    await database.submit(Transaction(lambda connection, _: execute_writes(connection, writes)))


async def merge(database: GroupCommit, *rows: Write) -> None:
    """Store rows under the number; then the user id turns out to be the same person."""
    await Identities(database).resolve([Sender(wa_id=PHONE, profile_name="Ana")])
    await Identities(database).resolve([Sender(user_id=BSUID)])
    known: dict[str, object] = {"full_name": "Ana Gómez", "status": "Blocked", "marketing_at": NOW}
    await store(database, users.change(PHONE, known), *rows)
    both = Sender(user_id=BSUID, wa_id=PHONE)
    assert await Identities(database).resolve([both]) == [BSUID]


async def owners(database: GroupCommit) -> dict[str, str]:
    """Return the owner of a row of each table that has rows about people."""
    owned = [table for table in metadata.sorted_tables if "user_key" in table.c]

    def find(connection: Connection, _now: float) -> dict[str, str]:
        found = {one.name: connection.scalar(select(one.c.user_key)) for one in owned}
        return {name: owner for name, owner in found.items() if owner}

    return await database.submit(Transaction(find))


async def tables_with(database: GroupCommit, *words: str) -> list[str]:
    """Return the tables in which one of the words is found."""

    def search(connection: Connection, _now: float) -> list[str]:
        return [
            table.name
            for table in metadata.sorted_tables
            for row in connection.execute(select(table))
            if any(word in str(row) for word in words)
        ]

    return await database.submit(Transaction(search))


async def write_by_phone(town: BotHarness, text: str) -> None:
    """Deliver a message without a user id, as before Meta gave any."""
    message = text_message(f"wamid.{text}", text, ANA)
    del message["from_user_id"]
    raw = json.dumps(webhook(message)).encode()
    await town.state.webhooks.receive(raw, sign(raw))
