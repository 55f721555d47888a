"""Tells stories to the running bot: `python -m emulator.cli.story run FILE...`."""

import argparse
import asyncio
import os
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from emulator.cloud_api.state.stories import (
    SeenOptions,
    Story,
    StoryError,
    StoryTurn,
    play,
    read_story,
)
from utils.broken_pipe import exit_quietly
from utils.invocation_dir import resolve

#: Folders of the stories that come with the bot: the core's, and those of each feature.
STORIES = ("tests/acceptance/stories", "tests/flows/stories", "tests/features/*/stories")
#: Seconds to wait for the first reply, and for further ones: longer than the pause in which the bot
#: joins messages to one thought.
FIRST_REPLY_SECONDS, FURTHER_REPLY_SECONDS = 10.0, 1.3
#: Seconds in which a bot whose clock has moved does what is due.
DUE_SECONDS = 3.0
MARKS = ("read", "typing", "refused")
#: A story and the name of its file.
Named = tuple[str, Story]


class LiveDriver:
    """Plays a story against the running emulator, in real time."""

    def __init__(self, session: aiohttp.ClientSession, url: str, story: Story, name: str) -> None:
        self._session = session
        self._people, self._clock = f"{url}/emulator/contacts", f"{url}/emulator/clock"
        self._conversation = f"{self._people}/{story.wa_id}/messages"
        self._story = story
        self._name = name
        self._seen = 0
        self._seen_options = SeenOptions()

    async def enter(self) -> None:
        """List the person of the story on the phone page, by default under the name of its file."""
        story = self._story
        name = story.profile_name or f"{self._name}.yaml"
        person = {"wa_id": story.wa_id, "name": name, "hides_phone": story.hides_phone}
        await self._post(self._people, {**person, "is_in_story": True})

    async def say(self, content: Mapping[str, Any]) -> Sequence[str]:
        await self._post(self._conversation, content)
        return await self._listen(FIRST_REPLY_SECONDS)

    async def tap(self, title: str) -> Sequence[str]:
        return await self.say(self._seen_options.tap(title))

    async def wait(self, seconds: float) -> Sequence[str]:
        """Move the clock of bot and emulator: nobody has to wait."""
        await self._post(self._clock, {"seconds": seconds})
        return await self._listen(DUE_SECONDS)

    async def _listen(self, patience: float) -> list[str]:
        heard: list[dict[str, Any]] = []
        while entries := await self._fetch(patience):
            said = [one for one in entries if one["from"] == "bot" and one["type"] not in MARKS]
            heard += said
            patience = FURTHER_REPLY_SECONDS if heard else patience
        return self._seen_options.note(heard)

    async def _post(self, url: str, body: Mapping[str, Any]) -> None:
        async with self._session.post(url, json=body) as answer:
            if answer.status != 200:
                raise StoryError((await answer.json())["error"])

    async def _fetch(self, wait: float) -> list[dict[str, Any]]:
        asked = {"after": str(self._seen), "wait": str(wait)}
        async with self._session.get(self._conversation, params=asked) as answer:
            entries: list[dict[str, Any]] = await answer.json()
        self._seen = entries[-1]["number"] if entries else self._seen
        return entries


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
    if story.settings.items() <= os.environ.items():
        return True
    needed = " ".join(f"{key}={value}" for key, value in story.settings.items())
    print(f"{name} is left out. It needs, for the bot and for this command: {needed}")
    return False


def read(file: Path) -> Named:
    """A story that is ready to be told; what is wrong with its file ends the program."""
    try:
        return file.stem, read_story(file.read_text()).with_own_number(random.Random())
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
