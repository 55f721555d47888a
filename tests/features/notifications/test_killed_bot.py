"""A bot that is killed in the middle of a batch: `kills.py` does it more often, with more."""

from pathlib import Path

from tests.features.notifications.kills import Kills


def test_a_batch_is_accepted_once_and_arrives_once_whenever_the_bot_is_killed(
    tmp_path: Path,
) -> None:
    killing = Kills(tmp_path, items=40, seed=3)
    try:
        found = killing.run(2)
    finally:
        killing.close()
    assert (found.lost, found.twice, len(found.batches)) == ([], {}, 1)
    assert found.statuses == {"READ": 40}
