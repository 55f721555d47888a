"""`watch.py doctor`, against the emulator over HTTP: what is well, and what is not."""

import asyncio
import json
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import watch
from sqlalchemy import Engine, text
from tests.fakes.clinic import NOWHERE, SECRETS, Clinic, Run, make, only, results
from tests.fakes.dev_server import free_port
from tests.sample.flows import main_menu

import features
from app.cli import commands as cli
from app.composition.features import settings_models
from app.development.given_settings import setting_names
from app.doctor import account, database, machine
from app.doctor.account_queries import AccountQueries, NumberFacts
from app.doctor.installation import ACCOUNT_SETTINGS
from app.doctor.printer import summary, without_secrets
from app.doctor.runner import examine
from domain.checks import Check, Finding, Result, fail, ok, skip, warn
from services.clients.cloud_api.errors import Rejected, Throttled
from services.clients.cloud_api.token_facts import TokenFacts
from services.clients.http import make_http_client
from storage.engine.database import open_engine
from storage.engine.migrate import upgrade
from storage.engine.revisions import newest_revision

NOW = datetime(2026, 11, 21, tzinfo=UTC)
DAY = timedelta(days=1)
#: Checks of features, which their own tests look at.
OF_FEATURES = {
    "kept files",
    "extras",
    "airtable",
    "assistant",
    "callbacks",
    "callers",
    "calls",
    "events",
    "speech",
}


async def test_an_installation_that_is_well(told: Run) -> None:
    code, found = await told("--live")
    assert code == 0
    skipped = {name for name, result in results(found).items() if result == {"SKIP"}}
    assert skipped - OF_FEATURES == {"clock"}  # this server has no Date
    rest = [name for name in found if name not in skipped | OF_FEATURES]
    assert [name for name in rest if results(found)[name] != {"OK"}] == []
    offline = ["python", "flows", "settings", "port", "sqlite", "database", "migrations", "disk"]
    online = ["token", "app secret", "phone number", "subscription", "templates"]
    assert rest == [*offline, "dead letters", *online, "callback"]


async def test_what_stops_the_start_of_the_bot_is_told(
    told: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main_menu, "main_menu", replace(main_menu.main_menu, name="my_menu"))
    code, found = await told()
    assert (code, results(found)["flows"]) == (1, {"FAIL"})
    said = [one["said"] for one in found["flows"]]
    assert any("no menu has the name main_menu, which the bot shows" in one for one in said), said
    assert results(found)["database"] == {"OK"}


async def test_a_feature_that_cannot_be_used_is_told(
    told: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "features/loyalty").mkdir(parents=True)
    (tmp_path / "features/loyalty/settings.py").write_text("\nSETTINGS = settings(")
    monkeypatch.setattr(features, "__path__", [str(tmp_path / "features")])
    settings_models.cache_clear()
    code, found = await told()
    settings_models.cache_clear()
    result, said, _ = only(found, "features")
    assert (code, result) == (1, "FAIL")
    assert "features/loyalty/settings.py:2: SyntaxError" in said


async def test_nobody_else_is_asked_without_live(told: Run, clinic: Clinic) -> None:
    clinic.set("GRAPH_API_URL", NOWHERE)
    code, found = await told()
    assert code == 0
    assert "token" not in found


async def test_people_read_lines_without_anything_private(
    clinic: Clinic, capsys: pytest.CaptureFixture[str]
) -> None:
    clinic.account.number.is_registered = False
    clinic.hook.token = "another"
    assert await clinic.run("--live") == 1
    shown = capsys.readouterr().out
    assert "OK    token: valid" in shown
    assert "WARN  phone number: ...0001 (Emulated business) is DISCONNECTED\n      " in shown
    assert shown.endswith("To fix: callback. To look at: phone number.\n")
    private = [*SECRETS.values(), clinic.config.display_phone_number]
    assert [one for one in private if one in shown] == []


async def test_a_wrong_token_fails_and_what_needs_it_is_skipped(told: Run, clinic: Clinic) -> None:
    clinic.set("WP_ACCESS_TOKEN", "EAAsomeOtherToken")
    code, found = await told("--live")
    assert code == 1
    result, said, fix = only(found, "token")
    assert (result, "190" in said) == ("FAIL", True)
    assert "System users > Generate token" in fix
    assert only(found, "phone number")[:2] == ("SKIP", "waits for: token")
    assert only(found, "callback")[:2] == ("SKIP", "waits for: token, phone number")


