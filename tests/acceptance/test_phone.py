"""The phone in a real browser: what a person sees, taps and sends."""

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Browser, Route, expect
from tests.fakes.dev_server import ANA, DevServer
from tests.fakes.phone_page import CHROMIUM, LIMIT, Phone

from emulator.cloud_api.state.stories import read_story
from emulator.cloud_api.state.story_acts import StoryFile

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's package chromium")


def test_somebody_registers_by_clicking_and_the_plug_is_pulled(
    phone: Phone, dev_server: DevServer
) -> None:
    phone.type("hello")
    phone.sees("What would you like to do?")
    phone.tap("Register")
    phone.sees("What is your full name?")
    dev_server.kill_bot()
    phone.type("Ana Smith")  # nobody is there to hear it
    dev_server.start_bot()
    phone.sees("Which identity document")
    phone.choose("See documents", "Passport")
    phone.sees("What is its number?")
    phone.type("AB123456")
    phone.sees("When were you born?")
    phone.type("25/12/1990")
    phone.sees("Tell us a little about yourself")
    phone.type("I build bots, and cook on Sundays")
    phone.sees("privacy")
    phone.tap("Yes")
    phone.sees("AB123456")
    phone.sees("Hello, Ana")


def test_the_first_open_invites_and_links_the_other_pages(phone: Phone) -> None:
    page = phone.page
    expect(page.locator("#countdown")).to_have_text("The window opens with the first message")
    expect(page.locator("#window")).not_to_have_class("closed")
    chips = phone.log.get_by_role("button")
    expect(chips).to_have_text(["hello", "hola", "register"])
    links = phone.log.get_by_role("link")
    expect(links).to_have_text(["Inspector", "Flows", "Operators"])
    addresses = [link.get_attribute("href") for link in links.all()]
    assert addresses == ["/inspector", "/flows", "/airtable"]
    chips.nth(0).click()
    phone.sees("What would you like to do?")
    expect(page.get_by_text("Say hello to start.")).to_be_hidden()


def test_the_page_says_that_the_bot_is_down_and_why(phone: Phone, dev_server: DevServer) -> None:
    banner = phone.page.get_by_role("alert")
    dev_server.kill_bot()
    phone.type("hello")
    expect(banner).to_contain_text("The bot is not running", timeout=LIMIT)
    error = {"text": "RuntimeError: no seats", "place": "src/flows/events.py:31", "hint": "Save."}
    dev_server.tell_of_bot({"state": "stopped", "error": error})
    for part in error.values():
        expect(banner).to_contain_text(part)
    phone.page.reload()
    expect(banner).to_contain_text("RuntimeError: no seats", timeout=LIMIT)
    dev_server.start_bot()
    phone.sees("What would you like to do?")
    dev_server.tell_of_bot({"state": "running", "error": None})
    expect(banner).to_be_hidden()


def test_an_error_of_a_flow_is_shown_on_the_page_with_file_and_line(
    phone: Phone, dev_server: DevServer
) -> None:
    phone.type("hello")
    phone.sees("What would you like to do?")
    dev_server.kill_bot()
    dev_server.break_flow("events", "no seats left")
    dev_server.start_bot()
    phone.type("events")
    phone.tap("Open day")
    banner = phone.page.get_by_role("alert")
    expect(banner).to_contain_text("RuntimeError: no seats left", timeout=LIMIT)
    expect(banner).to_contain_text("src/flows/events.py:")
    expect(banner).to_contain_text("Correct it and save")
    phone.page.get_by_role("button", name="Hide this error").click()
    expect(banner).to_be_hidden()


