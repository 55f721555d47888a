"""`watch.py calls` and the check of `doctor`."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from tests.fakes.bot import JOHN
from tests.features.calls.phone import CallTown

from domain.checks import Result
from emulator.cloud_api.app import create_emulator
from emulator.cloud_api.config import Config
from features.calls import doctor
from features.calls.commands import commands
from features.calls.feature import Calls
from features.calls.settings import CallSettings
from services.clients.cloud_api.client import CloudApi
from services.setup import BusinessAccount, CommandSetup
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit
from utils.commands import CommandError


class Setup:
    """A database with a call, and the account of an emulator."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.emulator = create_emulator(Config())

    async def take_a_call(self) -> None:
        town = CallTown(self._folder)
        await town.start()
        await town.call(JOHN)
        await town.stop()

    @asynccontextmanager
    async def open_database(self) -> AsyncIterator[GroupCommit]:
        database = GroupCommit(open_engine(f"sqlite:///{self._folder / 'bot.db'}"))
        yield database
        await database.close()

    @asynccontextmanager
    async def open_account(self) -> AsyncIterator[BusinessAccount]:
        config = Config()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.emulator)) as http:
            api = CloudApi(
                http,
                token=config.access_token,
                phone_number_id=config.phone_number_id,
                base_url=config.base_url,
            )
            yield BusinessAccount(api, config.business_account_id)


def run(setup: Setup, *arguments: str) -> int:
    [command] = commands(cast(CommandSetup, setup))
    return command.run(arguments)


def test_calls_are_listed_without_naming_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setup = Setup(tmp_path)
    asyncio.run(setup.take_a_call())
    assert run(setup, "list") == 0
    shown = capsys.readouterr().out
    assert "off" in shown
    assert shown.endswith("1 calls.\n")
    assert JOHN not in shown
    run(setup, "list", "--json")
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (told["end"], told["seconds"], told["chosen"]) == ("off", 0, [])
    with pytest.raises(CommandError, match="--limit"):
        run(setup, "list", "--limit", "0")


def test_calling_is_switched_off_and_on_at_meta(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setup = Setup(tmp_path)
    run(setup, "settings")
    assert "status: ENABLED" in capsys.readouterr().out
    run(setup, "settings", "--disable")
    assert setup.emulator.state.account.number.settings["calling"]["status"] == "DISABLED"
    assert "Calling is DISABLED" in capsys.readouterr().out
    run(setup, "settings", "--enable")
    assert "status: ENABLED" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("is_on", "is_there", "result"),
    [
        (False, False, Result.SKIP),
        (True, False, Result.FAIL),
        (True, True, Result.OK),
    ],
)
async def test_the_doctor_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, *, is_on: bool, is_there: bool, result: Result
) -> None:
    monkeypatch.setattr(doctor, "has_extra", lambda: is_there)
    assert (await doctor.check_calls(is_on=is_on)).result is result


@pytest.mark.parametrize(
    ("is_on", "is_installed", "shown"),
    [(False, True, "off"), (True, True, "press the handset"), (True, False, "aiortc is missing")],
)
def test_the_first_lines_say_whether_calls_are_answered(
    monkeypatch: pytest.MonkeyPatch, is_on: bool, is_installed: bool, shown: str
) -> None:
    monkeypatch.setattr("features.calls.feature.has_extra", lambda: is_installed)
    settings = CallSettings(CALLS_ENABLED=is_on)
    assert shown in Calls.banner(lambda _model: settings)["Calls"]
