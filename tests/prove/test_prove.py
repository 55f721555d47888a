"""A short run finds nothing in the bot as it is, and each bug that is put into it."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from tests.prove.bugs import BUGS
from tests.prove.checker import check
from tests.prove.databases import SqliteFile, postgres_database
from tests.prove.faults import (
    FAULTS,
    OF_CLOCKS,
    OF_FILES,
    OF_LINES,
    OF_OUR_SERVER,
    OF_PROCESSES,
    OF_REPLICAS,
)
from tests.prove.people import Crowd
from tests.prove.plan import Step, make_plan
from tests.prove.run import Setup, run
from tests.prove.violations import Promise

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="stalls processes by signals"),
    pytest.mark.timeout(240),
]

SEED = 20261126
KILL = [Step(after=1.0, kind="kill")]
#: Whether a question has a timer yet, a machine that is slow decides: one of these finds some.
KILLS = [Step(after=0.0, kind="kill"), Step(after=1.0, kind="kill")]
STALLS_OF_WORKERS = [
    Step(after=2.0, kind="stall", victim=0.5, seconds=0.4),
    Step(after=1.0, kind="stall", victim=0.9, seconds=0.4),
]
ONE_WEB = ("web0", "worker0", "worker1")
#: Faults that bring the bugs of one process to light; the others need none.
PLANS: Mapping[str, Sequence[Step]] = {
    "acknowledge_before_commit": KILL,
    "forget_timers_at_start": KILLS,
}
ON_POSTGRES = "ignore_the_fence"
#: A bug shows when messages meet, which few do where a machine is slow.
ATTEMPTS = 3
#: With many slow messages, others wait behind them in their lanes.
SLOW_CROWD = Crowd(slow=0.5)
BUGGY = Setup(SEED, (), crowd=SLOW_CROWD, patience=5.0, warm_up=1.5)


async def test_a_short_run_finds_nothing(tmp_path: Path) -> None:
    plan = [
        Step(after=1.0, kind="kill", seconds=0.2),
        Step(after=1.0, kind="stall"),
        Step(after=1.0, kind="terminate"),
    ]
    history = await run(Setup(SEED, plan), tmp_path, SqliteFile(tmp_path / "bot.db"))
    assert check(history) == []
    assert {each.kind for each in history.faults} == {"kill", "stall", "terminate"}
    assert sum(each.acknowledged_at is not None for each in history.messages) > 20
    assert history.refused > 0, "nothing broke"


async def test_bugs_of_one_process_are_found(tmp_path: Path) -> None:
    missed = sorted(BUGS.keys() - {ON_POSTGRES})
    for attempt in range(ATTEMPTS):
        found = await asyncio.gather(*(look_for(name, tmp_path, attempt) for name in missed))
        missed = [name for name, is_found in zip(missed, found, strict=True) if not is_found]
        if not missed:
            break
    assert missed == []


async def look_for(bug: str, folder: Path, attempt: int) -> bool:
    """Return whether a run with a bug shows what it breaks."""
    place = folder / f"{bug}.{attempt}"
    place.mkdir()
    setup = replace(BUGGY, bug=bug, plan=PLANS.get(bug, ()))
    history = await run(setup, place, SqliteFile(place / "bot.db"))
    return BUGS[bug].breaks in {violation.promise for violation in check(history)}


async def test_a_missing_fence_is_found(postgres_server: str, tmp_path: Path) -> None:
    async with postgres_database(postgres_server, ONE_WEB) as database:
        setup = replace(BUGGY, bug=ON_POSTGRES, plan=STALLS_OF_WORKERS, processes=ONE_WEB)
        history = await run(setup, tmp_path, database)
    assert Promise.FENCE in {each.promise for each in check(history)}


def test_a_seed_repeats_its_faults(tmp_path: Path) -> None:
    kinds = OF_PROCESSES | OF_FILES
    one, again, other = (list(islice(make_plan(seed, kinds), 50)) for seed in (1, 1, 2))
    assert one == again != other
    assert {each.kind for each in one[: len(kinds)]} == set(kinds), "each kind comes once at first"


def test_every_fault_belongs_to_a_group_and_every_group_has_its_faults() -> None:
    groups = (OF_PROCESSES, OF_CLOCKS, OF_LINES, OF_OUR_SERVER, OF_REPLICAS, OF_FILES)
    assert FAULTS.keys() == {kind for group in groups for kind in group}
