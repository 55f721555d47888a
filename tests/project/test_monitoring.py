"""The dashboard and the alerts ask for what the bot tells, and for nothing else."""

import json
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from app.reload.status import ReloadStatus
from utils.metrics import Metrics

DOCS = Path(__file__).parents[2] / "docs"
NAME = re.compile(r"\b(?:bot|process)_\w+")
#: A label's values, as `result=~"not_stored|overloaded"`.
RESULTS = re.compile(r'result=~?"([\w|]+)"')


def expressions() -> list[str]:
    dashboard = json.loads((DOCS / "grafana.json").read_text())
    alerts = yaml.safe_load((DOCS / "alerts.yml").read_text())
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return shown + [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]


@pytest.fixture
def metrics() -> Metrics:
    metrics = Metrics()
    metrics.sends.labels("accepted", "").inc()
    metrics.sends.labels("failed", "190").inc()
    metrics.undelivered.labels("131026").inc()
    metrics.job_seconds.labels("send").observe(1)
    metrics.jobs.labels("todo").set(1)
    config = ReloadStatus()
    config.register(metrics.registry)
    config.applied("3f2a0b1c")
    return metrics


def test_every_name_that_is_asked_for_is_told(metrics: Metrics) -> None:
    families = text_string_to_metric_families(metrics.exposition().decode())
    told = {sample.name for family in families for sample in family.samples}
    asked = {name for expression in expressions() for name in NAME.findall(expression)}
    assert asked
    assert asked - told == set()


def test_every_result_that_is_asked_for_exists(metrics: Metrics) -> None:
    asked = {
        value
        for expression in expressions()
        for values in RESULTS.findall(expression)
        for value in values.split("|")
    }
    assert asked - {"accepted", "failed"} <= {*metrics.webhooks, *metrics.callbacks}


def test_what_is_told_of_ourselves_is_shown(metrics: Metrics) -> None:
    """A new metric belongs on the dashboard."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    ours = {one.name for one in families if one.name.startswith("bot_")}
    shown = " ".join(expressions())
    unseen = {name for name in ours if name not in shown}
    assert {name for name in unseen if not name.endswith("_created")} == set()
