"""Keys of other systems, and the one envelope of all errors."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select
from tests.fakes.database_templates import make_file
from tests.features.notifications.town import KEY, Town, codes, order

from features.notifications import api_keys
from features.notifications.access import Access
from features.notifications.api_keys import Scope
from features.notifications.api_route import MAX_BODY_BYTES
from features.notifications.commands import commands
from features.notifications.tables import api_key
from jobs.job_queue import JobQueue, Overloaded
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit, Transaction


async def create(town: Town, *scopes: Scope, days: int | None = None) -> str:
    now = town.clock()
    ends = None if days is None else now + timedelta(days=days)
    return await town.database.submit(
        Transaction(lambda c, _: api_keys.create(c, "erp", scopes, now, expires_at=ends))
    )


async def test_a_key_may_do_what_it_is_for(town: Town) -> None:
    reader = await create(town, Scope.READ)
    assert (await town.call("GET", key=reader)).status_code == 200
    refused = await town.call("POST", json={"items": [order()]}, key=reader)
    assert (refused.status_code, codes(refused)) == (403, [("scope_missing", "")])
    sender = await create(town, Scope.SEND)
    sent = await town.call("POST", json={"items": [order()]}, key=sender)
    assert sent.status_code == 202


async def test_a_wrong_revoked_or_expired_key_is_refused(town: Town) -> None:
    key = await create(town, Scope.READ, days=1)
    id_ = key.split("_")[1]
    wrong = f"wak_{id_}_{'A' * 43}"
    unknown = f"wak_{'0' * 12}_{'A' * 43}"
    for given in (wrong, unknown, KEY[:-1], "wak_", "é"):
        headers = {b"Authorization": f"Bearer {given}".encode()}
        answer = await town.call("GET", key=None, headers=headers)
        assert (answer.status_code, codes(answer)) == (401, [("key_wrong", "Authorization")])
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    missing = await town.call("GET", key=None)
    assert (missing.status_code, codes(missing)) == (401, [("key_missing", "Authorization")])
    await town.wait(86_401)
    assert (await town.call("GET", key=key)).status_code == 401
    second = await create(town, Scope.READ)
    assert (await town.call("GET", key=second)).status_code == 200
    now = town.clock()
    await town.database.submit(
        Transaction(lambda c, _: api_keys.revoke(c, second.split("_")[1], now))
    )
    assert (await town.call("GET", key=second)).status_code == 401


async def test_only_a_hash_is_stored_and_the_last_use(town: Town) -> None:
    key = await create(town, Scope.READ)
    await town.call("GET", key=key)
    [row] = await town.database.reader.run(lambda c, _: c.execute(select(api_key)).all())
    assert key.split("_", 2)[2] not in repr(row)
    assert row.used_at == town.clock()


async def test_guesses_are_slowed(town: Town) -> None:
    for _ in range(20):
        await town.call("GET", key="guess")
    answer = await town.call("GET", key=KEY)
    assert (answer.status_code, codes(answer)) == (429, [("too_many_attempts", "")])
    assert answer.headers["Retry-After"] == "60"


class BusyQueue:
    def ensure_capacity(self) -> None:
        raise Overloaded


async def test_a_busy_bot_asks_to_come_again(town: Town) -> None:
    access = town.state.of_features["notification_access"]
    assert isinstance(access, Access)
    busy = {"notification_access": replace(access, queue=cast(JobQueue, BusyQueue()))}
    town.state = replace(town.state, of_features={**town.state.of_features, **busy})
    answer = await town.post(order())
    assert (answer.status_code, codes(answer)) == (503, [("overloaded", "")])
    assert answer.headers["Retry-After"] == "5"


async def test_without_any_key_there_is_no_api(tmp_path: Path) -> None:
    town = Town(tmp_path, notifications_api_key=None)
    await town.begin()
    answer = await town.post(order())
    assert (answer.status_code, codes(answer)) == (404, [("api_off", "")])
    key = await create(town, Scope.SEND)
    assert (await town.call("POST", json={"items": [order()]}, key=key)).status_code == 202
    await town.stop()


async def test_a_setting_turns_the_api_off(tmp_path: Path) -> None:
    town = Town(tmp_path, enable_whatsapp_notifications=False)
    await town.begin()
    answer = await town.post(order())
    assert (answer.status_code, codes(answer)) == (404, [("api_off", "")])
    await town.stop()


async def test_a_day_has_a_budget_and_numbers_a_country(tmp_path: Path) -> None:
    town = Town(tmp_path, notifications_per_day=2, notifications_country="CO")
    await town.begin()
    await town.sent(order("300 123 4567"), order("300 123 4568"), key="k")
    answer = await town.post(order())
    assert (answer.status_code, codes(answer)) == (409, [("budget_spent", "")])
    await town.wait(86_401)
    await town.sent(order())
    await town.stop()


FILLED = "items[0].template.parameters"


def filled(parameters: object) -> dict[str, Any]:
    return order(template={"name": "order_update", "parameters": parameters})


JSON = {"Content-Type": "application/json"}
WRONG: Sequence[tuple[dict[str, Any], int, list[tuple[str, str]]]] = [
    ({"content": b'{"items": []}'}, 400, [("json_invalid", "")]),
    ({}, 400, [("json_invalid", "")]),
    ({"json": {"items": [filled([5])]}}, 422, [("field_invalid", f"{FILLED}[0]")]),
    ({"json": {"items": [filled({"1": 5})]}}, 422, [("field_invalid", f"{FILLED}.1")]),
    ({"json": {"items": []}}, 422, [("field_invalid", "items")]),
    ({"json": {}}, 422, [("field_missing", "items")]),
    ({"json": {"items": [{"to": 5}]}}, 422, [("field_invalid", "items[0].to")]),
    ({"json": {"items": [order(extra=1)]}}, 422, [("field_unknown", "items[0].extra")]),
    ({"json": {"items": [order()], "from": "1"}}, 422, [("sender_unknown", "from")]),
    (
        {"content": b"{", "headers": JSON},
        400,
        [("json_invalid", "")],
    ),
    ({"content": b"\xff{", "headers": JSON}, 400, [("json_invalid", "")]),
    ({"json": {"items": [order()] * 1001}}, 413, [("too_many_items", "items")]),
    ({"content": b" " * (MAX_BODY_BYTES + 1)}, 413, [("body_too_large", "")]),
]


@pytest.mark.parametrize(("sent", "status", "expected"), WRONG)
async def test_every_error_says_where_what_and_how_to_fix_it(
    town: Town, sent: dict[str, Any], status: int, expected: list[tuple[str, str]]
) -> None:
    answer = await town.call("POST", **sent)
    assert (answer.status_code, codes(answer)) == (status, expected), answer.text
    for one in answer.json()["errors"]:
        assert one["message"]
        assert one["fix"]


async def test_nobody_elses_id_is_found(town: Town) -> None:
    for method, path in (
        ("GET", "/ntf_00"),
        ("DELETE", "/ntf_00"),
        ("DELETE", "/batches/bat_00"),
        ("POST", "/ntf_00/retry"),
    ):
        answer = await town.call(method, path)
        assert (answer.status_code, codes(answer)) == (404, [("not_found", "")]), path


class Installation:
    """The database of a test, for commands."""

    def __init__(self, file: Path) -> None:
        make_file(file)
        self._url = f"sqlite:///{file}"

    @asynccontextmanager
    async def open_database(self) -> AsyncIterator[GroupCommit]:
        database = GroupCommit(open_engine(self._url))
        yield database
        await database.close()


def test_commands_create_list_and_revoke_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command, _ = commands(Installation(tmp_path / "bot.db"))  # type: ignore[arg-type]
    run = command.run
    assert run(["keys", "list"]) == 0
    assert capsys.readouterr().out == "No keys.\n"
    assert run(["keys", "create", "erp", "--scope", "send", "--days", "30"]) == 0
    told = capsys.readouterr()
    assert re.fullmatch(r"wak_[0-9a-f]{12}_[A-Za-z0-9_-]{43}\n", told.out)
    id_, secret = told.out.strip().split("_", 2)[1:]
    assert run(["keys", "list"]) == 0
    listed = capsys.readouterr().out
    assert listed.startswith(f"{id_}  erp  send  until ")
    assert secret not in listed
    assert run(["keys", "revoke", id_]) == 0
    assert run(["keys", "revoke", id_]) == 1
    capsys.readouterr()
    assert run(["keys", "list"]) == 0
    assert "revoked  never used" in capsys.readouterr().out


async def test_a_key_that_asks_too_often_is_told_when_to_go_on(tmp_path: Path) -> None:
    """And other keys are not held up by it."""
    town = Town(tmp_path, notifications_requests_per_minute=3)
    await town.begin()
    other = await create(town, Scope.READ)
    answers = [await town.call("GET") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert (codes(answers[-1]), answers[-1].headers["Retry-After"]) == (
        [("too_many_requests", "")],
        "20",
    )
    assert (await town.call("GET", key=other)).status_code == 200
    town.clock.advance(timedelta(seconds=20))
    assert [(await town.call("GET")).status_code for _ in range(2)] == [200, 429]
    await town.stop()