def test_a_picture_is_sent_and_answered(phone: Phone, tmp_path: Path) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(PIXEL)
    phone.page.get_by_role("button", name="Attach").click()
    phone.page.get_by_label("Picture, video or document").set_input_files(picture)
    shown = phone.log.locator("img")
    expect(shown).to_be_visible(timeout=LIMIT)
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
    phone.sees("I can't see pictures yet.")


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_files_are_dropped_and_pasted(phone: Phone, way: str) -> None:
    phone.field.fill("Look at these")
    files = phone.page.evaluate_handle(
        """(content) => {
            const files = new DataTransfer();
            const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
            const type = "image/png";
            for (const name of ["one.png", "two.png"]) {
                files.items.add(new File([bytes], name, { type }));
            }
            return files;
        }""",
        base64.b64encode(PIXEL).decode(),
    )
    if way == "drop":
        phone.log.dispatch_event("dragover", {"dataTransfer": files})
        expect(phone.page.get_by_role("main")).to_have_class("drop")
        phone.log.dispatch_event("drop", {"dataTransfer": files})
        expect(phone.page.get_by_role("main")).not_to_have_class("drop")
    else:
        phone.field.evaluate(
            """(field, clipboardData) => field.dispatchEvent(
                new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }))""",
            files,
        )
    expect(phone.log.locator("img")).to_have_count(2, timeout=LIMIT)
    expect(phone.log.locator(".bubble.mine").first).to_contain_text("Look at these")
    expect(phone.field).to_have_value("")


def test_what_somebody_writes_is_never_html(phone: Phone) -> None:
    phone.type("<img src=x onerror=alert(1)> *bold* 2*3*4 `<b>`")
    said = phone.sees("onerror=alert(1)")
    expect(said.locator("strong")).to_have_text("bold")
    expect(said.locator("code")).to_have_text("<b>")
    expect(said.locator("img")).to_have_count(0)
    expect(said).to_contain_text("2*3*4")


def test_a_message_is_quoted_and_read(phone: Phone) -> None:
    phone.type("hello")
    menu = phone.sees("What would you like to do?")
    menu.hover()
    menu.get_by_role("button", name="Quote").click()
    phone.type("menu")
    quoting = phone.sees("menu")
    expect(phone.log.locator("blockquote")).to_contain_text(
        "Hello, Ana! What would you like to do?"
    )
    expect(phone.log.locator(".mine").last.get_by_title("read")).to_be_visible(timeout=LIMIT)
    assert quoting.count() == 1


def test_people_side_by_side_and_the_window_that_closes(phone: Phone) -> None:
    page = phone.page
    phone.type("hello")
    phone.sees("What would you like to do?")
    page.get_by_role("button", name="Lucía").click()
    expect(phone.log.locator(".bubble")).to_have_count(0)
    phone.type("hola")
    phone.sees("¿Qué te gustaría hacer?")
    page.get_by_role("button", name="Kim").click()
    phone.type("hello")
    phone.sees("What would you like to do?")
    expect(page.locator("#countdown")).to_contain_text("23:59")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="+25 h").click()
    expect(phone.log.locator(".note")).to_have_text("The clock moved by 25 h")
    expect(page.locator("#countdown")).to_have_text("Window closed: only templates")


def test_what_is_said_while_a_conversation_is_on_its_way_is_shown(phone: Phone) -> None:
    """Somebody in a hurry types before the page has heard what was said so far."""
    page, held = phone.page, list[tuple[Route, APIResponse]]()
    page.route("**/messages?after=0", lambda route: held.append((route, route.fetch())))
    page.get_by_role("button", name="Kim").click()
    while not held:
        page.wait_for_timeout(10)
    phone.type("hello")
    expect(page.get_by_role("button", name="Kim Hello")).to_be_visible(timeout=LIMIT)
    [(route, response)] = held
    route.fulfill(response=response)
    phone.sees("What would you like to do?")
    expect(phone.log.locator(".bubble")).to_have_count(2)


def test_the_phone_says_that_the_emulator_is_away_and_goes_on_with_the_next(
    phone: Phone, dev_server: DevServer
) -> None:
    phone.type("hello")
    phone.sees("What would you like to do?")
    phone.page.get_by_role("button", name="Lucía").click()
    expect(phone.page.get_by_text("You are Lucía")).to_be_visible()
    trouble = phone.page.get_by_role("alert")
    dev_server.kill_emulator(once_it_kept="What would you like to do?")
    expect(trouble).to_contain_text("The emulator is not running", timeout=LIMIT)
    phone.type("hola")
    expect(phone.field).to_have_value("hola", timeout=LIMIT)
    dev_server.start_emulator()
    expect(trouble).to_contain_text("The emulator was restarted", timeout=LIMIT)
    expect(phone.field).to_have_value("hola")
    expect(phone.page.get_by_role("button", name="Lucía")).to_have_attribute("aria-current", "true")
    phone.page.keyboard.press("Enter")
    phone.sees("¿Qué te gustaría hacer?")
    expect(trouble).to_be_hidden()
    phone.page.get_by_role("button", name="Ana").click()
    expect(phone.log.locator(".bubble")).to_have_count(2)
    phone.errors[:] = [error for error in phone.errors if "net::ERR_" not in error]


