"""Tells stories to the running bot: `python -m emulator.cli.story run FILE...`."""

import argparse
import asyncio
import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from emulator.cli.live_story import (
    DUE_SECONDS,
    FIRST_REPLY_SECONDS,
    FURTHER_REPLY_SECONDS,
    LiveDriver,
)
from emulator.cli.telephone import HAS_AUDIO
from emulator.cloud_api.state.stories import Story, StoryTurn, play, read_story
from emulator.cloud_api.state.story_acts import StoryError
from utils.broken_pipe import exit_quietly
from utils.invocation_dir import resolve

#: Folders of the stories that come with the bot: the core's, and those of each feature.
STORIES = ("tests/acceptance/stories", "tests/flows/stories", "tests/features/*/stories")
#: A story and the name of its file.
Named = tuple[str, Story]


def shipped_stories() -> list[Path]:
    """Return the files of the stories that come with the bot."""
    return sorted(file for folder in STORIES for file in Path().glob(f"{folder}/*.yaml"))


async def run(url: str, stories: Sequence[Named]) -> int:
    """Tell the stories side by side, and then those that move the clock, which all share.

    Returns how many went another way.
    """
    waiting = [one for one in stories if one[1].waits]
    async with aiohttp.ClientSession() as session:
        others = (_tell(session, url, *one) for one in stories if not one[1].waits)
        told = await asyncio.gather(*others)
        told += [await _tell(session, url, *one) for one in waiting]
    return told.count(False)


async def _tell(session: aiohttp.ClientSession, url: str, name: str, story: Story) -> bool:
    driver = LiveDriver(session, url, story, name)
    try:
        await driver.enter()
        await play(story, driver)
    except StoryError as error:
        print(f"✗ {name}: {error}", flush=True)
        return False
    print(f"✓ {name}", flush=True)
    return True


def least_seconds(stories: Sequence[Named]) -> float:
    """Return how long all take with a bot that answers at once."""
    alone = [_least_seconds(story) for _, story in stories if story.waits]
    return max((_least_seconds(one) for _, one in stories if not one.waits), default=0) + sum(alone)


def _least_seconds(story: Story) -> float:
    return sum(_patience(turn) + FURTHER_REPLY_SECONDS for turn in story.turns)


def _patience(turn: StoryTurn) -> float:
    """Return how long it takes to be sure that nothing is said."""
    if turn.hear:
        return 0.0
    return DUE_SECONDS if turn.act == "wait" else FIRST_REPLY_SECONDS


def fits(name: str, story: Story) -> bool:
    """Return whether the settings of this story are in the environment; say so if not."""
    if any(turn.act == "call" and turn.value for turn in story.turns) and not HAS_AUDIO:
        print(f"{name} is left out. Its keys need the packages of requirements-calls.txt.")
        return False
    if story.settings.items() <= os.environ.items():
        return True
    needed = " ".join(f"{key}={value}" for key, value in story.settings.items())
    print(f"{name} is left out. It needs, for the bot and for this command: {needed}")
    return False


def read(file: Path) -> Named:
    """A story that is ready to be told; what is wrong with its file ends the program."""
    try:
        story = read_story(file.read_text("utf-8"), file.parent)
        return file.stem, story.with_own_number(random.Random())
    except OSError as error:
        sys.exit(f"{file}: {error.strerror}")
    except StoryError as error:
        sys.exit(f"{file}: {error}")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="watch.py story", description="Tells stories to the running bot."
    )
    parser.add_argument("--url", default="http://127.0.0.1:5001", help="where the emulator is")
    parser.add_argument("run", choices=["run"])
    parser.add_argument("files", nargs="*", type=resolve, help=f"all of {STORIES} by default")
    options = parser.parse_intermixed_args()
    found = [read(file) for file in options.files or shipped_stories()]
    stories = [one for one in found if fits(*one)]
    print(f"{len(stories)} to tell, in at least {least_seconds(stories):.0f} s.", flush=True)
    try:
        failed = asyncio.run(run(options.url, stories))
    except aiohttp.ClientConnectionError:
        sys.exit(f"Nothing answers at {options.url}: start the bot first with `python3 watch.py`.")
    print(f"{len(stories) - failed} of {len(stories)} stories went as written.")
    return 1 if failed else 0


if __name__ == "__main__":
    with exit_quietly():
        sys.exit(main())