async def test_an_expired_token(told: Run, clinic: Clinic) -> None:
    await clinic.close()
    await clinic.open(token_life_seconds=3600)
    assert only((await told("--live"))[1], "token")[0] == "WARN"
    clinic.account.clock.advance(3600)
    code, found = await told("--live")
    result, said, _ = only(found, "token")
    assert (code, result, "has expired" in said) == (1, "FAIL", True)


async def test_a_token_without_the_permission_to_send(told: Run, clinic: Clinic) -> None:
    clinic.account.access_token.scopes = (account.MANAGES,)
    code, found = await told("--live")
    assert (code, only(found, "token")[:2]) == (
        1,
        ("FAIL", f"it lacks the permission {account.SENDS}"),
    )


async def test_the_secret_of_another_app(told: Run, clinic: Clinic) -> None:
    clinic.set("WHATSAPP_APP_SECRET", "that-of-another-app")
    code, found = await told("--live")
    assert (code, only(found, "app secret")[0]) == (1, "FAIL")
    assert "App settings > Basic" in only(found, "app secret")[2]


async def test_a_wrong_phone_id(told: Run, clinic: Clinic) -> None:
    clinic.set("WP_PHONE_ID", "100000000000099")
    code, found = await told("--live")
    assert code == 1
    assert only(found, "phone number")[0] == "FAIL"
    assert "WP_PHONE_ID" in only(found, "phone number")[2]
    assert only(found, "callback")[0] == "SKIP"
    assert only(found, "token")[0] == "OK"


async def test_an_app_that_is_not_subscribed(told: Run, clinic: Clinic) -> None:
    url = f"{clinic.meta.url}/v25.0/{clinic.config.business_account_id}/subscribed_apps"
    async with httpx.AsyncClient() as http:
        ours = {"Authorization": f"Bearer {clinic.config.access_token}"}
        await http.delete(url, headers=ours)
    code, found = await told("--live")
    result, _, fix = only(found, "subscription")
    assert (code, result) == (1, "FAIL")
    assert fix == f'curl -X POST -H "Authorization: Bearer $WP_ACCESS_TOKEN" {url}'


async def test_without_the_account_s_id_two_checks_say_what_to_set(
    told: Run, clinic: Clinic
) -> None:
    clinic.unset("WP_BID")
    code, found = await told("--live")
    for name in ("subscription", "templates"):
        result, _, fix = only(found, name)
        assert (result, "WP_BID" in fix) == ("SKIP", True)
    assert code == 0
    clinic.set("WP_BID", "12345")
    code, found = await told("--live")
    assert (code, only(found, "subscription")[0]) == (1, "FAIL")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"token": "another"}, "refuses WEBHOOK_VERIFY_TOKEN"),
        ({"takes_any": True}, "takes any verify token"),
        ({"echoes": False}, "does not echo"),
        ({"status": 502}, "HTTP 502"),
    ],
    ids=["wrong token", "any token", "no echo", "broken"],
)
async def test_a_callback_that_is_not_right(
    told: Run, clinic: Clinic, wrong: dict[str, Any], words: str
) -> None:
    for name, value in wrong.items():
        setattr(clinic.hook, name, value)
    code, found = await told("--live")
    result, said, _ = only(found, "callback")
    assert (code, result) == (1, "FAIL")
    assert words in said


async def test_a_callback_that_cannot_be_reached(told: Run, clinic: Clinic) -> None:
    await clinic.close()
    await clinic.open(callback_url=f"http://user:word@127.0.0.1:{free_port()}/webhook?key=private")
    code, found = await told("--live")
    result, said, _ = only(found, "callback")
    assert (code, result) == (1, "FAIL")
    assert "cannot be reached" in said
    assert "word" not in said
    assert "private" not in said


async def test_a_secret_in_an_address_is_not_printed(told: Run, clinic: Clinic) -> None:
    address = f"{clinic.bot.url}/{SECRETS['verify_token']}"
    await clinic.close()
    await clinic.open(callback_url=address)
    _, found = await told("--live")
    assert "/[secret] " in only(found, "callback")[1]
    assert SECRETS["verify_token"] not in json.dumps(found)


