"""What `watch.py doctor` says of the base."""

import asyncio
import json

import pytest
from tests.fakes.clinic import NOWHERE, Clinic, Run, only, results

from app.cli import commands as cli
from app.composition.features import settings_models
from app.development.given_settings import setting_names
from app.development.plan import EMULATED_AIRTABLE
from emulator.airtable.config import AirtableConfig
from emulator.airtable.testing import AirtableDouble
from emulator.app import create_app
from emulator.loopback import LoopbackServer
from features.airtable.doctor import judge_error
from services.clients.airtable.errors import AirtableError, OverQuota, TooFast, Unreachable


async def test_without_a_token_operators_have_no_base(told: Run) -> None:
    code, found = await told("--live")
    assert (code, only(found, "airtable")[0]) == (0, "SKIP")


async def test_the_operators_base(told: Run, clinic: Clinic, airtable: AirtableDouble) -> None:
    clinic.set("AIRTABLE_API_KEY", airtable.config.token)
    clinic.set("AIRTABLE_BASE_ID", airtable.config.base_id)
    clinic.set("AIRTABLE_API_URL", airtable.url)
    code, found = await told("--live")
    assert code == 1
    bad = [one for one in found["airtable"] if one["result"] == "FAIL"]
    assert [one["said"].partition(":")[0] for one in bad] == ["base"]
    assert "create table Contacts" in bad[0]["said"]
    assert bad[0]["fix"] == "python3 watch.py airtable init"
    await asyncio.to_thread(cli.main, ["airtable", "init", "--yes"])
    airtable.table("Contacts").field("Notes").name = "Remarks"  # known by its id
    code, found = await told("--live")
    assert (code, results(found)["airtable"]) == (0, {"OK"})
    clinic.set("AIRTABLE_API_KEY", "patWrong")
    code, found = await told("--live")
    assert code == 1
    assert "AIRTABLE_API_KEY" in only(found, "airtable")[2]


@pytest.mark.parametrize(
    ("kind", "result"), [(TooFast, "WARN"), (OverQuota, "FAIL"), (Unreachable, "FAIL")]
)
def test_what_airtable_s_refusals_mean(kind: type[AirtableError], result: str) -> None:
    assert judge_error(kind("WHY", "why")).result == result


async def test_the_airtable_doctor_checks_the_base_of_a_running_emulator(
    clinic: Clinic, capsys: pytest.CaptureFixture[str]
) -> None:
    emulated = AirtableConfig(
        token=EMULATED_AIRTABLE["AIRTABLE_API_KEY"], base_id=EMULATED_AIRTABLE["AIRTABLE_BASE_ID"]
    )
    emulator = LoopbackServer(create_app(clinic.config, emulated))
    await emulator.start()
    for name in setting_names(settings_models()):
        clinic.unset(name, raising=False)
    clinic.set("DATABASE_URL", clinic.url)
    (clinic.folder / ".local").mkdir()
    (clinic.folder / ".local/emulator.json").write_text(json.dumps({"url": emulator.url}))
    code = await asyncio.to_thread(cli.main, ["airtable", "doctor"])
    await emulator.stop()
    shown = capsys.readouterr()
    assert (code, shown.err) == (1, "")  # no bot has created the tables yet
    assert "OK    airtable: token: valid\n" in shown.out
    assert "FAIL  airtable: base: create table Contacts" in shown.out


async def test_another_base_is_checked_beside_an_emulator(told: Run, clinic: Clinic) -> None:
    for name in setting_names(settings_models()):
        clinic.unset(name, raising=False)
    clinic.set("DATABASE_URL", clinic.url)
    clinic.set("AIRTABLE_API_KEY", "patOfAnotherAccount")
    clinic.set("AIRTABLE_BASE_ID", "appOther")
    clinic.set("AIRTABLE_API_URL", NOWHERE)
    (clinic.folder / ".local").mkdir()
    (clinic.folder / ".local/emulator.json").write_text(json.dumps({"url": clinic.meta.url}))
    code, found = await told("--live")
    failed = [name for name, result in results(found).items() if "FAIL" in result]
    assert (code, failed) == (1, ["airtable"])
