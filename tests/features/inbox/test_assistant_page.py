"""An operator who lets the assistant write, in a browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.fakes.axe import barriers
from tests.fakes.dev_server import DevServer
from tests.fakes.phone_page import LIMIT

from app.development.plan import EMULATED_INBOX, EMULATED_OPENAI

[TOKEN] = EMULATED_INBOX.values()
pytestmark = pytest.mark.needs("assistant")


def test_a_draft_is_changed_and_sent_and_a_summary_is_kept(
    tmp_path: Path, browser: Browser
) -> None:
    server = DevServer(tmp_path, **EMULATED_OPENAI)
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    try:
        asked = server.say("I want to talk to a person")
        server.reply_after(asked)
        page.goto(f"http://127.0.0.1:{server.bot_port}/inbox/sign-in#{TOKEN}")
        page.get_by_role("button", name="Ana Secreta").click()
        field = page.get_by_label("Message", exact=True)
        field.fill("Hi Ana!")
        page.get_by_role("button", name="Draft").click()
        draft = "I am an emulated model, and you wrote: (Write the next message of the team"
        expect(field).to_be_focused(timeout=LIMIT)
        expect(field).to_have_value(f"Hi Ana!\n{draft} to me.)")
        assert server.said_after(asked)[1:] == []  # nothing is sent by itself
        field.fill(f"{field.input_value()} Eva")
        page.keyboard.press("Enter")
        assert server.reply_after(asked, "Hi Ana!").endswith(" Eva")
        page.get_by_role("button", name="Summary").click()
        dialog = page.get_by_role("dialog", name="What happened before")
        expect(dialog).to_contain_text("I am an emulated model", timeout=LIMIT)
        assert barriers(page) == []
        dialog.get_by_role("button", name="Keep as a note").click()
        expect(page.locator(".bubble.note")).to_contain_text("I am an emulated model")
        expect(dialog).to_be_hidden()
    finally:
        page.close()
        server.close()