async def test_a_number_without_callback(told: Run, clinic: Clinic) -> None:
    await clinic.close()
    await clinic.open(callback_url="")
    code, found = await told("--live")
    result, _, fix = only(found, "callback")
    assert (code, result) == (0, "SKIP")
    assert "Callback URL" in fix


async def test_an_account_without_templates(told: Run, clinic: Clinic) -> None:
    clinic.account.templates.delete("hello_world", ())
    code, found = await told("--live")
    assert (code, only(found, "templates")[0]) == (0, "WARN")


async def test_meta_out_of_reach_is_said_once(told: Run, clinic: Clinic) -> None:
    clinic.set("GRAPH_API_URL", NOWHERE)
    code, found = await told("--live")
    assert code == 1
    assert [name for name, result in results(found).items() if result == {"FAIL"}] == ["token"]
    assert "cannot be reached" in only(found, "token")[1]


@pytest.mark.parametrize(
    ("url", "words", "fix"),
    [
        ("postgresql://bot:hunter2word@127.0.0.1:9/bot", "refused", "DATABASE_URL"),
        ("postgresql://bot:hunter2word@host:port/bot", "cannot be used", "DATABASE_URL"),
        ("sqlite:///nowhere/bot.db", "nothing can be written", "mkdir -p"),
        ("sqlite:///text.db", "not a database", "backup"),
    ],
    ids=["server away", "no port", "no folder", "no database"],
)
async def test_a_database_that_cannot_be_used(
    told: Run, clinic: Clinic, url: str, words: str, fix: str
) -> None:
    (clinic.folder / "text.db").write_text("these are words, and no tables " * 40)
    clinic.set("DATABASE_URL", url)
    code, found = await told()
    result, said, advice = only(found, "database")
    assert (code, result) == (1, "FAIL")
    assert words in said
    assert fix in advice
    assert "hunter2word" not in json.dumps(found)
    assert only(found, "migrations")[0] == "SKIP"
    assert only(found, "dead letters")[:2] == ("SKIP", "waits for: migrations")


async def test_before_the_first_start_there_is_no_file_and_none_is_made(
    told: Run, clinic: Clinic
) -> None:
    clinic.set("DATABASE_URL", "sqlite:///first.db")
    code, found = await told()
    assert (code, only(found, "database")[:2]) == (
        0,
        ("OK", "first.db will be created at the first start"),
    )
    assert only(found, "migrations")[0] == "SKIP"
    assert not (clinic.folder / "first.db").exists()


async def test_tables_that_were_never_made(told: Run, clinic: Clinic, database_url: str) -> None:
    is_file = database_url.startswith("sqlite")
    url = f"sqlite:///{clinic.folder / 'empty.db'}" if is_file else database_url
    make(url)
    clinic.set("DATABASE_URL", url)
    code, found = await told()
    result, _, fix = only(found, "migrations")
    assert (code, result) == ((0, "WARN") if is_file else (1, "FAIL"))
    assert "python3 watch.py migrate" in fix
    assert only(found, "dead letters")[0] == "SKIP"


async def test_a_database_of_either_kind_is_well_once_it_is_migrated(
    told: Run, clinic: Clinic, database_url: str
) -> None:
    make(database_url, upgrade)
    clinic.set("DATABASE_URL", database_url)
    code, found = await told()
    assert code == 0
    is_file = database_url.startswith("sqlite")
    names = ["database", "migrations", "dead letters"]
    names += ["disk"] if is_file else ["database clock", "durability"]
    assert {name: only(found, name)[0] for name in names} == dict.fromkeys(names, "OK")


def change(url: str, statement: str) -> None:
    def execute(engine: Engine) -> None:
        with engine.begin() as connection:
            connection.execute(text(statement))

    make(url, execute)


async def test_tables_of_newer_code(told: Run, clinic: Clinic) -> None:
    change(clinic.url, "UPDATE alembic_version SET version_num = '9999'")
    code, found = await told()
    assert (code, only(found, "migrations")[:2]) == (
        0,
        ("WARN", "newer code has changed the tables (9999); this code works with them"),
    )


async def test_a_migration_that_is_missing(told: Run, clinic: Clinic) -> None:
    change(clinic.url, "UPDATE alembic_version SET version_num = '0001'")
    assert newest_revision() != "0001"
    code, found = await told()
    assert (code, only(found, "migrations")[0]) == (0, "WARN")


