"""What those who run the API rely on: one way to Meta, counts, alerts, log lines, and the guide."""

import ast
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Connection, TextClause, text
from tests.fakes.bot import ANA
from tests.fakes.captured_log import captured_log
from tests.features.notifications.town import Town, order

from app.cli import commands as cli
from app.composition.features import settings_models
from config.env import Settings
from storage.engine.group_commit import Transaction
from utils.setting_types import SettingsModel

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/notifications.md").read_text(encoding="utf-8")
CHECKLIST = PAGE.split("## Checklist\n")[1].split("\n## ")[0]
ALERTS = {
    rule["alert"]: str(rule["expr"])
    for group in yaml.safe_load((ROOT / "docs/alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
    if "alert" in rule
}
#: Features whose lines of the log begin with "WhatsApp".
TOLD = ("bulk", "callbacks", "events", "notifications", "templates")
#: What Meta does not take, and which alert tells it.
TROUBLES = {
    "MetaRefusesMessages": {"refuse": 1.0, "refuse_code": 131026},
    "MessagesDoNotArrive": {"failed_later": 1.0, "failed_code": 131026},
}


def numbers(town: Town) -> dict[str, float]:
    """Metrics that count, by name and labels: `bot_sends_total{result="failed",code="1"}`."""
    shown = town.state.metrics.exposition().decode()
    return {
        f"{one.name}{sorted(one.labels.items())}": one.value
        for family in text_string_to_metric_families(shown)
        for one in family.samples
        if one.name.endswith("_total")
    }


def calls_to_meta(town: Town) -> list[dict[str, Any]]:
    """The messages that Meta was asked to send."""
    return [
        one
        for one in town.account.traffic_log.all()
        if one["kind"] != "webhook" and one["url"].endswith("/messages")
    ]


async def test_a_template_goes_to_the_cloud_api_itself(town: Town) -> None:
    """One request to Meta for each message, and none to anybody in between."""
    await town.sent(order())
    await town.settle()
    [call] = calls_to_meta(town)
    assert (call["method"], call["request"]["type"]) == ("POST", "template")
    assert call["request"]["messaging_product"] == "whatsapp"
    assert town.settings.wp_phone_id in call["url"]
    written = " ".join((ROOT / name).read_text() for name in ("pyproject.toml", ".env-example"))
    assert "twilio" not in written.lower()


async def test_each_status_of_meta_is_counted_once(town: Town) -> None:
    await town.sent(order(), order("+57 300 200 0001"), key="k")
    await town.settle()
    received = town.state.metrics.received
    assert received["status"]._value.get() == 2 * len(("sent", "delivered", "read"))
    assert received["unknown_status"]._value.get() == 0


@pytest.mark.parametrize("alert", [*TROUBLES])
async def test_an_alert_looks_at_what_a_failed_message_counts(town: Town, alert: str) -> None:
    faults = town.account.fault_injector
    faults.set(faults.chaos.changed(**TROUBLES[alert]))
    before = numbers(town)
    [id_] = await town.sent(order())
    await town.settle()
    assert (await town.view(id_))["status"] == "failed"
    after = numbers(town)
    moved = [name for name in after if after[name] > before.get(name, 0.0)]
    failed = [name for name in moved if "'failed'" in name or "undelivered" in name]
    assert failed, moved
    assert all(name.partition("[")[0] in ALERTS[alert] for name in failed)


def log_calls(feature: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield the places where a feature writes to the log."""
    for file in sorted((ROOT / "src/features" / feature).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr in ("debug", "info", "warning", "error") and "logger" in ast.unparse(
                node.func
            ):
                yield f"{file.name}:{node.lineno}", node


@pytest.mark.parametrize("feature", TOLD)
def test_lines_of_the_log_are_found_by_the_name(feature: str) -> None:
    """As `grep WhatsApp` does; what is told elsewhere, too, begins so where it is made."""
    silent = [
        place
        for place, call in log_calls(feature)
        if not re.match(r"['\"]f?(WhatsApp|\{\}['\"])", ast.unparse(call.args[0]))
    ]
    assert silent == []


async def test_what_is_refused_and_told_begins_with_the_name(town: Town) -> None:
    with captured_log("INFO") as log:
        await town.meta_says("PAUSED")
        await town.settle()
    lines = [one for one in log.getvalue().splitlines() if "order_update" in one]
    assert lines
    assert all(" WhatsApp " in one for one in lines)


def test_each_step_of_the_checklist_exists() -> None:
    commands = re.findall(r"`python3 watch.py (\w+)", CHECKLIST)
    names = {one.name for one in cli.COMMANDS}
    assert len({*commands}) >= 4
    assert {*commands} <= names | {"templates", "notifications"}
    for alert in re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`", CHECKLIST):
        assert alert in ALERTS | {"WhatsApp": ""}
    for file in re.findall(r"\]\(([\w./-]+?)(?:#[\w-]+)?\)", CHECKLIST):
        assert (ROOT / "docs" / file).exists(), file


def test_each_setting_that_the_page_names_exists() -> None:
    models: Sequence[type[SettingsModel]] = (Settings, *settings_models())
    known = {name for model in models for names in model.names().values() for name in names}
    unread = {"WHATSAPP_BASE_URL", "WHATSAPP_FROM_NUMBER", "DATABASE_URL"}
    named = {one for one in re.findall(r"`([A-Z][A-Z_]{6,})`", PAGE) if "_" in one}
    assert named - known - unread <= {"AUTHENTICATION"}


def run(query: TextClause, connection: Connection, _: float) -> Sequence[Any]:
    return connection.execute(query).all()


async def test_the_queries_of_the_page_can_be_run(town: Town) -> None:
    await town.sent(order())
    await town.settle()
    queries = re.findall(r"SELECT [^;\"`]+", PAGE)
    assert len(queries) >= 3
    for query in queries:
        rows = await town.database.submit(Transaction(partial(run, text(query))))
        assert len(rows) >= 1, query


def test_prices_are_metas_to_tell() -> None:
    """A table of prices is wrong within months: the page has a link."""
    assert "https://developers.facebook.com/docs/whatsapp/pricing" in PAGE
    price = re.compile(r"[€$£]\s?0[.,]\d|0[.,]\d+\s?(?:€|EUR|USD)|free (?:tier|conversations)")
    for page in (ROOT / "docs").rglob("*.md"):
        if "decisions" not in page.parts:
            assert not price.search(page.read_text(encoding="utf-8")), page.name


async def test_what_meta_charges_for_is_counted(town: Town) -> None:
    await town.say("hello", ANA)
    await town.sent(order("+57 300 200 0001"))
    await town.settle()
    [whole] = (await town.call("GET", "/statistics")).json()["groups"]
    assert whole["billable_by_category"] == {"UTILITY": 1}
