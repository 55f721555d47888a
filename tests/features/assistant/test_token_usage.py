"""What people may spend, in both databases."""

from datetime import UTC, datetime, timedelta

from features.assistant import token_usage as spending
from features.assistant.token_usage import TokenBudget
from jobs.commit import CommitJobs
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


async def write(database: GroupCommit, *writes: Write) -> None:
    await database.submit(CommitJobs(writes=writes))


async def test_what_is_spent_counts_for_its_person_its_day_and_all(database: GroupCommit) -> None:
    purse = TokenBudget(database, per_person=10, in_all=15)
    tomorrow = NOW + timedelta(days=1)
    assert await purse.has_budget("ana", NOW)
    for tokens in (6, 6):
        await write(database, *purse.spent("ana", tokens, NOW))
    assert not await purse.has_budget("ana", NOW)
    assert await purse.has_budget("ana", tomorrow)
    assert await purse.has_budget("john", NOW)
    await write(database, *purse.spent("john", 3, NOW))
    assert not await purse.has_budget("eve", NOW)
    free = TokenBudget(database, per_person=0, in_all=0)
    assert await free.has_budget("ana", NOW)
    month = timedelta(days=30)
    purge = Transaction(lambda c, _: spending.purge_old(c, (NOW + month).timestamp(), keep=month))
    assert await database.submit(purge) == 0
    older = timedelta(days=29)
    purge = Transaction(lambda c, _: spending.purge_old(c, (NOW + month).timestamp(), keep=older))
    assert await database.submit(purge) == 3
