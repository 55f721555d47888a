"""A PostgreSQL server that is away, has no place for us, or cuts us off in the middle."""

import asyncio
import io
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import DataError, OperationalError
from tests.fakes.captured_log import captured_log
from tests.fakes.tcp_proxy import TcpProxy
from tests.webhook.test_overload import Web, body

from jobs.attempt import JobHandler
from jobs.job_queue import JobQueue
from jobs.maintenance import count_jobs
from jobs.model import Job, JobState, LaneState, NewJob, Outcome
from jobs.retry import INTERACTIVE
from jobs.tables import job
from jobs.worker import Worker
from storage.engine import group_commit
from storage.engine.database import CONNECTION_OPTIONS, open_engine
from storage.engine.group_commit import Answer, GroupCommit, Operation, Transaction
from storage.engine.migrate import upgrade

ONE_PLACE = "CREATE ROLE guest LOGIN CONNECTION LIMIT 1"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "FIRST_RETRY_SECONDS", 0.001)


@pytest.fixture
def server(postgres_url: str) -> Iterator[Engine]:
    """The server as its owner sees it."""
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
async def proxy(server: Engine) -> AsyncIterator[TcpProxy]:
    proxy = TcpProxy(f"{server.url.query['host']}/.s.PGSQL.5432")
    await proxy.up()
    yield proxy
    await proxy.down()


@pytest.fixture
async def database(server: Engine, proxy: TcpProxy) -> AsyncIterator[GroupCommit]:
    """Connected through the proxy."""
    there = server.url.set(host="127.0.0.1", port=proxy.port, query={})
    database = GroupCommit(open_engine(there.render_as_string(hide_password=False)))
    yield database
    await database.close()


@pytest.fixture
def web(database: GroupCommit) -> Web:
    return Web(database)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with captured_log() as log:
        yield log


def stored(server: Engine, kind: str = "message") -> list[str]:
    with server.connect() as connection:
        found = connection.scalars(select(job.c.body).where(job.c.kind == kind).order_by(job.c.id))
        return list(found)


async def test_a_server_that_is_away_is_waited_for(
    web: Web, proxy: TcpProxy, server: Engine, log: io.StringIO
) -> None:
    assert (await web.post(body(1)))[0] == 200
    await proxy.down()
    status, headers = await web.post(body(2))
    assert (status, headers[b"retry-after"]) == (503, b"5")
    assert "a webhook could not be stored: it does not answer" in log.getvalue()
    await proxy.up()
    assert (await web.post(body(2)))[0] == 200
    assert len(stored(server)) == 2


async def test_a_line_that_is_cut_again_and_again_loses_and_doubles_nothing(
    web: Web, proxy: TcpProxy, server: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "FIRST_RETRY_SECONDS", 0.01)
    posts = []
    for number in range(200):
        posts.append(asyncio.create_task(web.post(body(number))))
        if number % 20 == 0:
            await asyncio.gather(*posts[:-10])
            await proxy.down()
            await proxy.up()
    answers = await asyncio.gather(*posts)
    assert {status for status, _ in answers} == {200}
    assert len(stored(server)) == 200


async def test_a_server_that_falls_silent_is_asked_again_on_another_connection(
    web: Web, proxy: TcpProxy, server: Engine, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await web.post(body(1)))[0] == 200
    monkeypatch.setattr(group_commit, "MAX_SILENCE_SECONDS", 0.1)
    proxy.hush()
    assert (await web.post(body(2)))[0] == 200
    assert "the database is silent" in log.getvalue()
    assert len(stored(server)) == 2


async def test_a_backend_that_is_terminated_is_replaced(web: Web, server: Engine) -> None:
    terminate = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    ended = 0
    for number in range(10):
        posts = [asyncio.create_task(web.post(body(10 * number + n))) for n in range(10)]
        await posts[0]
        with server.connect() as connection:
            ended += connection.scalar(terminate) or 0
        assert {status for status, _ in await asyncio.gather(*posts)} == {200}
    assert ended >= 5
    assert len(stored(server)) == 100


async def test_a_commit_whose_answer_is_lost_is_not_done_twice(
    web: Web, proxy: TcpProxy, server: Engine
) -> None:
    assert (await web.post(body(1)))[0] == 200
    proxy.lost_answer_to = b"COMMIT"
    assert (await web.post(body(2)))[0] == 200
    assert proxy.lost_answer_to is None
    assert len(stored(server)) == 2


