"""`watch.py jobs`: jobs are listed, shown, run again and discarded, and quote nobody unasked."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, update
from tests.fakes.clock import ManualClock

from app.cli import commands as cli
from app.runtime.retention import purge
from domain.user import User
from jobs.job_queue import JobQueue
from jobs.lease import Claim
from jobs.model import JobState, NewJob
from jobs.tables import job
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables import users

ANA = User("ana", "CO.1349120865530274", "573001234567", "Ana")
SAID = "velociraptor"


@pytest.fixture(autouse=True)
async def stored(migrated_url: str, database: GroupCommit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids 1 and 2 of Ana: dead, and waiting. Ids 3 and 4 of John: done, and dead."""
    monkeypatch.setenv("DATABASE_URL", migrated_url)
    lanes = ("in:1:ana", "out:2:ana", "in:1:john", "in:1:john")
    jobs = [NewJob(lane, "message", {"text": SAID}) for lane in lanes]
    await JobQueue(database).enqueue(jobs, [users.add(ANA)])

    def end(connection: Connection, _now: float) -> None:
        failed = {"state": JobState.DEAD, "tries": 5, "error": f"ValueError: {ANA.wa_id}"}
        connection.execute(update(job).where(job.c.id.in_((1, 4))).values(failed))
        connection.execute(update(job).where(job.c.id == 3).values(state=JobState.DONE))

    await database.submit(Transaction(end))


def run(line: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = cli.main(["jobs", *line.split()])
    return code, "".join(capsys.readouterr())


def ids(shown: str) -> list[int]:
    return [int(line.split()[0]) for line in shown.splitlines()[:-1]]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("", [4, 2, 1]),
        ("list", [4, 2, 1]),
        ("list --state done", [3]),
        ("list --state dead", [4, 1]),
        ("list --pool in", [4, 1]),
        ("list --kind message --limit 2", [4, 2]),
        ("list --kind send", []),
        ("list --person +573001234567", [2, 1]),
        ("list --person CO.1349120865530274 --state dead", [1]),
        ("list --person ana", [2, 1]),
        ("list --person an", []),
    ],
)
def test_jobs_are_listed(
    options: str, found: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    code, shown = run(options, capsys)
    assert (code, ids(shown)) == (0, found)
    assert shown.splitlines()[-1] == (f"{len(found)} jobs" if found else "No jobs.")
    assert SAID not in shown
    assert str(ANA.wa_id) not in shown


def test_a_line_tells_state_pool_kind_attempts_age_and_error(
    capsys: pytest.CaptureFixture[str], clock: ManualClock
) -> None:
    _, shown = run("list --person ana --state dead", capsys)
    words = shown.splitlines()[0].split("  ")
    assert words[:5] == ["1", "dead", "in", "message", "5 attempts"]
    assert words[6] == "ValueError: [number]"


def test_the_body_is_shown_only_if_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    code, shown = run("show 1", capsys)
    assert code == 0
    assert "state     dead" in shown
    assert not [word for word in (SAID, str(ANA.wa_id), "in:1:ana") if word in shown]
    code, shown = run("show 1 --body", capsys)
    assert code == 0
    assert [word for word in (SAID, str(ANA.wa_id), "in:1:ana") if word not in shown] == []
    assert run("show 99", capsys) == (1, "No job has this id. List them: watch.py jobs list\n")


def test_dead_letters_run_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("retry 1", capsys) == (0, "1 jobs will run again.\n")
    assert ids(run("list --state todo", capsys)[1]) == [2, 1]
    assert "retried   1\n" in run("show 1", capsys)[1]
    assert run("retry 1", capsys)[0] == 1
    assert run("retry", capsys) == (0, "1 jobs will run again.\n")


async def test_jobs_are_discarded_unless_they_run(
    database: GroupCommit, capsys: pytest.CaptureFixture[str]
) -> None:
    [held] = await database.submit(Claim(("out",), 1, 15.0))
    assert held.jobs[0].id == 2
    assert run("discard 2 3", capsys)[0] == 1
    assert run("discard 1 2 3", capsys) == (0, "1 jobs are deleted.\n")
    assert ids(run("", capsys)[1]) == [4, 2]


async def test_a_waiting_job_is_discarded(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("discard 2", capsys) == (0, "1 jobs are deleted.\n")
    assert ids(run("", capsys)[1]) == [4, 1]


async def test_dead_letters_are_kept_for_a_time_and_no_longer(
    database: GroupCommit, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    keep = timedelta(days=30)
    clock.advance(keep)
    await purge(database, timedelta(days=8), keep_dead=keep)
    assert ids(run("", capsys)[1]) == [4, 2, 1]
    clock.advance(timedelta(seconds=1))
    await purge(database, timedelta(days=8), keep_dead=keep)
    assert ids(run("", capsys)[1]) == [2]
