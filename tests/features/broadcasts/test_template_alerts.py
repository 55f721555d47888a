"""Operators hear at once of templates that Meta pauses, rejects, or rates low."""

from pathlib import Path

import pytest
from tests.fakes.bot import ANA, BotHarness

from emulator.cloud_api.http.trigger_api import trigger
from emulator.cloud_api.state.triggers import TriggerOptions
from features.broadcasts.template_alerts import problem_of


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("message_template_status_update", {"event": "REJECTED", "reason": "SCAM"}, "SCAM"),
        ("message_template_status_update", {"event": "APPROVED"}, ""),
        ("message_template_quality_update", {"new_quality_score": "RED"}, "RED"),
        ("message_template_quality_update", {"new_quality_score": "GREEN"}, ""),
        ("template_category_update", {"new_category": "MARKETING"}, "MARKETING"),
    ],
)
def test_what_is_wrong_with_a_template(field: str, value: dict[str, str], said: str) -> None:
    problem = problem_of(field, value)
    assert (said in str(problem)) is True
    assert (problem is None) is (not said)


async def test_metrics_count_templates_in_trouble(tmp_path: Path) -> None:
    town = BotHarness(tmp_path)
    await town.start()
    kind = "field.message_template_status_update"  # which says that it is paused
    trigger(town.account, kind, town.person(ANA), TriggerOptions())
    await town.settle()
    assert b"bot_template_problems_total 1.0" in town.state.metrics.exposition()
    await town.stop()
