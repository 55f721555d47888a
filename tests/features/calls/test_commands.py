"""`watch.py calls` and the check of `doctor`."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from tests.fakes.bot import JOHN
from tests.features.calls.phone import CallTown

from domain.checks import Finding, Result
from emulator.cloud_api.app import create_emulator
from emulator.cloud_api.config import Config
from features.calls import call_check, doctor, past_calls, takers
from features.calls.commands import commands
from features.calls.feature import Calls
from features.calls.settings import CallSettings
from features.calls.tables import CallRow
from services.clients.cloud_api.client import CloudApi
from services.setup import BusinessAccount, CommandSetup
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit, Transaction
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

    def settings_of(self, model: type[CallSettings]) -> CallSettings:
        return model(CALLS_ENABLED=True)

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
    assert "calls are switched off" in shown
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


def test_check_looks_at_this_machine_and_at_meta(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("aiortc", reason="needs the extra calls: aiortc")
    setup = Setup(tmp_path)
    assert run(setup, "check") == 0
    shown = capsys.readouterr().out
    assert "the engine starts" in shown
    assert "our SDP has Opus, keys, DTLS and addresses for UDP" in shown
    assert "calling is on at Meta" in shown
    assert "FAIL" not in shown
    calling = setup.emulator.state.account.number.settings["calling"]
    calling |= {"status": "DISABLED", "sip": {"status": "ENABLED"}}
    assert run(setup, "check") == 1
    shown = capsys.readouterr().out
    assert "calling is off at Meta\n      Run `watch.py calls settings --enable`." in shown
    assert "SIP is on" in shown


def test_check_waits_for_a_call_and_says_how_it_went(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    setup = Setup(tmp_path)
    at = datetime(2026, 11, 1, 12, tzinfo=UTC)
    answered = {
        "pre_accepted_at": at + timedelta(seconds=0.1),
        "connected_at": at + timedelta(seconds=0.2),
        "accepted_at": at + timedelta(seconds=0.3),
        "outcome": "completed",
        "heard_seconds": 4.0,
        "said_seconds": 7.0,
        "duration": 12,
    }
    monkeypatch.setattr(call_check, "check_machine", _nothing)
    monkeypatch.setattr(past_calls, "newest_since", lambda _, __: _row(at, **answered))
    asyncio.run(setup.take_a_call())
    assert run(setup, "check", "--wait") == 0
    shown = capsys.readouterr().out
    assert "pre-accepted after 0.10 s, audio connected after 0.20 s, answered after 0.30 s" in shown
    assert "hung up, or the bot said goodbye: 12 s; the caller spoke 4.0 s, the bot 7.0 s" in shown
    deaf = answered | {"heard_seconds": 0.0}
    assert [one.result for one in call_check.report(_row(at, **deaf))] == [Result.OK, Result.WARN]
    [missed] = call_check.report(_row(at, outcome="no_media", error=138021))
    assert missed.result is Result.FAIL
    assert "Meta received no audio from us" in missed.said
    [missed] = call_check.report(_row(at, outcome="no_media"))
    assert "no sound came through" in missed.said


async def _nothing(_: CallSettings) -> list[Finding]:
    return []


def _row(at: datetime, **values: Any) -> CallRow:
    known: dict[str, Any] = dict.fromkeys(CallRow._fields)
    known |= {"id": "wacid.A", "is_outgoing": False, "state": "ended", "chosen": ""}
    return CallRow(**(known | {"offered_at": at, "ended_at": at + timedelta(seconds=12)} | values))


async def test_doctor_and_health_tell_that_no_process_takes_calls(
    tmp_path: Path, migrated_postgres_url: str
) -> None:
    url = migrated_postgres_url
    given: dict[str, Any] = {"role": "web", "database_url": url, "migrated_url": url}
    web = CallTown(tmp_path, None, calls_enabled=True, **given)
    await web.start()
    now = web.bot.parts.clock
    found = await doctor.check_takers(url, now=now)
    assert found.result is Result.WARN
    assert "calls are on, and no process takes them yet" in found.said
    assert await web.feature.health() == {"calls": takers.NOBODY}
    await web.database.submit(Transaction(lambda c, _: takers.note(c, now())))
    assert (await doctor.check_takers(url, now=now)).result is Result.OK
    assert await web.feature.health() == {}
    web.clock.advance(takers.GONE_AFTER)
    assert (await doctor.check_takers(url, now=now)).result is Result.WARN
    await web.stop()


async def test_a_process_that_takes_calls_notes_it(tmp_path: Path) -> None:
    pytest.importorskip("aiortc", reason="needs the extra calls: aiortc")
    town = CallTown(tmp_path, calls_enabled=True)
    await town.start()
    now = town.bot.parts.clock()
    async with town.feature.running():
        for _ in range(2_000):
            if await town.database.reader.run(lambda c, _: takers.are_there(c, now)):
                break
            await asyncio.sleep(0.005)
        else:
            raise AssertionError("nobody takes calls")
    await town.stop()


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
