"""docs/notifications.md says what the API does."""

import ast
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.features.notifications.town import ORDER, Town, order

from features.notifications.problems import Code
from features.notifications.routes import router
from features.notifications.schema import Defaults, Item, NotificationRequest
from features.notifications.settings import NotificationSettings
from features.notifications.stage import Status
from features.notifications.template_schema import TemplateContent

PAGE = (Path(__file__).parents[3] / "docs/notifications.md").read_text(encoding="utf-8")


def rows(title: str) -> set[str]:
    """The names in the first column of the tables below a title."""
    part = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`.+?) \|", part, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([a-z_A-Z]+)`", cell)}


def test_every_code_status_setting_and_field_has_a_row() -> None:
    assert rows("Errors") - {"ENABLE_WHATSAPP_NOTIFICATIONS"} == {*Code}
    assert {*Status} <= rows("What becomes of it")
    assert rows("Keys") == {name.upper() for name in NotificationSettings.model_fields}
    fields = {
        *(one.alias or name for name, one in NotificationRequest.model_fields.items()),
        *Item.model_fields,
        *TemplateContent.model_fields,
    }
    assert rows("A request") == fields
    assert {*Defaults.model_fields} <= fields | {"country"}


def test_every_route_is_named() -> None:
    paths = {getattr(one, "path", "") for one in router.routes}
    assert len(paths) == 7
    assert {path for path in paths if path not in PAGE} == set()


def examples() -> list[dict[str, Any]]:
    """The requests of the page: of curl, Python and JavaScript."""
    [curl] = re.findall(r"-d '(.+?)'\n", PAGE, re.DOTALL)
    blocks = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)
    python = next(one for one in blocks if "json=" in one)
    compile(python, "page", "exec")
    sent = re.findall(r"json=(\{.+?\n    \}),\n", python, re.DOTALL)[0]
    [script] = re.findall(r"JSON.stringify\((\{.+?\n  \})\)", PAGE, re.DOTALL)
    quoted = re.sub(r"([{,]\s*)(\w+):", r'\1"\2":', script)  # JavaScript's names need no quotes
    return [json.loads(curl), ast.literal_eval(sent), ast.literal_eval(quoted)]


@pytest.mark.needs("templates")
async def test_the_examples_are_sent_with_the_template_that_the_page_names(tmp_path: Path) -> None:
    """As they are on the page, against the emulator, as somebody tries them on a laptop."""
    from emulator.cloud_api.testing import completed
    from features.templates.ready import definitions

    assert "watch.py templates create --ready order_update\n" in PAGE
    town = Town(tmp_path)
    for one in definitions("order_update"):
        town.account.templates.create(completed(one))
    town.clock.advance(timedelta(minutes=1))  # until Meta has approved it
    await town.start()
    await town.settle()
    for place, body in enumerate(examples()):
        answer = await town.call("POST", json=body, headers={"Idempotency-Key": f"k{place}"})
        assert answer.status_code == 202, answer.text
        await town.wait(10)  # messages have a pace
        for item in answer.json()["items"]:
            assert await town.status(item["id"]) == "read"
    await town.stop()


async def test_the_error_of_the_page_is_that_of_the_api(town: Town) -> None:
    shown: dict[str, Any] = json.loads(PAGE.split("```json\n")[1].split("```")[0])
    template = {"name": ORDER.name, "language": "en", "parameters": ["Ana"]}
    answer = await town.post(order(template=template))
    assert answer.json() == shown
