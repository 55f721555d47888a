"""The bots of `examples/` work as they stand: each is copied, and its stories are told."""

import importlib.util
import random
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from tests.acceptance.stage import Stage
from tests.fakes.bot import BotHarness
from tests.fakes.operators import sync, write
from tests.sample import flows
from tests.sample.flows import main_menu

from app.composition.catalogue import load_texts
from app.composition.features import feature_texts
from emulator.airtable.testing import AirtableDouble
from emulator.cloud_api.state.stories import Story, play, read_story
from flow_engine import Flow, Menu
from texts.catalogue import Texts

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())

#: What operators offer in Airtable before a story begins: titles by tables, by example.
Offers = Mapping[str, Sequence[str]]
OFFERS: Mapping[str, Offers] = {"booking": {"Slots": ("Friday 20:00", "Friday 21:00")}}
STORIES = [
    pytest.param(
        file, id=file.stem, marks=[pytest.mark.needs("airtable")] * (file.parent.name in OFFERS)
    )
    for file in sorted(EXAMPLES.glob("*/*.yaml"))
]


def test_the_gallery_shows_every_example() -> None:
    page = (EXAMPLES.parent / "docs/gallery.md").read_text("utf-8")
    for name in NAMES:
        assert f"(gallery/{name}.webp)" in page
        assert (EXAMPLES.parent / f"docs/gallery/{name}.webp").is_file()


def copy_example(name: str, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Do what a person does: copy the file to `src/flows`, and its texts to those of the bot."""
    copy = folder / "texts"
    shutil.copytree(load_texts().folders[0], copy)
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


async def offer(town: BotHarness, airtable: AirtableDouble, offers: Offers) -> None:
    """Add what operators offer, as the README of the examples says."""
    if offers:
        await town.settle()
    for table, titles in offers.items():
        for title in titles:
            write(airtable, table, Title=title, Capacity=1)
        await sync(town)


def told(file: Path) -> Story:
    """Return a story, of somebody with a number of their own."""
    return read_story(file.read_text(encoding="utf-8"), file.parent).with_own_number(
        random.Random(1)
    )


@pytest.mark.parametrize("file", STORIES)
@pytest.mark.needs("airtable")
async def test_an_example_does_what_its_story_tells(
    file: Path, tmp_path: Path, airtable: AirtableDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    story, name = told(file), file.parent.name
    copy_example(name, tmp_path, monkeypatch)
    operators = airtable if name in OFFERS else None
    town = BotHarness(
        tmp_path, airtable=operators, reminder_seconds=3600, flow_timeout_seconds=86400
    )
    await town.start()
    try:
        await offer(town, airtable, OFFERS.get(name, {}))
        await play(story, Stage(town, story, operators))
    finally:
        await town.stop()


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_stories_in_english_and_spanish(name: str) -> None:
    stories = {path.stem for path in (EXAMPLES / name).glob("*.yaml")}
    told = {name, *(story.rpartition("-")[0] for story in stories)}
    assert stories == {f"{one}-{language}" for one in told for language in ("en", "es")}
    assert f"[{name}]({name})" in (EXAMPLES / "README.md").read_text(encoding="utf-8")