async def test_dead_letters_are_a_reason_to_look(told: Run, clinic: Clinic) -> None:
    change(
        clinic.url,
        "INSERT INTO job (lane, kind, body, state, created_at) VALUES ('a', 'b', '{}', 2, 0)",
    )
    code, found = await told()
    result, said, fix = only(found, "dead letters")
    assert (code, result, said) == (0, "WARN", "1 given up")
    assert "python3 watch.py jobs list --state dead" in fix


async def test_a_running_bot_that_writes_holds_nobody_up(told: Run, clinic: Clinic) -> None:
    engine = open_engine(clinic.url)
    with engine.begin():  # its lock is taken at once
        code, found = await told()
    engine.dispose()
    assert (code, only(found, "dead letters")[0]) == (0, "OK")


@pytest.mark.parametrize(
    ("value", "result", "said"), [("on", "OK", "one server"), ("off", "FAIL", "a crash")]
)
async def test_what_a_crash_of_the_server_would_lose(
    postgres_url: str, value: str, result: str, said: str
) -> None:
    url = f"{postgres_url}&options=-csynchronous_commit%3D{value}"
    found = await database.durability(url)
    assert found.result == result
    assert found.said.startswith(said)


@pytest.mark.parametrize(("ahead", "result"), [(0, "OK"), (-3, "WARN"), (3, "WARN")])
async def test_the_server_s_clock(database_url: str, ahead: int, result: str) -> None:
    make(database_url)
    found = await database.clock(database_url, now=lambda: time.time() - ahead)
    assert found.result == result
    assert ("ahead of" in found.said) is (ahead > 0)


async def test_a_full_disk(tmp_path: Path) -> None:
    assert (await database.disk_space(tmp_path, least=1)).result is Result.OK
    found = await database.disk_space(tmp_path, least=10**18)
    assert (found.result, found.said.startswith("only ")) == (Result.WARN, True)


async def test_every_setting_that_is_wrong_has_a_line(told: Run, clinic: Clinic) -> None:
    clinic.set("WP_ACCESS_TOKEN", "your_access_token")
    clinic.unset("WHATSAPP_APP_SECRET")
    clinic.set("TIMEZONE", "Nowhere")
    (clinic.folder / ".env").write_text("REMINDER_SECOND=60\n")
    code, found = await told("--live")
    assert code == 1
    assert results(found)["settings"] == {"FAIL"}
    fixes = {one["said"].partition(" ")[0]: one["fix"] for one in found["settings"]}
    assert "System users" in fixes["WP_ACCESS_TOKEN"]
    assert "App settings > Basic" in fixes["Missing"]
    assert "TIMEZONE in .env" in fixes["TIMEZONE:"]
    assert fixes["Unknown"].startswith("Fix .env")
    assert only(found, "live")[:2] == ("SKIP", "waits for: settings")
    assert only(found, "database")[0] == "OK"


async def test_a_setting_that_works_for_now(told: Run, clinic: Clinic) -> None:
    clinic.set("API_VERSION", "v20.0")
    code, found = await told()
    assert (code, results(found)["settings"]) == (0, {"OK", "WARN"})


async def test_a_port_that_another_program_has(told: Run, clinic: Clinic) -> None:
    clinic.hook.alive = {"status": "something else"}
    code, found = await told()
    result, _, fix = only(found, "port")
    assert (code, result) == (1, "FAIL")
    assert "PORT" in fix
    clinic.set("PORT", str(free_port()))
    code, found = await told()
    assert (code, only(found, "port")[1].endswith("is free")) == (0, True)


async def test_an_address_of_another_machine(told: Run, clinic: Clinic) -> None:
    clinic.set("HOST", "203.0.113.1")
    clinic.set("PORT", str(free_port()))
    code, found = await told()
    assert (code, only(found, "port")[0]) == (1, "FAIL")


async def test_a_port_where_nobody_speaks_http() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        number = silent.getsockname()[1]
        async with make_http_client() as http:
            found = await machine.port(http, "127.0.0.1", number, local="127.0.0.1", patience=0.05)
    assert found.result is Result.FAIL


async def test_old_versions() -> None:
    assert machine.OLDEST_PYTHON == watch.OLDEST_PYTHON
    assert (await machine.python_version((3, 11, 0))).result is Result.OK
    assert (await machine.python_version((3, 10, 14))).result is Result.FAIL
    assert (await machine.sqlite_version((3, 38, 0), oldest=(3, 38, 0))).result is Result.OK
    assert (await machine.sqlite_version((3, 37, 9), oldest=(3, 38, 0))).result is Result.FAIL


