"""The bots of `examples/` work as they stand: each is copied, and its stories are told."""

import importlib.util
import random
import shutil
import sys
from pathlib import Path

import pytest
from tests.acceptance.test_stories import Stage
from tests.fakes.bot import BotHarness

import flows
from app.composition.catalogue import TEXTS
from app.composition.features import feature_texts
from emulator.cloud_api.state.stories import Story, play, read_story
from flow_engine import Flow, Menu
from flows import main_menu
from texts.catalogue import Texts

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())
STORIES = sorted(EXAMPLES.glob("*/*.yaml"))


def copy_example(name: str, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Do what a person does: copy the file to `src/flows`, and its texts to those of the bot."""
    copy = folder / "texts"
    shutil.copytree(TEXTS, copy)
    for language in copy.glob("*.toml"):
        added = (EXAMPLES / name / language.name).read_text(encoding="utf-8")
        language.write_text(f"{language.read_text(encoding='utf-8')}\n{added}", encoding="utf-8")
    spec = importlib.util.spec_from_file_location(
        f"{flows.__name__}.{name}", EXAMPLES / name / f"{name}.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    patch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    for value in vars(module).values():
        if isinstance(value, Flow | Menu):
            patch.setattr(main_menu, value.name, value, raising=False)
    patch.setattr(
        "app.composition.conversations.load_texts", lambda: Texts.load(copy, *feature_texts())
    )


def told(file: Path) -> Story:
    """Return a story, of somebody with a number of their own."""
    return read_story(file.read_text(encoding="utf-8")).with_own_number(random.Random(1))


@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
async def test_an_example_does_what_its_story_tells(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = told(file)
    copy_example(file.parent.name, tmp_path, monkeypatch)
    town = BotHarness(tmp_path, reminder_seconds=3600, flow_timeout_seconds=86400)
    await town.start()
    try:
        await play(story, Stage(town, story))
    finally:
        await town.stop()


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_stories_in_english_and_spanish(name: str) -> None:
    stories = {path.stem for path in (EXAMPLES / name).glob("*.yaml")}
    assert stories == {f"{name}-en", f"{name}-es"}
    assert f"[{name}]({name})" in (EXAMPLES / "README.md").read_text(encoding="utf-8")
