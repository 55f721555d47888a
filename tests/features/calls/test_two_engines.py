"""Calls at two real processes with an engine each, over PostgreSQL."""

from pathlib import Path

import pytest

pytest.importorskip("aiortc", reason="needs the extra calls: aiortc")

from tests.features.calls.two_engines import call_two

from features.calls.states import End

#: Calls at once; `python -m tests.features.calls.two_engines 20` has more of them.
CALLS = 4


@pytest.mark.timeout(300)
async def test_calls_are_spread_no_event_goes_astray_and_a_kill_ends_only_its_own(
    tmp_path: Path, migrated_postgres_url: str
) -> None:
    became = await call_two(tmp_path, migrated_postgres_url, CALLS)
    assert became.spread == (CALLS // 2, CALLS // 2)
    assert became.hung_up == became.others == {End.COMPLETED}
    assert became.killed == {End.ORPHANED}
