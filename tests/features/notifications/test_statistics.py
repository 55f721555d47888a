"""Statistics: what became of all messages, and the page that shows them."""

import base64
import csv
import io
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import Connection
from tests.fakes.bot import JOHN
from tests.features.notifications.town import KEY, Town, order

from domain.delivery import DeliveryStatus, StatusReport
from features.bulk.labels import Labels
from features.notifications.page_route import router
from features.notifications.stage import Status
from features.notifications.statistics.groups import median, statistics
from features.notifications.statistics.periods import Period
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write, execute_writes
from storage.tables import deliveries
from storage.tables.users import change


def run_writes(writes: Sequence[Write], connection: Connection, _: float) -> None:
    execute_writes(connection, writes)


async def groups(town: Town, by: str = "") -> list[dict[str, Any]]:
    answer = await town.call("GET", "/statistics", params={"by": by})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["groups"]
    return found


def of_emulator(town: Town) -> Mapping[str, Counter[str]]:
    """What the emulator's own log has of the templates that it took: last statuses, by name."""
    last = {
        one["id"]: f"failed {one['errors'][0]['code']}" if "errors" in one else one["status"]
        for webhook in town.account.traffic_log.all()
        if webhook["kind"] == "webhook"
        for entry in webhook["request"]["entry"]
        for changed in entry["changes"]
        for one in sorted(changed["value"].get("statuses", []), key=lambda one: one["status"])
    }
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for person in town.account.people.recent(1000):
        for entry in person.entries:
            if entry["type"] == "template":
                found[entry["template"]["name"]][last.get(entry["id"], "accepted")] += 1
    return found


async def test_they_equal_a_recount_of_what_meta_reported(town: Town) -> None:
    """Whatever fails, is held, refused, cancelled, or comes twice."""
    faults = town.account.fault_injector
    faults.set(faults.chaos.changed(seed=5, failed_later=0.3, failed_code=131049, duplicate=0.3))
    template = {"name": "login", "language": "en", "parameters": ["493021"]}
    items = [order(f"+57 300 200 {number:04}") for number in range(30)]
    items += [order(f"+57 300 300 {number:04}", template=template) for number in range(10)]
    later = (town.clock() + timedelta(hours=1)).isoformat()
    items += [order(f"+57 300 400 {number:04}", send_at=later) for number in range(3)]
    await town.sent(*items, key="k")
    await town.settle()
    await town.wait(60)
    found = {one["group"]["template"]: one for one in await groups(town, "template")}
    for name, counted in of_emulator(town).items():
        one = found[name]
        failed = {status.split()[1]: n for status, n in counted.items() if "failed" in status}
        assert one["failed_by_code"] == failed
        shown = {status: n for status, n in one["by_status"].items() if n and status != "scheduled"}
        expected = Counter(status.split()[0] for status in counted.elements())
        assert shown == expected
    assert found["order_update"]["by_status"]["scheduled"] == 3
    [whole] = await groups(town)
    assert (whole["total"], whole["group"]) == (43, {})
    assert sum(whole["failed_by_code"].values()) > 0


async def test_what_was_cancelled_or_refused_counts_once(town: Town) -> None:
    await town.say("hello", JOHN)
    first, second, third = await town.sent(
        order(), order(f"+{JOHN}"), order("+57 300 200 0001"), key="k"
    )
    await town.release()
    assert (await town.call("DELETE", f"/{first}")).status_code == 200
    user = await town.user(JOHN)
    stop = change(user.key, {"opted_out_at": town.clock()})
    await town.database.submit(Transaction(lambda c, _: execute_writes(c, [stop])))
    await town.settle()
    [whole] = await groups(town)
    shown = {status: n for status, n in whole["by_status"].items() if n}
    assert shown == {"cancelled": 1, "failed": 1, "read": 1}
    assert whole["failed_by_code"] == {"none": 1}
    assert [await town.status(one) for one in (first, second, third)] == [
        "cancelled",
        "failed",
        "read",
    ]


async def test_a_status_without_metas_answer_counts_and_is_not_measured(
    database: GroupCommit,
) -> None:
    """The process was killed before it had the answer, and the status told of the message."""
    at = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
    labels = Labels("default", "1", "api", "order_update", "en", "UTILITY")
    add = deliveries.add("ntf_1", user_key=None, kind="template", at=at, label=labels.at(at))
    told = deliveries.report([StatusReport("wamid.1", DeliveryStatus.READ, at, "ntf_1")])
    for writes in ([labels.write(), add], told):
        await database.submit(Transaction(partial(run_writes, writes)))
    period = Period("default", at - timedelta(days=1), at, at)
    [one] = await database.reader.run(lambda c, _: statistics(c, period, []))
    assert (one.by_status[Status.READ], one.median_seconds_to_read) == (1, None)


async def test_csv_has_a_row_for_each_group(town: Town) -> None:
    await town.sent(order())
    await town.settle()
    headers = {"Accept": "text/csv"}
    params = {"by": "day,template,source,number,hour"}
    answer = await town.call("GET", "/statistics", params=params, headers=headers)
    assert answer.headers["content-type"].startswith("text/csv")
    [row] = csv.DictReader(io.StringIO(answer.text))
    assert (row["template"], row["source"], row["read"], row["billable"]) == (
        "order_update",
        "api",
        "1",
        "UTILITY:1",
    )
    assert row["number"] == town.settings.wp_phone_id
    assert (await town.call("GET", "/statistics", params={"by": "color"})).status_code == 422


def test_the_median_of_counted_numbers() -> None:
    assert median({}) is None
    assert median({3: 1}) == 3
    assert median({1: 2, 9: 1}) == 1
    assert median({1: 1, 4: 1}) == 2.5
    assert median({1: 2, 4: 2}) == 2.5


async def page(town: Town, **headers: str) -> httpx.Response:
    app = FastAPI()
    app.include_router(router)

    async def with_state(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "state": dict(town.state.by_name())}, receive, send)

    transport = httpx.ASGITransport(with_state)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        return await client.get("/operators/statistics", headers=headers)


async def test_the_page_asks_for_the_key_and_draws_itself(town: Town) -> None:
    await town.sent(order())
    await town.settle()
    refused = await page(town)
    assert (refused.status_code, "Basic" in refused.headers["www-authenticate"]) == (401, True)
    wrong = base64.b64encode(b"me:wrong").decode()
    assert (await page(town, Authorization=f"Basic {wrong}")).status_code == 401
    assert (await page(town, Authorization="Basic ?")).status_code == 401
    right = base64.b64encode(f"me:{KEY}".encode()).decode()
    shown = await page(town, Authorization=f"Basic {right}")
    assert shown.status_code == 200
    assert "1 read" in shown.text
    assert "<rect" in shown.text
    assert "order_update" in shown.text
    assert "http" not in shown.text.replace("http-equiv", "")
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    # The API itself takes no passwords, which browsers send by themselves.
    answer = await town.call("GET", key=None, headers={"Authorization": f"Basic {right}"})
    assert answer.status_code == 401