def token(**changes: Any) -> TokenFacts:
    scopes = frozenset({account.SENDS, account.MANAGES})
    usual: dict[str, Any] = {
        "is_valid": True,
        "kind": "SYSTEM_USER",
        "app_id": "1",
        "scopes": scopes,
        "expires_at": None,
        "problem": "",
    }
    return TokenFacts(**usual | changes)


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({}, "OK"),
        ({"expires_at": NOW + 8 * DAY}, "OK"),
        ({"expires_at": NOW + 6 * DAY}, "WARN"),
        ({"expires_at": NOW}, "FAIL"),
        ({"is_valid": False, "problem": "revoked"}, "FAIL"),
        ({"kind": "USER"}, "WARN"),
        ({"scopes": frozenset({account.SENDS})}, "WARN"),
        ({"scopes": frozenset({account.MANAGES})}, "FAIL"),
    ],
)
def test_what_a_token_is_worth(changes: dict[str, Any], result: str) -> None:
    assert account.judge_token(token(**changes), NOW).result == result


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({}, "OK"),
        ({"quality_rating": "", "status": "", "platform_type": ""}, "OK"),
        ({"quality_rating": "YELLOW"}, "WARN"),
        ({"quality_rating": "RED"}, "WARN"),
        ({"status": "FLAGGED"}, "WARN"),
        ({"platform_type": "ON_PREMISE"}, "WARN"),
    ],
)
def test_how_a_number_is(changes: dict[str, Any], result: str) -> None:
    usual = {
        "display_phone_number": "+1 555-000-0001",
        "verified_name": "Café",
        "quality_rating": "GREEN",
        "status": "CONNECTED",
        "platform_type": "CLOUD_API",
        "callback_url": "",
    }
    found = account.judge_number(NumberFacts(**usual | changes))
    assert found.result == result
    assert "...0001 (Café)" in found.said
    assert "555" not in found.said


def test_what_meta_s_refusals_mean() -> None:
    throttled = Throttled("slow down", retry_after=DAY)
    assert account.judge_error(throttled).result is Result.WARN
    assert account.judge_error(Rejected("no", code=10)).result is Result.WARN
    assert account.judge_error(Rejected("no", code=131031)).result is Result.FAIL


def meta_that_answers(answer: Callable[[httpx.Request], httpx.Response]) -> AccountQueries:
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return AccountQueries(http, token="t", phone_number_id="1")


async def test_an_account_that_only_others_hear_of() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/debug_token"):
            return httpx.Response(200, json={"data": {"is_valid": True, "app_id": "1"}})
        other = {"whatsapp_business_api_data": {"id": "2"}}
        return httpx.Response(200, json={"data": [other]})

    found = await account.subscription(meta_that_answers(answer), account_id="3")
    assert (found.result, "only other apps" in found.said) == (Result.FAIL, True)


@pytest.mark.parametrize(("behind", "result"), [(0, "OK"), (4, "OK"), (6, "WARN"), (-6, "WARN")])
async def test_our_clock_beside_meta_s(behind: int, result: str) -> None:
    date = {"date": "Sat, 21 Nov 2026 00:00:00 GMT"}
    meta = meta_that_answers(lambda _: httpx.Response(400, headers=date))
    found = await account.clock(meta, now=lambda: NOW - timedelta(seconds=behind))
    assert found.result == result
    assert ("behind" in found.said) is (result == "WARN" and behind > 0)


@pytest.mark.parametrize(
    ("without", "first"),
    [((), "phone_number"), (("phone_number",), "whatsapp_business_account")],
)
async def test_the_callback_nearest_to_the_number_counts(
    without: tuple[str, ...], first: str
) -> None:
    names = ("application", "whatsapp_business_account", "phone_number")
    urls = {name: f"https://{name}.example" for name in names if name not in without}
    meta = meta_that_answers(lambda _: httpx.Response(200, json={"webhook_configuration": urls}))
    assert (await meta.number()).callback_url == f"https://{first}.example"


@pytest.mark.parametrize("headers", [{}, {"date": "soon"}])
async def test_a_meta_that_does_not_tell_the_time(headers: dict[str, str]) -> None:
    meta = meta_that_answers(lambda _: httpx.Response(200, headers=headers))
    assert (await account.clock(meta, now=lambda: NOW)).result is Result.SKIP


