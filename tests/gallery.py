"""Pictures of the examples: their stories, told on the phone page.

`PYTHONPATH=src:. python -m tests.gallery` writes docs/gallery/NAME.webp, one for each folder of
`examples`, which it plays to a bot of its own in a browser. A test tells which one is missing.
"""

import asyncio
import io
import random
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
from PIL import Image
from playwright.async_api import Page, ViewportSize, async_playwright
from tests.fakes.dev_server import DevServer
from tests.fakes.phone_page import CALM, CHROMIUM

from emulator.cli.live_story import LiveDriver
from emulator.cloud_api.state.stories import act, read_story

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
GALLERY = ROOT / "docs/gallery"
#: Wide enough for the list of people, and a phone in the hand, which shows only the chat.
WIDE = ViewportSize(width=1100, height=640)
SIZE = ViewportSize(width=390, height=640)
#: How long a picture stays, in milliseconds: at least, and for each character that is new.
LEAST_MS, MS_PER_CHAR, MOST_MS = 1_200, 22, 4_000
QUALITY = 55
#: Until the bot has read what operators wrote.
SYNC_SECONDS = 10
#: Who tells the stories.
NAME = "Maya"
#: What operators offer in Airtable before the story begins, by example and table.
OFFERS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "booking": {"Slots": ("Friday 20:00", "Friday 21:00")}
}
NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())


class PicturedDriver(LiveDriver):
    """Takes a picture of the chat after each turn, on a page that shows the conversation."""

    page: Page

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.pictures: list[Image.Image] = []
        self.milliseconds: list[int] = []

    async def _listen(self, patience: float) -> list[str]:
        heard = await super()._listen(patience)
        self.pictures.append(Image.open(io.BytesIO(await self.page.screenshot())))
        shown = LEAST_MS + MS_PER_CHAR * sum(map(len, heard))
        self.milliseconds.append(min(shown, MOST_MS))
        return heard

    def save(self, file: Path) -> None:
        """Write the pictures as one that moves."""
        first, *others = self.pictures
        first.save(
            file,
            save_all=True,
            append_images=others,
            duration=self.milliseconds,
            loop=0,
            quality=QUALITY,
            method=6,
        )


@asynccontextmanager
async def phone(server: DevServer) -> AsyncIterator[Page]:
    """Open the phone page with the conversation of the person of a story."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=CALM)
        page = await browser.new_page(viewport=WIDE)
        await page.goto(f"{server.emulator_url}/phone")
        await page.get_by_role("button", name=NAME).click()
        await page.set_viewport_size(SIZE)
        await page.mouse.move(0, 0)  # over no bubble, whose tools would show
        yield page
        await browser.close()


def offer(server: DevServer, offers: Mapping[str, Sequence[str]]) -> None:
    """Write what operators offer into their tables, once the bot has made them."""
    for table, titles in offers.items():
        server.wait_until(partial(_has_table, server, table))
        for title in titles:
            server.add_row(table, Title=title)


def _has_table(server: DevServer, name: str) -> bool:
    return any(table["name"] == name for table in server.tables())


async def picture(name: str, folder: Path) -> Path:
    """Play the English story of an example on the phone page; return the file of its picture."""
    example, file = EXAMPLES / name, GALLERY / f"{name}.webp"
    texts = (example / "en.toml").read_text()
    story = read_story((example / f"{name}-en.yaml").read_text(), example)
    story = replace(story.with_own_number(random.Random(name)), profile_name=NAME)
    server = DevServer(folder)
    try:
        server.wait_for_emulator()
        server.kill_bot()
        server.add_flow(name, (example / f"{name}.py").read_text(), texts)
        server.start_bot()
        if offers := OFFERS.get(name):
            await asyncio.to_thread(offer, server, offers)
            await asyncio.sleep(SYNC_SECONDS)
        async with aiohttp.ClientSession() as session:
            driver = PicturedDriver(session, server.emulator_url, story, name)
            await driver.enter()
            async with phone(server) as driver.page:
                for turn in story.turns:
                    await act(turn, driver)
    finally:
        server.close()
    driver.save(file)
    return file


def main(names: Sequence[str]) -> None:
    """Make the pictures of these examples."""
    GALLERY.mkdir(exist_ok=True)
    for name in names:
        with TemporaryDirectory() as folder:
            file = asyncio.run(picture(name, Path(folder)))
        sys.stdout.write(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    main(sys.argv[1:] or NAMES)
