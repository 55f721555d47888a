"""Tickets of a person who was known twice."""

from tests.fakes.known_twice import BSUID, OWNER, PHONE, WORDS, merge, owners, tables_with

from features.handoff import tickets
from storage.engine.group_commit import GroupCommit, Transaction
from storage.people.erasure import forget
from storage.tables.users import Users


async def test_a_ticket_of_the_old_row_belongs_to_the_person_and_is_erased_with_them(
    database: GroupCommit,
) -> None:
    await merge(database, tickets.open_("T", asked=WORDS, **OWNER))
    assert await owners(database) == {"ticket": BSUID}
    person = await Users(database).get(BSUID)
    await database.submit(Transaction(lambda connection, now: forget(connection, person, now)))
    assert await tables_with(database, PHONE, BSUID, "Ana", WORDS) == []