@pytest.fixture
def beside_watch(clinic: Clinic) -> Clinic:
    """`watch.py` runs here: there is an emulator, and no account of Meta."""
    for name in setting_names(settings_models()):
        clinic.unset(name, raising=False)
    clinic.set("DATABASE_URL", clinic.url)
    (clinic.folder / ".local").mkdir()
    (clinic.folder / ".local/emulator.json").write_text(json.dumps({"url": clinic.meta.url}))
    return clinic


async def test_the_account_of_a_running_emulator_is_examined(
    told: Run, beside_watch: Clinic
) -> None:
    code, found = await told("--live")
    failed = [name for name, result in results(found).items() if "FAIL" in result]
    assert OF_FEATURES.issuperset(failed)
    assert code == bool(failed)
    assert beside_watch.meta.url in only(found, "settings")[1]
    assert only(found, "port")[1].endswith("is served by a bot that is running")
    assert only(found, "callback")[0] == "OK"
    assert only(found, "app secret")[0] == "SKIP"


async def test_an_account_of_one_s_own_is_examined_beside_an_emulator(
    told: Run, beside_watch: Clinic
) -> None:
    beside_watch.put_on()
    code, found = await told("--live")
    assert (code, only(found, "settings")[:2]) == (0, ("OK", "complete"))
    assert only(found, "app secret")[0] == "OK"


async def test_without_any_account_the_bot_runs_with_the_emulator(
    told: Run, clinic: Clinic
) -> None:
    for name in setting_names(settings_models()):
        clinic.unset(name, raising=False)
    clinic.set("DATABASE_URL", clinic.url)
    (clinic.folder / ".env").write_text("WP_ACCESS_TOKEN=your_access_token\n")
    code, found = await told()
    assert code == 0
    assert [name for name, result in results(found).items() if "FAIL" in result] == []
    result, said, fix = only(found, "account")
    assert (result, "python3 watch.py" in said) == ("SKIP", True)
    assert [name for name in ACCOUNT_SETTINGS if name not in fix] == []
    clinic.set("TIMEZONE", "Nowhere")
    code, found = await told()
    assert (code, only(found, "settings")[1].partition(":")[0]) == (1, "TIMEZONE")


@pytest.mark.parametrize(
    ("arguments", "environment"), [(["--live"], "development"), ([], "production")]
)
async def test_an_account_is_missed_where_one_is_needed(
    told: Run, clinic: Clinic, arguments: list[str], environment: str
) -> None:
    for name in ACCOUNT_SETTINGS:
        clinic.unset(name)
    clinic.set("ENVIRONMENT", environment)
    code, found = await told(*arguments)
    assert (code, results(found)["settings"], len(found["settings"])) == (1, {"FAIL"}, 4)


async def test_a_port_in_use_is_no_problem_where_another_may_be_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        number = silent.getsockname()[1]
        async with make_http_client() as http:
            found = await machine.port(
                http, "127.0.0.1", number, local="127.0.0.1", is_fixed=False, patience=0.05
            )
    assert (found.result, "next free port" in found.said) == (Result.OK, True)


async def test_a_bad_line_of_env_is_one_finding(
    told: Run, clinic: Clinic, capsys: pytest.CaptureFixture[str]
) -> None:
    (clinic.folder / ".env").write_text("LOG_LEVEL=INFO\nfoo bar\n")
    code, found = await told()
    assert code == 1
    failed = [one["said"] for one in found["settings"] if one["result"] == "FAIL"]
    assert len(failed) == 1
    assert "line 2" in failed[0].lower()
    assert await clinic.run() == 1
    shown = capsys.readouterr()
    assert (shown.err, shown.out.lower().count("line 2")) == ("", 1)


async def test_newer_tables_that_this_code_cannot_read(told: Run, clinic: Clinic) -> None:
    change(clinic.url, "UPDATE alembic_version SET version_num = '9999'")
    change(clinic.url, "ALTER TABLE job RENAME COLUMN state TO status")
    code, found = await told()
    assert (code, only(found, "migrations")[0]) == (0, "WARN")
    said = "cannot be counted: newer code has changed the tables"
    assert only(found, "dead letters")[:2] == ("WARN", said)
    change(clinic.url, "DROP TABLE job")
    code, found = await told()
    result, said, _ = only(found, "migrations")
    assert (code, result, "job is missing" in said) == (1, "FAIL", True)


