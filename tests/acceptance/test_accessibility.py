"""The emulator's pages can be used with a screen reader, a keyboard and weak eyes."""

import pytest
from playwright.sync_api import Browser, expect
from tests.fakes.axe import barriers
from tests.fakes.dev_server import DevServer
from tests.fakes.phone_page import CHROMIUM, LIMIT

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's package chromium")

#: What each page shows once it is ready.
PAGES = {
    "phone": "hello there",
    "flows": "registration",
    "inspector": "hello there",
    "airtable": "Operators",
    "docs": "python3 watch.py docs",
}


def test_no_page_keeps_anybody_out(dev_server: DevServer, browser: Browser) -> None:
    dev_server.develop()  # sends its map
    dev_server.reply_after(dev_server.say("hello there"))
    found = []
    wide = browser.new_page(color_scheme="light", viewport={"width": 1280, "height": 800})
    narrow = browser.new_page(color_scheme="dark", viewport={"width": 390, "height": 844})
    for page in (wide, narrow):
        for name, shown in PAGES.items():
            page.goto(f"{dev_server.emulator_url}/{name}")
            expect(page.locator("body")).to_contain_text(shown, timeout=LIMIT)
            found += [f"{name}, {page.viewport_size}: {one}" for one in barriers(page)]
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                found.append(f"{name}, {page.viewport_size}: scrolls sideways")
    assert found == []
