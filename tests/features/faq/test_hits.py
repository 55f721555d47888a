"""How often an answer was given, in both databases."""

from datetime import UTC, datetime, timedelta

from features.faq import hits as faq_hits
from jobs.commit import CommitJobs
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


async def write(database: GroupCommit, *writes: Write) -> None:
    await database.submit(CommitJobs(writes=writes))


async def test_hits_are_news_until_they_are_told(database: GroupCommit) -> None:
    later = NOW + timedelta(hours=1)
    await write(database, faq_hits.count("rec1", NOW))
    await write(database, faq_hits.count("rec1", later), faq_hits.count("rec2", NOW))
    news = Transaction(lambda c, _: sorted(faq_hits.news(c, 10)))
    assert await database.submit(news) == [("rec1", 2, later), ("rec2", 1, NOW)]
    await write(database, faq_hits.told({"rec1": 1, "rec2": 1}))
    assert await database.submit(news) == [("rec1", 2, later)]
