"""The table of settings in docs/configuration.md is that of the models."""

import re
from pathlib import Path

from app.cli.settings_page import with_table
from app.composition.features import settings_models
from config.env import Models, Settings
from config.file.sections import all_keys, settings_sections

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
MODELS: Models = (Settings, *settings_models())


def test_the_page_has_the_table_that_env_example_writes() -> None:
    page = PAGE.read_text("utf-8")
    assert with_table(page) == page, "run python3 watch.py env-example"


def test_each_setting_is_where_the_table_says() -> None:
    rows = re.findall(r"^\| `(\w+)\.(\w+)` \| `(\w+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert [name for *_, name in rows] == [key.name for key in all_keys(MODELS)]
    sections = settings_sections(MODELS)
    assert [sections[section][key].name for section, key, _ in rows] == [name for *_, name in rows]
