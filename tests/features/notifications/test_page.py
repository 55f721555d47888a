"""docs/notifications.md says what the API does."""

import ast
import json
import re
from pathlib import Path
from typing import Any

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


def test_the_examples_are_requests() -> None:
    [curl] = re.findall(r"-d '(.+?)'\n", PAGE, re.DOTALL)
    NotificationRequest.model_validate_json(curl)
    blocks = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)
    python = next(one for one in blocks if "json=" in one)
    sent = re.findall(r"json=(\{.+?\n    \}),\n", python, re.DOTALL)[0]
    NotificationRequest.model_validate(ast.literal_eval(sent))
    compile(python, "page", "exec")


async def test_the_error_of_the_page_is_that_of_the_api(town: Town) -> None:
    shown: dict[str, Any] = json.loads(PAGE.split("```json\n")[1].split("```")[0])
    template = {"name": ORDER.name, "language": "en", "parameters": ["Ana"]}
    answer = await town.post(order(template=template))
    assert answer.json() == shown