def test_what_the_emulator_refuses_is_said(phone: Phone) -> None:
    phone.page.get_by_role("button", name="Add a person").click()
    phone.page.get_by_label("Phone number").fill("+   1")
    phone.page.get_by_role("textbox", name="Name").fill("Eve")
    phone.page.keyboard.press("Enter")
    expect(phone.page.get_by_role("alert")).to_have_text("a phone number has 5 to 20 digits")
    phone.errors[:] = [error for error in phone.errors if "400 (Bad Request)" not in error]


def test_a_person_is_added_by_keyboard(phone: Phone) -> None:
    page = phone.page
    page.get_by_role("button", name="Add a person").press("Enter")
    page.get_by_label("Phone number").fill("+44 7700 900123")
    page.get_by_role("textbox", name="Name").fill("Eve")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Eve")).to_have_attribute("aria-current", "true")
    phone.type("hello")
    phone.sees("What would you like to do?")


def test_what_a_business_may_ask_for_has_buttons(phone: Phone, dev_server: DevServer) -> None:
    phone.type("hello")
    phone.sees("What would you like to do?")
    for kind, action, tap, seen in (
        ("request_contact_info", {}, "Share my number", "+15551234567"),
        ("call_permission_request", {}, "Allow calls", "Calls allowed"),
        ("voice_call", {"parameters": {"display_text": "Ring us"}}, "Ring us", ""),
    ):
        body = {"text": f"Please: {kind}"}
        asked = {"type": kind, "body": body, "action": {"name": kind, **action}}
        dev_server.send("15551234567", {"type": "interactive", "interactive": asked})
        phone.sees(f"Please: {kind}")
        phone.tap(tap)
        phone.sees(seen)
    calls = f"{dev_server.emulator_url}/emulator/exchanges"
    phone.page.wait_for_function(
        "async (url) => (await (await fetch(url)).text()).includes('USER_INITIATED')", arg=calls
    )


def test_a_voice_note_is_recorded_as_whatsapp_sends_it(phone: Phone, dev_server: DevServer) -> None:
    phone.type("hello")
    phone.sees("What would you like to do?")
    record = phone.page.get_by_role("button", name="Record a voice note")
    timer, note = phone.page.get_by_role("timer"), phone.log.locator("audio")
    record.click()
    expect(timer).to_have_text("0:01")
    phone.page.keyboard.press("Escape")  # changes their mind
    expect(record).to_be_visible()
    record.click()
    expect(phone.field).to_be_hidden()
    expect(timer).to_have_text("0:01")  # so that there is something to hear
    phone.page.get_by_role("button", name="Send", exact=True).click()
    expect(note).to_have_count(1, timeout=LIMIT)
    expect(phone.field).to_be_focused()
    decoded = """async (audio) => {
        const content = await (await fetch(audio.src)).arrayBuffer();
        return (await new OfflineAudioContext(1, 1, 48_000).decodeAudioData(content)).duration;
    }"""
    assert 0 < note.evaluate(decoded) < 10
    conversation = f"{dev_server.emulator_url}/emulator/contacts/15551234567/messages?after=0"
    entries = phone.page.request.get(conversation).json()
    [voice] = [entry["audio"] for entry in entries if entry["type"] == "audio"]
    assert (voice["mime_type"], voice["voice"]) == ("audio/ogg; codecs=opus", True)
    content = phone.page.request.get(
        f"{dev_server.emulator_url}/emulator/media/{voice['id']}"
    ).body()
    assert (content[:4], content[28:36]) == (b"OggS", b"OpusHead")


