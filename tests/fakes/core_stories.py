"""Tells the stories of the core to a bot and an emulator of this process, over HTTP.

`python -m tests.fakes.core_stories`, in a copy of the project and whatever features it has.
"""

import asyncio
import random
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
from loguru import logger
from tests.fakes.bot import make_settings
from tests.sample.speaking import use_sample

from app.composition.features import find_features
from app.web import make_server
from emulator.cli.live_story import FIRST_REPLY_SECONDS, LiveDriver
from emulator.cloud_api.app import create_emulator
from emulator.cloud_api.config import Config
from emulator.cloud_api.state.stories import Story, play, read_story, taps_of
from emulator.cloud_api.state.story_acts import StoryError
from emulator.loopback import LoopbackServer

STORIES = Path("tests/acceptance/stories")
TOLD = (
    "registration-en",
    "registration-es",
    "registration-cancelled-en",
    "stop-and-start-en",
    "edit-my-data-en",
    "delete-my-data-es",
)
UNKNOWN = """
story: Words that nobody knows
from: "1555#######"
turns:
- say: zyxwv 42?
  hear: ["I don't know the answer to that,…"]
- say: menu
  hear: ["Hello! What would…"]
- say: topics
  hear: ["Choose a topic:"]
"""
#: Choices of menus that are offered only with a feature.
CHOICES = {"Ask the assistant": "assistant", "Talk to a person": "handoff"}


class Conversation(LiveDriver):
    """A person who listens until all that should be heard has been."""

    expected = 0
    #: Titles of everything that could be tapped so far.
    offered: frozenset[str] = frozenset()

    async def _listen(self, patience: float) -> list[str]:
        heard: list[dict[str, Any]] = []
        while len(heard) < self.expected and (entries := await self._fetch(FIRST_REPLY_SECONDS)):
            heard += [one for one in entries if one["from"] == "bot" and "body" in str(one)]
        self.offered |= {title for entry in heard for title in taps_of(entry)}
        return self._seen_options.note(heard)


async def follow(session: aiohttp.ClientSession, url: str, name: str, story: Story) -> None:
    """Tell a story turn by turn; raise StoryError where it goes another way."""
    person = Conversation(session, url, story, name)
    await person.enter()
    for turn in story.turns:
        person.expected = len(turn.hear)
        await play(replace(story, turns=[turn]), person)
    there = {feature.name for feature in find_features()}
    absent = {title for title, feature in CHOICES.items() if feature not in there}
    if dead := sorted(person.offered & absent):
        raise StoryError(f"{name}: choices of absent features are offered: {dead}")


@asynccontextmanager
async def running() -> AsyncIterator[str]:
    """Run both; yields the emulator's address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    callback = f"http://127.0.0.1:{listening.getsockname()[1]}/webhook"
    config = Config(callback_url=callback, messages_per_second=0, limit_pairs=False)
    emulator = LoopbackServer(create_emulator(config))
    await emulator.start()
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/bot.db"
        settings = make_settings(
            graph_api_url=emulator.url, database_url=database, messages_per_second=1_000
        )
        bot = make_server(settings)
        bot.config.load()
        bot.lifespan = bot.config.lifespan_class(bot.config)
        await bot.startup([listening])
        yield emulator.url
        await bot.shutdown([listening])
    await emulator.stop()


async def main() -> None:
    """Tell all of them at once."""
    logger.remove()
    use_sample()
    digits = random.Random(1)
    stories = {name: read_story((STORIES / f"{name}.yaml").read_text()) for name in TOLD}
    stories["unknown"] = read_story(UNKNOWN)
    async with running() as url, aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        for name, story in stories.items():
            group.create_task(follow(session, url, name, story.with_own_number(digits)))


if __name__ == "__main__":
    asyncio.run(main())
