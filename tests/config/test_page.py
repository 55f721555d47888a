"""The table of settings in docs/configuration.md is that of the models."""

import re
from pathlib import Path

from app.composition.features import settings_models
from config.env import Models, Settings
from config.file.sections import all_keys, settings_sections

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
MODELS: Models = (Settings, *settings_models())


def test_the_page_has_each_setting_with_its_place_in_the_file_and_its_description() -> None:
    rows = re.findall(r"^\| `(\w+)\.(\w+)` \| `(\w+)` \| (.*) \|$", PAGE.read_text("utf-8"), re.M)
    written = {name: (section, key, about) for section, key, name, about in rows}
    sections = settings_sections(MODELS)
    for key in all_keys(MODELS):
        assert key.name in written, f"the page lacks {key.name}: {key.info.description}"
        section, name, about = written[key.name]
        assert sections[section][name].name == key.name
        assert about == key.info.description