def test_a_webhook_is_inspected_and_replayed(phone: Phone, dev_server: DevServer) -> None:
    phone.type("hello")
    phone.sees("What would you like to do?")
    inspector = phone.page.context.new_page()
    inspector.goto(f"{dev_server.emulator_url}/inspector")
    expect(inspector.get_by_role("row", name="interactive: Hello, Ana!")).to_be_visible(
        timeout=LIMIT
    )
    inspector.get_by_label("Kind").select_option("webhooks")
    inspector.get_by_role("button", name="text: hello").first.click()
    expect(inspector.get_by_label("Request")).to_have_value(re.compile('"body": "hello"'))
    said = inspector.locator("#said")
    inspector.get_by_role("button", name="Replay", exact=True).click()
    expect(said).to_have_text("The bot answered 200.", timeout=LIMIT)
    inspector.get_by_role("button", name="Replay as new").click()
    menus = phone.log.locator(".bubble.theirs")
    expect(menus).to_have_count(2, timeout=LIMIT)  # one of the two replays was answered
    number = inspector.locator("tr[aria-selected=true]").get_attribute("data-number")
    for button, kind in (("Copy as curl", "curl"), ("Copy as pytest", "pytest")):
        inspector.get_by_role("button", name=button).click()
        expect(said).to_have_text("Copied.", timeout=LIMIT)
        copied = inspector.evaluate("navigator.clipboard.readText()")
        assert copied == dev_server.ask_text(f"/emulator/exchanges/{number}/{kind}")
        inspector.locator("tr[aria-selected=true] button").click()
        expect(said).to_have_text("")
    inspector.get_by_label("Request").fill("{")
    inspector.get_by_role("button", name="Send as edited").click()
    expect(said).to_contain_text("This is not JSON")


def test_the_timeline_of_a_conversation_says_what_the_bot_decided(phone: Phone) -> None:
    phone.type("hello")
    phone.sees("What would you like to do?")
    phone.tap("Register")
    phone.sees("What is your full name?")
    phone.type("Ana Rojas")
    phone.sees("Which identity document")
    with phone.page.context.expect_page() as opening:
        phone.page.get_by_role("button", name="More", exact=True).click()
        phone.page.get_by_role("link", name="Timeline").click()
    inspector = opening.value
    rows = inspector.locator("#exchanges tr")
    decided = rows.filter(has_text="registration: full_name → ")
    expect(decided).to_contain_text("decision", timeout=LIMIT)
    expect(decided).to_contain_text("1 reply")
    expect(rows.first).to_have_class(re.compile("turn"))
    expect(inspector.locator("tr.turn").filter(has_text="Ana Rojas")).to_have_count(1)
    decided.get_by_role("button").click()
    answer = inspector.get_by_role("row", name="flow.answers.full_name")
    expect(answer.get_by_role("cell")).to_have_text(["(none)", "Ana Rojas"])
    expect(inspector.get_by_role("link", name="open_form")).to_have_attribute(
        "href", "/flows#stage-open_form"
    )


def test_a_person_starts_afresh_and_the_panel_and_the_map_show_where_they_are(
    phone: Phone, dev_server: DevServer
) -> None:
    page = phone.page
    dev_server.develop()
    phone.type("register")
    phone.sees("What is your full name?")
    page.get_by_role("button", name="What the bot knows").click()
    panel = page.get_by_role("complementary", name="What the bot knows")
    expect(panel).to_contain_text("registration: full_name", timeout=LIMIT)
    flows = page.context.new_page()
    flows.goto(f"{dev_server.emulator_url}/flows")
    here = flows.locator(".node.here")
    expect(here).to_have_attribute("data-node", "full_name", timeout=LIMIT)
    phone.type("Ana Rojas")
    expect(here).to_have_attribute("data-node", "id_type", timeout=LIMIT)
    here.focus()
    expect(flows.locator("#about")).to_contain_text("en: Which identity document")
    page.get_by_role("button", name="Start this person afresh").click()
    expect(phone.log.get_by_text("Say hello to start.")).to_be_visible(timeout=LIMIT)
    expect(panel).to_contain_text("does not know this person yet", timeout=LIMIT)
    expect(here).to_have_count(0, timeout=LIMIT)


