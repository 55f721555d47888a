"""The inbox in a browser: an operator who uses the keyboard, on a wide and a small screen."""

import sqlite3
from pathlib import Path

from playwright.sync_api import Browser, expect
from tests.fakes.axe import barriers
from tests.fakes.dev_server import DevServer
from tests.fakes.phone_page import LIMIT, is_error

from app.development.plan import EMULATED_INBOX

PHOTO = Path(__file__).parents[3] / "docs/phone.png"
[TOKEN] = EMULATED_INBOX.values()


def test_somebody_asks_for_a_person_and_is_answered(
    dev_server: DevServer, browser: Browser
) -> None:
    asked = dev_server.say("I want to talk to a person")
    dev_server.reply_after(asked)
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if is_error(said) else None)
    page.goto(f"http://127.0.0.1:{dev_server.bot_port}/inbox/sign-in#{TOKEN}")
    expect(page).to_have_title("(1) Inbox", timeout=LIMIT)
    page.keyboard.press("/")
    page.keyboard.type("person")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    messages = page.get_by_label("Messages", exact=True)
    expect(messages).to_contain_text("I want to talk to a person")
    assert barriers(page) == []
    page.keyboard.press("Escape")  # back to the list, and on by the keyboard alone
    page.keyboard.press("#")
    page.keyboard.type("VIP")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Take the tag VIP off")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.type("Hi, this is Eva.")
    page.keyboard.press("Enter")
    assert dev_server.reply_after(asked, "Hi, this is Eva.")
    expect(page).to_have_title("Inbox")
    off = page.get_by_role("button", name="Take the tag VIP off")
    off.hover()
    page.mouse.down()
    dev_server.say("Are you there?")  # the page is drawn anew under the pointer
    expect(messages).to_contain_text("Are you there?", timeout=LIMIT)
    page.mouse.up()
    expect(off).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 844})
    dev_server.say("My order never arrived")
    expect(messages).to_contain_text("My order never arrived", timeout=LIMIT)
    expect(page.get_by_role("searchbox")).to_be_hidden()
    assert barriers(page) == []
    page.get_by_role("button", name="Back to the list").click()
    expect(page.get_by_role("button", name="Ana Secreta")).to_be_focused()
    page.emulate_media(color_scheme="dark")
    assert barriers(page) == []
    for name in ("numbers?days=7", "questions", "team", "sign-in"):
        page.goto(f"http://127.0.0.1:{dev_server.bot_port}/inbox/{name}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert barriers(page) == [], name
    assert errors == []


def test_two_operators_a_photo_each_way_and_a_closed_window(
    dev_server: DevServer, browser: Browser
) -> None:
    dev_server.reply_after(dev_server.say("I want to talk to a person"))
    dev_server.send_file(PHOTO.read_bytes(), "image/png")
    base = f"http://127.0.0.1:{dev_server.bot_port}"
    eva, bea = (browser.new_context().new_page() for _ in range(2))
    eva.goto(f"{base}/inbox/sign-in#{TOKEN}")
    expect(eva.get_by_role("searchbox")).to_be_visible(timeout=LIMIT)
    eva.goto(f"{base}/inbox/team")
    eva.get_by_label("Name").fill("Bea Two")
    eva.get_by_role("button", name="Make a link").click()
    bea.goto(eva.locator("#link code").inner_text())
    for page in (eva, bea):
        expect(
            page.get_by_role("heading", name="Team").or_(page.get_by_role("searchbox"))
        ).to_be_visible()
        page.goto(f"{base}/inbox")
        page.get_by_role("button", name="Ana Secreta").click()
    photo = eva.locator("#messages img")
    expect(photo).to_have_js_property("complete", True)
    assert photo.evaluate("one => one.naturalWidth") > 100
    expect(eva.locator("#others")).to_have_text("Bea Two is here, too", timeout=LIMIT)
    eva.get_by_text("Note", exact=True).click()
    eva.get_by_label("Message", exact=True).press_sequentially("Please look,")
    eva.get_by_role("button", name="@Bea Two").click()
    eva.get_by_role("button", name="Keep note").click()
    expect(bea.locator("#messages")).to_contain_text("Please look, @Bea Two", timeout=LIMIT)
    eva.get_by_text("Reply", exact=True).click()
    expect(eva.get_by_role("button", name="Take over")).to_be_visible()  # nobody has yet
    bea.get_by_label("Message", exact=True).fill("Here it is:")
    bea.locator("#file").set_input_files(PHOTO)
    expect(eva.locator("#messages img")).to_have_count(2, timeout=LIMIT)
    expect(eva.locator("#holder")).to_have_text("Bea Two answers")
    with sqlite3.connect(dev_server.folder / "bot.db", timeout=10) as connection:
        connection.execute("UPDATE users SET last_inbound_at = 1 ")
    eva.reload()
    expect(eva.locator("#hint")).to_contain_text("send a template", timeout=LIMIT)
    eva.get_by_role("button", name="Template").click()
    for field in eva.locator("#values input").all():
        field.fill("Monday")
    assert barriers(eva) == []
    preview = eva.locator("#preview").inner_text()
    eva.get_by_role("dialog").get_by_role("button", name="Send").click()
    expect(eva.locator("#messages")).to_contain_text(preview.splitlines()[0], timeout=LIMIT)
    for page in (eva, bea):
        page.context.close()


def test_an_operator_adds_a_passkey_and_signs_in_by_it(
    dev_server: DevServer, browser: Browser
) -> None:
    dev_server.reply_after(dev_server.say("hello"))  # the bot is there
    context = browser.new_context()
    page = context.new_page()
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    device |= {"hasUserVerification": True, "isUserVerified": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    inbox = f"http://localhost:{dev_server.bot_port}/inbox"
    page.goto(f"{inbox}/sign-in#{TOKEN}")
    expect(page.get_by_role("searchbox")).to_be_visible(timeout=LIMIT)
    page.goto(f"{inbox}/team")
    page.get_by_label("Name").fill("Pia Key")
    page.get_by_role("button", name="Make a link").click()
    link = page.locator("#link code").inner_text()
    page.goto("about:blank")
    page.goto(link)
    page.get_by_text("Pia Key").click()
    page.get_by_role("button", name="Passkeys").click()
    page.get_by_label("Name of a new one").fill("My laptop")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#passkey-list")).to_contain_text("My laptop", timeout=LIMIT)
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("#me")).to_have_text("Pia Key", timeout=LIMIT)
    context.close()
