"""Tells stories to the running bot: `python -m emulator.cloud_api.story_command run FILE...`."""

import argparse
import asyncio
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from emulator.cloud_api.stories import Memory, Story, StoryError, read_story, tell
from utils.started_from import given_file

STORIES = Path("tests/acceptance/stories")
#: how long to wait for a first reply, and for a further one
PATIENCE_SECONDS, SETTLED_SECONDS = 10.0, 0.7
MARKS = ("read", "typing", "refused")


class Stage:
    """The running emulator, where time passes as it does."""

    def __init__(self, session: aiohttp.ClientSession, url: str, story: Story) -> None:
        self._session = session
        self._url = f"{url}/emulator/contacts/{story.wa_id}/messages"
        self._hides_phone = story.hides_phone
        self._seen = 0
        self._memory = Memory()

    async def say(self, content: Mapping[str, Any]) -> Sequence[str]:
        body = {**content, "hide_phone": self._hides_phone}
        async with self._session.post(self._url, json=body) as answer:
            answer.raise_for_status()
        return await self._listen(PATIENCE_SECONDS)

    async def tap(self, title: str) -> Sequence[str]:
        return await self.say(self._memory.tap(title))

    async def wait(self, seconds: float) -> Sequence[str]:
        print(f"  (waiting {seconds:.0f} s)", flush=True)
        return await self._listen(seconds + SETTLED_SECONDS)

    async def _listen(self, patience: float) -> list[str]:
        heard: list[dict[str, Any]] = []
        while entries := await self._fetch(patience):
            said = [one for one in entries if one["from"] == "bot" and one["type"] not in MARKS]
            heard += said
            patience = SETTLED_SECONDS if heard else patience
        return self._memory.hear(heard)

    async def _fetch(self, wait: float) -> list[dict[str, Any]]:
        asked = {"after": str(self._seen), "wait": str(wait)}
        async with self._session.get(self._url, params=asked) as answer:
            entries: list[dict[str, Any]] = await answer.json()
        self._seen = entries[-1]["number"] if entries else self._seen
        return entries


async def run(url: str, files: Sequence[Path]) -> int:
    failed = 0
    async with aiohttp.ClientSession() as session:
        for file in files:
            try:
                story = read_story(file.read_text()).cast(random.Random())
                await tell(story, Stage(session, url, story))
                print(f"✓ {file.stem}", flush=True)
            except StoryError as error:
                failed += 1
                print(f"✗ {file.stem}: {error}", flush=True)
    print(f"{len(files) - failed} of {len(files)} stories went as written.")
    return 1 if failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="story", description="Tells stories to the running bot.")
    parser.add_argument("--url", default="http://127.0.0.1:5001", help="where the emulator is")
    parser.add_argument("run", choices=["run"])
    parser.add_argument("files", nargs="*", type=given_file, help=f"all of {STORIES} by default")
    options = parser.parse_args()
    files = options.files or sorted(STORIES.glob("*.yaml"))
    try:
        return asyncio.run(run(options.url, files))
    except aiohttp.ClientConnectionError:
        print(f"Nothing answers at {options.url}: start the bot first with `python3 watch.py`.")
    except OSError as error:
        print(f"{error.filename}: {error.strerror}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
