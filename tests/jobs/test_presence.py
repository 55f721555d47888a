"""A process that is gone is noticed by its session, and its lanes are taken over."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, Update, make_url, select, text
from tests.fakes.dev_server import free_port
from tests.fakes.tcp_proxy import TcpProxy

from jobs.attempt import JobHandler
from jobs.job_queue import JobQueue
from jobs.lease import Claim, Heartbeat, LaneLease
from jobs.listener import listen
from jobs.model import Job, LaneState, NewJob, Outcome
from jobs.presence import GONE_AFTER_SECONDS, RECONNECT_GRACE_SECONDS, Presence
from jobs.retry import INTERACTIVE
from jobs.tables import lane
from jobs.worker import Worker
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit, Transaction

PROGRAM = Path(__file__).with_name("held_process.py")
SOURCES = Path(__file__).parents[2] / "src"
#: Much longer than any test.
LEASE = timedelta(minutes=10)
PATIENCE = 30
NOTE = NewJob("in:1:ana", "note", {})


class Stopwatch:
    """Seconds that pass only when a test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Member:
    """A worker process of a cluster, inside the test."""

    def __init__(
        self,
        url: str | URL,
        *,
        redelivery_grace: timedelta = timedelta(0),
        clock: Callable[[], float] | None = None,
    ) -> None:
        shown = url if isinstance(url, str) else url.render_as_string(hide_password=False)
        self.database = GroupCommit(open_engine(shown))
        self.time = Stopwatch()
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self.was_stopped = asyncio.Event()
        self.worker = Worker(
            self.database,
            {"note": JobHandler(self._handle, INTERACTIVE)},
            pools=("in",),
            lease=LEASE,
            redelivery_grace=redelivery_grace,
        )
        self.presence = Presence(self.database, [self.worker], clock=clock or self.time)

    async def _handle(self, job: Job, state: LaneState) -> Outcome:
        self.begun.set()
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.was_stopped.set()
            raise
        return Outcome({"by": "me"})

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Member"]:
        async with listen(self.database.url, self.worker.wake, self.presence):
            yield self
        await self.database.close()

    @asynccontextmanager
    async def working(self) -> AsyncIterator["Member"]:
        async with self.listening():
            running = asyncio.create_task(self.worker.run())
            try:
                yield self
            finally:
                await self.worker.stop(timedelta(0))
                await running

    async def claims(self) -> list[str]:
        """The lanes that it gets now."""
        found = await self.database.submit(Claim(("in",), 10, LEASE.total_seconds()))
        return [one.name for one in found]

    async def look_after(self, seconds: float) -> None:
        """Look, and once more after some time."""
        await self.presence.look()
        self.time.now += seconds
        await self.presence.look()


@pytest.fixture
async def other(migrated_postgres_url: str) -> AsyncIterator[Member]:
    """Looks at the others, and claims nothing by itself."""
    async with Member(migrated_postgres_url).listening() as member:
        yield member


