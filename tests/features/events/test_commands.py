"""`watch.py events` lists and sends events, and says what to do about errors."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from tests.fakes.database_templates import make_file
from tests.features.events.teller import order

from emulator.cloud_api.testing import CloudApiDouble
from features.events import settings
from features.events.commands import commands
from features.events.doctor import check_broker, judge_dead, judge_queue
from features.events.settings import EventSettings
from features.notifications.settings import NotificationSettings
from jobs.tables import job
from services.clients.cloud_api.client import CloudApi
from services.operator_tables import TableSchema
from services.setup import BusinessAccount
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit
from utils.commands import CommandError


class EmulatedSetup:
    """An installation whose account is the emulator's, without RabbitMQ."""

    schemas: Sequence[TableSchema] = ()

    def __init__(self, meta: CloudApiDouble, folder: Path) -> None:
        self._meta = meta
        self.file = folder / "bot.db"
        make_file(self.file)

    def settings_of(self, model: Any) -> Any:
        return {EventSettings: EventSettings(), NotificationSettings: NotificationSettings()}[model]

    async def settings_here(self, model: Any) -> Any:
        raise NotImplementedError

    def settings_with_model(self, model: Any) -> Any:
        raise NotImplementedError

    @asynccontextmanager
    async def open_account(self) -> AsyncIterator[BusinessAccount]:
        config = self._meta.config
        api = CloudApi(
            self._meta.http,
            token=config.access_token,
            phone_number_id=config.phone_number_id,
            base_url="http://meta",
        )
        yield BusinessAccount(api, config.business_account_id)

    @asynccontextmanager
    async def open_database(self) -> AsyncIterator[GroupCommit]:
        database = GroupCommit(open_engine(f"sqlite:///{self.file}"))
        yield database
        await database.close()

    def run_check(self, name: str, *, as_object: bool) -> int:
        raise NotImplementedError


#: Runs a command line in a thread, where it has an event loop of its own.
Run = Callable[..., Any]


@pytest.fixture
async def run(cloud_api: CloudApiDouble, tmp_path: Path) -> Run:
    cloud_api.account.templates.add_demo_templates()
    [command] = commands(EmulatedSetup(cloud_api, tmp_path))

    async def line(*arguments: str, data: Any = None) -> int:
        file = tmp_path / "data.json"
        file.write_text(json.dumps(data))
        given = [str(file) if one == "FILE" else one for one in arguments]
        return await asyncio.to_thread(command.run, given)

    return line


async def test_the_events_are_listed(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run("list") == 0
    [line] = [one for one in capsys.readouterr().out.splitlines() if one.startswith("po.approved")]
    assert line.startswith("po.approved, purchase_order.approved  po_notification  ")
    assert "src/events/po_approved.py:" in line


async def test_an_event_is_shown_and_stored(
    run: Run, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert await run("send", "po.approved", "FILE", "--dry-run", data=order()) == 0
    assert capsys.readouterr().out == (
        "UTILITY es\nHola Molinos SA, has recibido una nueva orden de compra PO-001 "
        "por un total de 1.234,50 €. Por favor, confirma que la has recibido.\n"
    )
    whole = {"id": "e-1", "data": order()}
    assert await run("send", "po.approved", "FILE", data=whole) == 0
    assert await run("send", "po.approved", "FILE", data=whole) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["e-1  stored", "e-1  a duplicate: it was stored before"]
    with open_engine(f"sqlite:///{tmp_path / 'bot.db'}").connect() as connection:
        assert connection.scalar(select(func.count()).where(job.c.kind == "event")) == 1


@pytest.mark.parametrize(
    ("line", "data", "problem"),
    [
        ("send po.aproved FILE", order(), 'did you mean "po.approved"?'),
        ("send po.approved FILE", {}, "data.supplier_phone: Field required."),
        ("send po.approved FILE", order(supplier_phone="12"), "The phone number cannot be read."),
        ("send po.approved FILE --dry-run", order(supplier_name=" "), "empty"),
        ("send po.approved no-such-file", None, "no-such-file cannot be read: No such file"),
        ("declare", None, "AMQP_URL is not set"),
        ("dead", None, "AMQP_URL is not set"),
    ],
)
async def test_what_is_wrong_is_told(run: Run, line: str, data: Any, problem: str) -> None:
    with pytest.raises(CommandError) as raised:
        await run(*line.split(), data=data)
    assert problem in str(raised.value)


def test_the_url_of_the_broker_needs_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "amqp://bot:secret@host/"
    assert EventSettings(AMQP_URL=url).amqp_url is not None
    with pytest.raises(ValueError, match="starts with amqp:// or amqps://"):
        EventSettings(AMQP_URL="https://host")
    there: set[str] = {"pip"}
    monkeypatch.setattr(settings, "find_spec", lambda name: True if name in there else None)
    with pytest.raises(ValueError, match=r"Run: .+ -m pip install 'aio-pika>=10\.2,<11'"):
        EventSettings(AMQP_URL=url)
    there.clear()
    assert settings.install().startswith("uv pip install --python ")


async def test_the_doctor_looks_at_the_broker() -> None:
    [found] = await check_broker(EventSettings())
    assert (found.result, "po.approved" in found.said) == ("SKIP", True)
    [found] = await check_broker(EventSettings(AMQP_URL="amqp://guest:secret@127.0.0.1:1/"))
    assert (found.result, "secret" in found.said) == ("FAIL", False)
    told = [judge_queue("q", 3, 0), judge_queue("q", 0, 2), judge_dead("d", 0), judge_dead("d", 2)]
    assert [one.result for one in told] == ["WARN", "OK", "OK", "WARN"]
    assert told[3].fix == "python3 watch.py events dead"