async def test_what_a_job_decided_is_not_stored_twice_when_that_answer_is_lost(
    database: GroupCommit, proxy: TcpProxy, server: Engine
) -> None:
    async def decide(job: Job, state: LaneState) -> Outcome:
        proxy.lost_answer_to = b"COMMIT"
        return Outcome({"seen": job.body}, [NewJob("results", "result", job.body)])

    worker = Worker(database, {"note": JobHandler(decide, INTERACTIVE)}, pools=("in",))
    await JobQueue(database).enqueue([NewJob("in:1:ana", "note", number) for number in range(3)])
    await worker.run_until_idle()
    assert stored(server, "result") == ["0", "1", "2"]


async def test_last_words_are_said_once_though_that_answer_is_lost(
    database: GroupCommit, proxy: TcpProxy, server: Engine
) -> None:
    async def fail(job: Job, state: LaneState) -> Outcome:
        raise ValueError

    async def last_words(job: Job, state: LaneState) -> Outcome:
        proxy.lost_answer_to = b"COMMIT"
        return Outcome(jobs=[NewJob("results", "result", job.body)])

    kind = JobHandler(fail, replace(INTERACTIVE, tries=1), on_discard=last_words)
    worker = Worker(database, {"note": kind}, pools=("in",))
    await JobQueue(database).enqueue([NewJob("in:1:ana", "note", number) for number in range(3)])
    await worker.run_until_idle()
    assert stored(server, "result") == ["0", "1", "2"]


async def test_a_server_without_a_place_for_us_is_asked_again(server: Engine) -> None:
    with server.connect() as owner:
        for statement in (ONE_PLACE, "GRANT ALL ON ALL TABLES IN SCHEMA public TO guest"):
            owner.execute(text(statement))
        owner.execute(text("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO guest"))
    ours = server.url.set(username="guest").render_as_string(hide_password=False)
    database = GroupCommit(open_engine(ours))
    web = Web(database)
    other = create_engine(ours)
    with other.connect():
        assert (await web.post(body(1)))[0] == 503
    other.dispose()
    assert (await web.post(body(1)))[0] == 200
    assert len(stored(server)) == 1
    await database.close()
    with server.connect() as owner:
        owner.execute(text("DROP OWNED BY guest"))
        owner.execute(text("DROP ROLE guest"))


async def test_a_value_that_no_text_of_the_server_can_hold_costs_its_neighbours_nothing(
    database: GroupCommit, web: Web, server: Engine
) -> None:
    query = select(job.c.id).where(job.c.key == "nul \0")
    odd = asyncio.create_task(database.submit(Transaction(lambda c, _: c.scalar(query))))
    posts = [asyncio.create_task(web.post(body(number))) for number in range(20)]
    with pytest.raises(DataError):
        await odd
    assert {status for status, _ in await asyncio.gather(*posts)} == {200}


def test_a_server_that_accepts_and_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql+psycopg://bot@127.0.0.1:{silent.getsockname()[1]}/bot"
        with pytest.raises(OperationalError, match="timeout"):
            open_engine(f"{url}?connect_timeout=2").connect()


def test_a_server_that_vanished_is_noticed_in_seconds(server: Engine) -> None:
    engine = open_engine(server.url.render_as_string(hide_password=False))
    with engine.connect() as connection:
        ours = connection.connection.dbapi_connection
        assert isinstance(ours, psycopg.Connection)
        assert CONNECTION_OPTIONS.items() <= ours.info.get_parameters().items()
    engine.dispose()


class Watched(GroupCommit):
    """Tells when something could not be stored."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.failed = asyncio.Event()

    async def submit(self, operation: Operation[Answer]) -> Answer:
        try:
            return await super().submit(operation)
        except OperationalError:
            self.failed.set()
            raise


async def test_what_was_done_while_the_server_was_away_is_not_done_again(
    server: Engine, proxy: TcpProxy
) -> None:
    """A message was sent, say: whoever forgets that sends it twice."""
    there = server.url.set(host="127.0.0.1", port=proxy.port, query={})
    database = Watched(open_engine(there.render_as_string(hide_password=False)))
    done: list[int] = []

    async def send(job: Job, state: LaneState) -> Outcome:
        done.append(job.id)
        await proxy.down()
        return Outcome()

    await JobQueue(database).enqueue([NewJob("out:1:ana", "send", {})])
    worker = Worker(database, {"send": JobHandler(send, INTERACTIVE)}, pools=("out",))
    working = asyncio.create_task(worker.run_until_idle())
    await database.failed.wait()
    await proxy.up()
    await working
    await Worker(database, {"send": JobHandler(send, INTERACTIVE)}, pools=("out",)).run_until_idle()
    assert len(done) == 1
    assert await database.submit(Transaction(lambda c, _: count_jobs(c, JobState.DONE))) == 1
    await database.close()