@contextmanager
def held_process(url: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker process of its own, which ends no job."""
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    command = [sys.executable, str(PROGRAM), url]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        yield process
        process.kill()


async def hold_lane(member: Member) -> None:
    """Have it claim a lane, in the name of its session if it has one."""
    await JobQueue(member.database).enqueue([NOTE])
    claim = Claim(("in",), 10, LEASE.total_seconds(), session=member.worker.session)
    assert len(await member.database.submit(claim)) == 1


async def test_what_a_killed_process_did_goes_on_at_once(migrated_postgres_url: str) -> None:
    async with Member(migrated_postgres_url).listening() as first:
        await JobQueue(first.database).enqueue([NOTE])
    with held_process(migrated_postgres_url) as process:
        assert process.stdout is not None
        assert await asyncio.to_thread(process.stdout.readline) == b"held\n"
        async with Member(migrated_postgres_url, clock=time.monotonic).working() as other:
            assert await other.claims() == []
            process.send_signal(signal.SIGKILL)
            await asyncio.wait_for(other.begun.wait(), PATIENCE)


async def test_a_stalled_process_keeps_its_lanes_until_its_lease_ends(
    migrated_postgres_url: str, other: Member
) -> None:
    async with Member(migrated_postgres_url).listening() as stalled:
        await hold_lane(stalled)
        await other.look_after(3600)
        assert await other.claims() == []


async def test_a_process_counts_as_gone_after_a_moment_only(
    migrated_postgres_url: str, other: Member
) -> None:
    async with Member(migrated_postgres_url).listening() as gone:
        await hold_lane(gone)
    await other.look_after(GONE_AFTER_SECONDS * 0.9)
    assert await other.claims() == []
    await other.look_after(GONE_AFTER_SECONDS * 0.2)
    assert await other.claims() == [NOTE.lane]


async def test_whoever_lost_its_own_session_gives_the_others_time(
    migrated_postgres_url: str, other: Member
) -> None:
    """PostgreSQL restarted, say: all locks are gone at once, and all come back."""
    async with Member(migrated_postgres_url).listening() as gone:
        await hold_lane(gone)
    await other.presence.look()
    await end_session(other, other.database)
    await other.look_after(RECONNECT_GRACE_SECONDS * 0.9)
    assert await other.claims() == []
    await other.look_after(RECONNECT_GRACE_SECONDS * 0.2)
    assert await other.claims() == [NOTE.lane]


async def test_who_only_lost_the_connection_has_the_lock_again(
    migrated_postgres_url: str, other: Member
) -> None:
    async with Member(migrated_postgres_url).listening() as cut:
        await hold_lane(cut)
        session = cut.worker.session
        await end_session(cut, other.database)
        assert cut.worker.session == session
        await other.look_after(3600)
        assert await other.claims() == []


async def test_a_session_that_the_server_ended_unheard_is_taken_anew(other: Member) -> None:
    await hold_lane(other)
    other.presence.session, held = "0.1", other.presence.session
    await other.database.submit(Transaction(lambda c, _: c.execute(owned_by(f"0.1:{held}"))))
    with pytest.raises(psycopg.OperationalError, match="ended this session"):
        await other.presence.look()


async def test_who_is_cut_off_loses_its_lanes_and_stops_when_it_hears_of_that(
    migrated_postgres_url: str, other: Member
) -> None:
    proxy = TcpProxy(f"{other.database.url.query['host']}/.s.PGSQL.5432")
    await proxy.up()
    through = other.database.url.set(host="127.0.0.1", port=proxy.port, query={})
    async with Member(through).working() as cut:
        await JobQueue(other.database).enqueue([NOTE])
        await asyncio.wait_for(cut.begun.wait(), PATIENCE)
        await proxy.down()
        async with asyncio.timeout(PATIENCE):
            while await backends(other.database, cut.presence):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await other.look_after(GONE_AFTER_SECONDS)
        assert await other.claims() == [NOTE.lane]
        assert not cut.was_stopped.is_set()
        await proxy.up()
        await asyncio.wait_for(cut.was_stopped.wait(), PATIENCE)
    await proxy.down()


async def test_a_heartbeat_says_what_others_hold(other: Member) -> None:
    await hold_lane(other)
    stale = LaneLease(NOTE.lane, "another token")
    unknown = LaneLease("in:1:nobody", "token")
    assert await other.database.submit(Heartbeat([stale, unknown], lease=30)) == [stale]


async def test_what_may_have_had_its_effect_waits(migrated_postgres_url: str) -> None:
    """A message that was being sent: a status of it may come first."""
    grace = timedelta(minutes=1)
    async with Member(migrated_postgres_url).listening() as gone:
        await hold_lane(gone)
    async with Member(migrated_postgres_url, redelivery_grace=grace).listening() as other:
        await other.look_after(GONE_AFTER_SECONDS)
        first = await due_in(other.database)
        assert 50 < first <= 60
        await other.look_after(GONE_AFTER_SECONDS)
        assert await due_in(other.database) <= first, "it is not put off for ever"


async def test_lanes_without_a_session_wait_for_their_lease(other: Member) -> None:
    await JobQueue(other.database).enqueue([NOTE])
    await other.database.submit(Claim(("in",), 10, LEASE.total_seconds()))
    await other.look_after(3600)
    assert await other.claims() == []


@pytest.mark.parametrize(("mode", "has_lock"), [("session", True), ("transaction", False)])
async def test_a_lock_is_held_only_behind_a_pool_that_keeps_sessions(
    migrated_postgres_url: str, mode: str, has_lock: bool
) -> None:
    with pgbouncer(make_url(migrated_postgres_url), mode) as url:
        async with Member(url).listening() as member:
            assert bool(member.worker.session) is has_lock
            assert bool(await backends(member.database, member.presence)) is has_lock


async def end_session(member: Member, database: GroupCommit) -> None:
    """The server ends the session of a process; wait until it has another."""
    [ended] = await backends(database, member.presence)
    end = text(f"SELECT pg_terminate_backend({ended})")
    await database.submit(Transaction(lambda c, _: c.execute(end)))
    async with asyncio.timeout(PATIENCE):
        # of the server: it does not tell this loop
        while await backends(database, member.presence) in ([], [ended]):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        while not member.worker.session:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def owned_by(token: str) -> Update:
    return lane.update().values(owner=token)


async def backends(database: GroupCommit, presence: Presence) -> list[int]:
    """Processes of the server that hold its lock."""
    query = text("SELECT pid FROM pg_locks WHERE classid || '.' || objid = :name")
    found = query.bindparams(name=presence.session)
    return await database.submit(Transaction(lambda c, _: list(c.scalars(found))))


async def due_in(database: GroupCommit) -> float:
    """Seconds until the lane may be claimed."""
    query = select(lane.c.ready_at).where(lane.c.name == NOTE.lane)
    return await database.submit(Transaction(lambda c, now: c.execute(query).scalar_one() - now))


@contextmanager
def pgbouncer(server: URL, mode: str) -> Iterator[URL]:
    """A connection pool before the server."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("pgbouncer is not installed")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "pgbouncer.ini")
        config.write_text(
            f"[databases]\n* = host={server.query['host']} port=5432 user={server.username}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = any\npool_mode = {mode}\ndefault_pool_size = 5\n"
            "ignore_startup_parameters = extra_float_digits\n"
        )
        Path(folder).chmod(0o755)
        # It refuses to run as root, and so does the server, whose socket it has to open.
        user = Path(str(server.query["host"])).owner() if os.geteuid() == 0 else None
        process = subprocess.Popen([program, "-q", str(config)], user=user, cwd="/")
        try:
            while process.poll() is None and not takes_connections(port):
                time.sleep(0.01)
            yield server.set(host="127.0.0.1", port=port, query={})
        finally:
            process.terminate()
            process.wait()


def takes_connections(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
