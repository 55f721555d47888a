"""Calls of the business in a real browser: an operator asks for one, and the phone rings."""

import json
import os
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("aiortc", reason="needs the extra calls: aiortc")

from playwright.sync_api import Browser, Page, expect
from tests.fakes.dev_server import DevServer
from tests.fakes.phone_page import CHROMIUM, LIMIT, Phone, is_error, open_phone
from tests.features.calls.test_page import HEARS_SOUND

from app.development.plan import EMULATED_FILES, EMULATED_INBOX

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's package chromium"),
    pytest.mark.needs("inbox", "outgoing_calls"),
]
[TOKEN] = EMULATED_INBOX.values()
#: Length of a message of a caller, whose microphone beeps until then, in seconds.
MESSAGE_SECONDS = 3
#: Folder for pictures of the pages, where somebody wants to look at them.
PICTURES = os.environ.get("PICTURES_OF_CALLS")


def picture(page: Page, name: str) -> None:
    if PICTURES:
        for width, height in ((1280, 800), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png")
        page.set_viewport_size({"width": 1280, "height": 800})


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DevServer]:
    """A business that takes calls and keeps messages of callers, and has an inbox."""
    monkeypatch.setenv("CALLS_ENABLED", "true")
    monkeypatch.setenv("CALL_MESSAGE_SECONDS", str(MESSAGE_SECONDS))
    for name, value in EMULATED_FILES.items():
        monkeypatch.setenv(name, value)
    server = DevServer(tmp_path)
    try:
        server.wait_for_emulator()
        server.wait_until(lambda: "calls are answered" in server.log.read_text())
        yield server
    finally:
        server.close()


def open_inbox(server: DevServer, browser: Browser, errors: list[str]) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if is_error(said) else None)
    page.goto(f"http://127.0.0.1:{server.bot_port}/inbox/sign-in#{TOKEN}")
    page.get_by_role("button", name=re.compile("Ana")).first.click(timeout=LIMIT)
    person = page.get_by_role("complementary", name="Person")
    person.get_by_text("More", exact=True).click(timeout=LIMIT)
    return page


def answer_the_phone(phone: Phone) -> None:
    call = phone.page.get_by_role("region", name="Call")
    expect(call).to_contain_text("Incoming voice call", timeout=LIMIT)
    picture(phone.page, "phone-rings")
    call.get_by_role("button", name="Answer").click()
    expect(call.get_by_role("timer")).to_have_text(re.compile(r"\d:\d\d"), timeout=LIMIT)
    assert phone.page.evaluate(HEARS_SOUND)
    picture(phone.page, "phone-talks")
    call.get_by_role("button", name="Hang up").click()
    expect(call).to_contain_text("Call ended")


def test_an_operator_has_somebody_called_who_allows_it_answers_and_declines(
    server: DevServer, browser: Browser
) -> None:
    errors: list[str] = []
    with open_phone(browser, server.emulator_url) as phone:
        phone.type("hello")
        phone.sees("What would you like to do")
        inbox = open_inbox(server, browser, errors)
        picture(inbox, "inbox-call")
        inbox.get_by_role("button", name="Call", exact=True).click()
        phone.sees("May we call you on WhatsApp?")
        picture(phone.page, "phone-asks")
        phone.tap("Always allow")
        phone.sees("Calls always allowed")
        answer_the_phone(phone)
        expect(inbox.get_by_label("Messages", exact=True)).to_contain_text(
            "We called, and talked", timeout=LIMIT
        )
        call = phone.page.get_by_role("region", name="Call")
        inbox.get_by_role("button", name="Call", exact=True).click()
        expect(call).to_contain_text("Incoming voice call", timeout=LIMIT)
        call.get_by_role("button", name="Decline").click()
        expect(inbox.get_by_label("Messages", exact=True)).to_contain_text(
            "the call was declined", timeout=LIMIT
        )
        picture(inbox, "inbox-called")
        errors += phone.errors
    assert errors == []
    with urllib.request.urlopen(f"{server.emulator_url}/emulator/phone/calls") as answer:
        assert json.load(answer) == {"violations": []}


def test_the_inbox_plays_the_message_of_a_caller(server: DevServer, browser: Browser) -> None:
    errors: list[str] = []
    with open_phone(browser, server.emulator_url) as phone:
        phone.type("hello")
        phone.sees("What would you like to do")
        phone.page.get_by_role("button", name="Voice call", exact=True).click()
        call = phone.page.get_by_role("region", name="Call")
        expect(call.get_by_role("timer")).to_have_text(re.compile(r"\d:\d\d"), timeout=LIMIT)
        call.get_by_role("button", name="Keypad").click()
        call.get_by_role("button", name="0", exact=True).click()
        inbox = open_inbox(server, browser, errors)
        player = inbox.locator("audio[controls]")
        expect(player).to_be_visible(timeout=LIMIT)
        seconds = inbox.evaluate(
            "async () => { const one = document.querySelector('audio[controls]');"
            " one.preload = 'auto'; one.load();"
            " while (!(one.duration > 0)) await new Promise(r => setTimeout(r, 50));"
            " return one.duration; }"
        )
        assert MESSAGE_SECONDS - 1 < seconds < MESSAGE_SECONDS + 1
        picture(inbox, "inbox-voicemail")
        errors += phone.errors
    assert errors == []
