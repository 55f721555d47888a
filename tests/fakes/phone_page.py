"""The emulator's phone page in a browser, by what a person would call its parts."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from services.conversations.machines import MAX_EXCHANGES

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CALM = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
#: a microphone that beeps, and nobody who has to allow it
MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
#: calls within this machine, and their sound without a click
CALLS = ("--allow-loopback-in-peer-connection", "--autoplay-policy=no-user-gesture-required")
#: A busy machine may take half a minute to start a process, and only a failure waits so long.
LIMIT = 60_000
expect.set_options(timeout=LIMIT)


def is_error(said: ConsoleMessage) -> bool:
    return said.type == "error"


class Phone:
    """The page, by what a person would call its parts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.log = page.get_by_role("log")
        self.field = page.get_by_label("Message", exact=True)
        #: what the browser had to complain of
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if is_error(said) else None)

    def type(self, text: str) -> None:
        self.field.fill(text)
        self.page.keyboard.press("Enter")

    def tap(self, name: str) -> None:
        self.log.get_by_role("button", name=name).last.click()

    def choose(self, button: str, row: str) -> None:
        """Open a list, and tap one of its rows."""
        self.tap(button)
        self.page.get_by_role("dialog").get_by_role("button", name=row).click()

    def sees(self, text: str) -> Locator:
        found = self.log.locator(".bubble").filter(has_text=text).last
        expect(found).to_be_visible(timeout=LIMIT)
        return found

    def asks_until_told(self, question: str, answer: str) -> None:
        """What operators have just written takes a moment to be known.

        The bot takes somebody who asks the same too often for a machine.
        """
        found = self.log.locator(".bubble").filter(has_text=answer)
        for _ in range(MAX_EXCHANGES):
            self.type(question)
            with suppress(AssertionError):
                expect(found.last).to_be_visible(timeout=LIMIT / 4)
                return
        raise AssertionError(f"nobody says {answer}")


@contextmanager
def open_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=(*CALM, *MICROPHONE, *CALLS)
        )
        yield browser
        browser.close()


@contextmanager
def open_phone(browser: Browser, emulator_url: str) -> Iterator[Phone]:
    """Show the phone page; at the end, the browser has complained of nothing."""
    context = browser.new_context(viewport={"width": 1100, "height": 760})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone = Phone(context.new_page())
    phone.page.goto(f"{emulator_url}/phone")
    expect(phone.page.get_by_role("button", name="Ana")).to_be_visible(timeout=LIMIT)
    yield phone
    context.close()
    assert phone.errors == []