def test_what_meta_refuses_is_a_red_bubble_that_says_why(
    phone: Phone, dev_server: DevServer
) -> None:
    inspector = phone.page.context.new_page()
    inspector.goto(f"{dev_server.emulator_url}/inspector")
    inspector.get_by_text("Chaos").click()
    inspector.get_by_label("error_4:").fill("1")
    inspector.keyboard.press("Tab")
    expect(inspector.locator("#chaos")).to_have_class("on")
    phone.type("hello")
    refused = phone.sees("Application request limit reached")
    expect(refused).to_contain_text("Wait: the app makes too many calls.")
    expect(refused).to_have_class(re.compile("refused"))
    inspector.get_by_role("button", name="Off").click()
    expect(inspector.locator("#chaos")).not_to_have_class("on")


def test_a_conversation_is_saved_as_a_story(
    phone: Phone, dev_server: DevServer, tmp_path: Path
) -> None:
    phone.type("hello")
    phone.sees("What would you like to do?")
    phone.tap("Register")
    phone.sees("What is your full name?")
    phone.page.get_by_role("button", name="Attach").click()
    picture = tmp_path / "cat.png"
    picture.write_bytes(PIXEL)
    phone.page.get_by_label("Picture, video or document").set_input_files(picture)
    menus = phone.log.locator(".bubble").filter(has_text="What is your full name?")
    expect(menus).to_have_count(2, timeout=LIMIT)
    phone.page.get_by_role("button", name="More", exact=True).click()
    phone.page.get_by_role("button", name="Save as story").click()
    expect(phone.page.get_by_label("Title of the story").last).to_have_value("Ana: hello")
    phone.page.keyboard.type("Ana: begins")
    with phone.page.expect_download() as downloading:
        phone.page.keyboard.press("Enter")
    assert downloading.value.suggested_filename == "ana-begins.yaml"
    file = tmp_path / "story.yaml"
    downloading.value.save_as(file)
    story = read_story(file.read_text())
    assert [(turn.act, turn.value) for turn in story.turns] == [
        ("say", "hello"),
        ("tap", "Register"),
        ("file", StoryFile("image.png", "image/png")),
    ]
    told = dev_server.command("emulator.cli.story", "run", str(file))
    assert told.splitlines() == [
        "1 to tell, in at least 4 s.",
        "✓ story",
        "1 of 1 stories went as written.",
    ]
    people = phone.page.locator("#people span:first-child")
    expect(people).to_have_text(["Ana", "Lucía", "Kim", "Ana"])
    phone.page.reload()
    expect(people.last).to_have_text("Ana")
    last = phone.page.locator("#people small").first
    expect(last).to_contain_text("What is your full name?")
    file.write_text(file.read_text().replace("full name", "nickname"))
    told = dev_server.command("emulator.cli.story", "run", str(file))
    assert "What is your nickname?" in told
    assert "0 of 1" in told


def test_a_story_is_saved_in_the_project(browser: Browser, tmp_path: Path) -> None:
    """From the phone page, and of the person who is chosen in the inspector."""
    dev_server = DevServer(tmp_path, EMULATOR_STORIES_FOLDER="tests/flows/stories")
    try:
        dev_server.talk("hello")
        for address, steps in (
            ("phone", ("More", "Save as story")),
            (f"inspector#{ANA}", ("Save as story",)),
        ):
            page = browser.new_page()
            page.goto(f"{dev_server.emulator_url}/{address}")
            for name in steps:
                page.get_by_role("button", name=name, exact=True).click()
            page.get_by_role("textbox", name="Title of the story").fill("Ana: begins")
            page.get_by_role("button", name="Save", exact=True).click()
            saved = page.get_by_role("dialog", name="The story is saved")
            expect(saved).to_contain_text("Saved as tests/flows/stories/ana-begins", timeout=LIMIT)
            saved.get_by_role("button", name="Close").click()
            expect(saved).to_have_count(0)
            page.close()
    finally:
        dev_server.close()
    files = sorted((tmp_path / "tests/flows/stories").iterdir())
    assert [file.name for file in files] == ["ana-begins-2.yaml", "ana-begins.yaml"]
    for file in files:
        [turn] = read_story(file.read_text()).turns
        assert (turn.act, turn.value) == ("say", "hello")
