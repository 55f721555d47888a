"""Operators whose page is served by another process than the one that Meta calls."""

from pathlib import Path

from playwright.sync_api import Browser, expect
from tests.fakes.dev_server import DevServer
from tests.fakes.phone_page import LIMIT

from app.development.plan import EMULATED_INBOX

[TOKEN] = EMULATED_INBOX.values()


def test_a_page_of_one_process_shows_what_comes_to_the_other(
    migrated_postgres_url: str, tmp_path: Path, browser: Browser
) -> None:
    server = DevServer(tmp_path, DATABASE_URL=migrated_postgres_url)
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    try:
        port = server.start_another_bot()
        server.reply_after(server.say("I want to talk to a person"))
        page.goto(f"http://127.0.0.1:{port}/inbox/sign-in#{TOKEN}")
        page.get_by_role("button", name="Ana Secreta").click()
        messages = page.get_by_label("Messages", exact=True)
        expect(messages).to_contain_text("I want to talk to a person", timeout=LIMIT)
        asked = server.say("My order never arrived")  # the webhook goes to the first process
        expect(messages).to_contain_text("My order never arrived")
        expect(page.locator("#threads")).to_contain_text("My order never arrived")
        page.get_by_label("Message", exact=True).fill("Hi, this is Eva.")
        page.keyboard.press("Enter")
        assert server.reply_after(asked, "Hi, this is Eva.")
    finally:
        page.close()
        server.close()