async def test_several_revisions_are_those_of_another_program(told: Run, clinic: Clinic) -> None:
    change(clinic.url, "INSERT INTO alembic_version VALUES ('other')")
    code, found = await told()
    result, said, _ = only(found, "migrations")
    assert (code, result, "several revisions" in said) == (1, "FAIL", True)


async def test_an_emulator_that_was_killed_has_no_account(told: Run, beside_watch: Clinic) -> None:
    beside_watch.set("ENVIRONMENT", "production")
    file = beside_watch.folder / ".local/emulator.json"
    for left in (json.dumps({"url": NOWHERE}), "{", json.dumps({"url": beside_watch.bot.url})):
        file.write_text(left)
        code, found = await told()
        assert (code, results(found)["settings"]) == (1, {"FAIL"})


async def test_only_this_machine_is_told_of_the_account(clinic: Clinic) -> None:
    url = f"{clinic.meta.url}/emulator/account"
    async with httpx.AsyncClient() as http:
        told_account = await http.get(url)
        rebound = await http.get(url, headers={"host": "pages.example"})
    assert told_account.json()["access_token"] == clinic.config.access_token
    assert clinic.config.app_secret not in told_account.text
    assert rebound.status_code == 403


async def test_the_emulator_tells_about_other_tokens_only_that_they_are_not_valid(
    clinic: Clinic,
) -> None:
    url = f"{clinic.meta.url}/v25.0/debug_token"
    app_token = f"300000000000001|{clinic.config.app_secret}"
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {app_token}"}) as http:
        other = (await http.get(url, params={"input_token": "other"})).json()["data"]
        own = (await http.get(url, params={"input_token": clinic.config.access_token})).json()
        messages = await http.get(f"{clinic.meta.url}/v25.0/{clinic.config.phone_number_id}")
    assert (other["is_valid"], other["error"]["code"]) == (False, 190)
    assert own["data"]["is_valid"] is True
    assert messages.status_code == 401


async def given(*findings: Finding) -> list[Finding]:
    return list(findings)


async def raising() -> Finding:
    raise RuntimeError("token EAAabcdefghijkl of +573001234567\nand more")


async def waiting() -> Finding:
    await asyncio.Event().wait()
    raise AssertionError


async def run(*checks: Check) -> list[tuple[str, str, str]]:
    patience = timedelta(milliseconds=20)
    return [(one.name, one.result, one.said) async for one in examine(checks, patience=patience)]


async def test_the_others_run_whatever_becomes_of_a_check() -> None:
    found = await run(
        Check("raises", raising),
        Check("hangs", waiting),
        Check("is well", lambda: given(ok("yes"), warn("but", "look"))),
        Check("needs it", lambda: given(ok("yes")), needs=("is well",)),
        Check("needs more", lambda: given(ok("yes")), needs=("is well", "raises")),
        Check("needs that", lambda: given(ok("yes")), needs=("needs more",)),
    )
    assert found == [
        ("raises", "FAIL", "could not be checked: RuntimeError: token [secret] of [number]"),
        ("hangs", "FAIL", "took too long"),
        ("is well", "OK", "yes"),
        ("is well", "WARN", "but"),
        ("needs it", "OK", "yes"),
        ("needs more", "SKIP", "waits for: raises"),
        ("needs that", "SKIP", "waits for: needs more"),
    ]


def test_the_last_line_names_what_is_to_be_fixed() -> None:
    findings = [Finding(Result.FAIL, "", "", "port"), Finding(Result.FAIL, "", "", "port")]
    assert summary(findings, suggests_live=False) == "To fix: port."
    assert summary([skip("no")], suggests_live=False) == "Nothing to fix."
    assert summary([], suggests_live=True).endswith("python3 watch.py doctor --live")


def test_a_secret_that_slipped_in_is_taken_out_and_words_are_not() -> None:
    said = fail("no longsecret at /webhook", "with longsecret")
    cleaned = without_secrets(said, ["longsecret", "at"])
    assert (cleaned.said, cleaned.fix) == ("no [secret] at /webhook", "with [secret]")


async def test_it_is_a_command_of_watch_py(
    clinic: Clinic, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await asyncio.to_thread(cli.main, ["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    clinic.unset("WP_PHONE_ID")
    assert await asyncio.to_thread(cli.main, ["doctor"]) == 1
