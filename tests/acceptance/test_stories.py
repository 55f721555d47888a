"""The stories of shipped conversations, told to the whole bot with a clock that is moved."""

import random
from contextlib import nullcontext
from pathlib import Path

import pytest
from tests.acceptance.stage import SIGN_IN, Stage, make_town, needs_airtable
from tests.sample.speaking import is_own, own_flows

from app.composition.features import find_features
from emulator.airtable.testing import AirtableDouble
from emulator.cli.live_story import DUE_SECONDS, FIRST_REPLY_SECONDS, FURTHER_REPLY_SECONDS
from emulator.cli.story import fits, least_seconds
from emulator.cloud_api.state.stories import Story, play, read_story
from emulator.cloud_api.state.story_acts import StoryError

TESTS = Path(__file__).parents[1]
#: Stories of the sample, of the flows of a fork, and of each feature that is there.
FOLDERS = [
    TESTS / "acceptance/stories",
    TESTS / "flows/stories",
    *(TESTS / f"features/{feature.name}/stories" for feature in find_features()),
]
HAS_INBOX = any(feature.name == "inbox" for feature in find_features())
STORIES = sorted(file for folder in FOLDERS for file in folder.glob("*.yaml"))


SAMPLE_LANGUAGES = [file.stem for file in (TESTS / "sample/texts").glob("*.toml")]


async def act(
    story: Story, folder: Path, airtable: AirtableDouble | None = None, **settings: str
) -> None:
    town = make_town(folder, story, airtable, **settings)
    await town.start()
    await town.settle()
    try:
        await play(story, Stage(town, story, airtable))
    finally:
        await town.stop()


@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
async def test_story(file: Path, tmp_path: Path, airtable: AirtableDouble) -> None:
    story = story_in(file).with_own_number(random.Random(1))
    # Those of a fork are recorded on a laptop, where operators can be reached.
    reached = {"inbox_sign_in_token": SIGN_IN} if is_own(file) and HAS_INBOX else {}
    problem = ""
    with own_flows() if is_own(file) else nullcontext():
        try:
            await act(story, tmp_path, airtable if needs_airtable(story) else None, **reached)
        except StoryError as error:
            problem = str(error)
    if problem:
        pytest.fail(f"{file.as_posix()}\n{problem}", pytrace=False)


def story_in(file: Path) -> Story:
    return read_story(file.read_text(), file.parent)


HELLO = """
story: Somebody says hello
from: "1555#######"
turns:
- say: hello
  hear: ["Hello! What would…"]
- wait: 300
"""


async def test_the_beginning_of_a_line_is_enough(tmp_path: Path) -> None:
    await act(read_story(HELLO).with_own_number(random.Random(1)), tmp_path)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (
            HELLO.replace("Hello!", "Goodbye!"),
            "turn 1 .say: hello.\n  expected replies:\n    - Goodbye",
        ),
        (
            HELLO.replace('["Hello! What would…"]', "[]"),
            "expected replies:\n    nothing\n  actual replies:",
        ),
        (HELLO.replace("- wait: 300", "- tap: Fly"), "nothing to tap called Fly"),
    ],
)
async def test_a_story_that_goes_another_way_is_told_apart(
    tmp_path: Path, changed: str, problem: str
) -> None:
    with pytest.raises(StoryError, match=problem):
        await act(read_story(changed).with_own_number(random.Random(1)), tmp_path)


def test_how_long_stories_take_is_known_before() -> None:
    """Those in which the clock moves are told alone, and no faster for it."""
    moving = "x", read_story(HELLO)
    plain = "y", read_story(HELLO.replace("- wait: 300", "- say: nothing is heard of this"))
    alone = 2 * FURTHER_REPLY_SECONDS
    assert least_seconds([moving]) == pytest.approx(alone + DUE_SECONDS)
    assert least_seconds([plain, plain]) == pytest.approx(alone + FIRST_REPLY_SECONDS)
    assert least_seconds([moving, moving, plain]) == pytest.approx(
        3 * alone + 2 * DUE_SECONDS + FIRST_REPLY_SECONDS
    )


def test_a_story_for_other_settings_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    story = read_story(f"settings: {{REMINDER_SECONDS: 60}}\n{HELLO}")
    monkeypatch.delenv("REMINDER_SECONDS", raising=False)
    assert not fits("late", story)
    assert capsys.readouterr().out.strip().endswith("this command: REMINDER_SECONDS=60")
    monkeypatch.setenv("REMINDER_SECONDS", "60")
    assert fits("late", story)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "not YAML"),
        ("story: x", "story, from and turns"),
        ("hello", "story, from and turns"),
        ("{story: x, from: '1', turns: [{sing: la}]}", "not sing"),
        ("{story: x, from: '1', turns: [{hear: [la]}]}", "not nothing"),
        ("{story: x, from: '1', turns: [{send: la}]}", "send: la is not an object"),
        ("{story: x, from: '1', turns: [{wait: la}]}", "not a number of seconds"),
        ("{story: x, from: '1', turns: [{file: la}]}", "no known type"),
        ("{story: x, from: '1', turns: [{call: la}]}", "no key a"),
        ("{story: x, from: '1', turns: [{operator: {set: {}}}]}", "table is missing"),
        ("{story: x, from: '1', turns: [{operator: {table: T}}]}", "in `set` or in `add`"),
        ("{story: x, from: '1', turns: [{event: {}}]}", "type is missing"),
    ],
)
def test_what_is_no_story_is_refused(text: str, problem: str) -> None:
    with pytest.raises(StoryError, match=problem):
        read_story(text)


def test_there_are_stories_in_every_language() -> None:
    """Of the sample: a fork may add languages, and stories of its own in some of them."""
    names = {file.stem for file in STORIES if not is_own(file)}
    told = {name.rpartition("-")[0] for name in names}
    assert {f"{name}-{language}" for name in told for language in SAMPLE_LANGUAGES} == names
    assert len(told) >= 12
