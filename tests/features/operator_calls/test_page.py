"""An operator takes a call over in a real browser: the phone page and the inbox hear each other."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("aiortc", reason="needs the extra calls: aiortc")

from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.fakes.axe import barriers
from tests.fakes.dev_server import DevServer
from tests.fakes.phone_page import CHROMIUM, LIMIT, Phone, is_error

from app.development.plan import EMULATED_FILES, EMULATED_INBOX

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's package chromium"),
    pytest.mark.timeout(300),
]
[TOKEN] = EMULATED_INBOX.values()
#: Tones that the caller and the operator speak with, in Hz.
CALLER, OPERATOR = 440, 880
#: Folder for pictures of the pages, where somebody wants to look at them.
PICTURES = os.environ.get("PICTURES_OF_CALLS")

#: Replaces the microphone by a tone.
SPEAKS = """
navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  const tone = new OscillatorNode(context, { frequency: %d });
  const out = context.createMediaStreamDestination();
  tone.connect(new GainNode(context, { gain: 0.4 })).connect(out);
  tone.start();
  return out.stream;
};
"""
#: Resolves once the loudest frequency of an element's sound is the given one.
HEARS = """
async ([id, frequency]) => {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 4096, smoothingTimeConstant: 0 });
  context.createMediaStreamSource(document.getElementById(id).srcObject).connect(analyser);
  const levels = new Float32Array(analyser.frequencyBinCount);
  const width = context.sampleRate / analyser.fftSize;
  let peak = 0;
  for (let tries = 0; tries < 1000; tries++) {
    analyser.getFloatFrequencyData(levels);
    peak = levels.indexOf(Math.max(...levels)) * width;
    const isLoud = Math.max(...levels) > -45;
    if (isLoud && Math.abs(peak - frequency) <= 2 * width) return true;
    await new Promise((done) => setTimeout(done, 10));
  }
  return `hears ${peak} Hz`;
}
"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DevServer]:
    """A business that takes calls and has an inbox."""
    monkeypatch.setenv("CALLS_ENABLED", "true")
    for name, value in EMULATED_FILES.items():
        monkeypatch.setenv(name, value)
    server = DevServer(tmp_path)
    try:
        server.wait_for_emulator()
        for _ in range(3):  # a busy machine takes a minute to start a bot and its engine
            with suppress(TimeoutError):
                server.wait_until(lambda: "calls are answered" in server.log.read_text())
                break
        yield server
    finally:
        server.close()


def speaking(browser: Browser, frequency: int, width: int = 1280) -> BrowserContext:
    context = browser.new_context(viewport={"width": width, "height": 800})
    context.add_init_script(SPEAKS % frequency)
    return context


def picture(page: Page, name: str) -> None:
    if PICTURES:
        for width, height in ((1280, 800), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png")
        page.set_viewport_size({"width": 1280, "height": 800})


def test_an_operator_takes_a_call_and_both_hear_each_other(
    server: DevServer, browser: Browser
) -> None:
    errors: list[str] = []
    operator = speaking(browser, OPERATOR).new_page()
    operator.on("pageerror", lambda error: errors.append(str(error)))
    operator.on("console", lambda said: errors.append(said.text) if is_error(said) else None)
    operator.goto(f"http://127.0.0.1:{server.bot_port}/inbox/sign-in#{TOKEN}")
    expect(operator.get_by_role("searchbox")).to_be_visible(timeout=LIMIT)
    phone = Phone(speaking(browser, CALLER, 1100).new_page())
    server.reply_after(server.say("hi"))
    phone.page.goto(f"{server.emulator_url}/phone")
    phone.page.get_by_role("button", name="Voice call", exact=True).click(timeout=LIMIT)
    caller = phone.page.get_by_role("region", name="Call")
    expect(caller.get_by_role("timer")).to_have_text(re.compile(r"\d:\d\d"), timeout=LIMIT)

    calls = operator.get_by_role("region", name="Voice calls")
    expect(calls).to_contain_text("talks with the bot", timeout=LIMIT)
    assert barriers(operator) == []  # takes seconds, for which no caller waits
    caller.get_by_role("button", name="Keypad").click()
    caller.get_by_role("button", name="0", exact=True).click()
    expect(calls).to_contain_text("waits for an operator", timeout=LIMIT)
    picture(operator, "waits")
    calls.get_by_role("button", name=re.compile("Take the call")).press("Enter")
    expect(calls).to_contain_text("You talk with", timeout=LIMIT)
    assert phone.page.evaluate(HEARS, ["call-audio", OPERATOR]) is True
    assert operator.evaluate(HEARS, ["operator-audio", CALLER]) is True
    expect(operator.locator("#holder")).to_have_text("Owner answers", timeout=LIMIT)
    picture(operator, "talks")
    assert barriers(operator) == []
    calls.get_by_role("button", name="Mute").press("Enter")
    expect(calls.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")

    calls.get_by_role("button", name="Hand the call back").press("Enter")
    expect(calls).to_contain_text("talks with the bot", timeout=LIMIT)
    expect(operator.locator("#holder")).to_have_text("The bot answers", timeout=LIMIT)
    operator.locator("#take-call").press("Enter")  # and once more, in the conversation
    expect(calls).to_contain_text("You talk with", timeout=LIMIT)
    assert operator.evaluate(HEARS, ["operator-audio", CALLER]) is True
    calls.get_by_role("button", name="Hang up").press("Enter")
    expect(phone.log.locator(".bubble.call").last).to_contain_text(
        re.compile(r"Voice call · \d+:\d\d"), timeout=LIMIT
    )
    expect(calls).to_be_hidden(timeout=LIMIT)
    expect(operator.get_by_label("Messages", exact=True)).to_contain_text("Talked on the phone for")
    assert errors == phone.errors == []


def test_an_operator_who_closes_the_page_hands_the_call_back(
    server: DevServer, browser: Browser
) -> None:
    phone = Phone(speaking(browser, CALLER, 1100).new_page())
    server.reply_after(server.say("hi"))
    phone.page.goto(f"{server.emulator_url}/phone")
    phone.page.get_by_role("button", name="Voice call", exact=True).click(timeout=LIMIT)
    operator = speaking(browser, OPERATOR, 390).new_page()  # on a phone
    operator.goto(f"http://127.0.0.1:{server.bot_port}/inbox/sign-in#{TOKEN}")
    calls = operator.get_by_role("region", name="Voice calls")
    calls.get_by_role("button", name=re.compile("Take the call")).click(timeout=LIMIT)
    expect(calls).to_contain_text("You talk with", timeout=LIMIT)
    assert phone.page.evaluate(HEARS, ["call-audio", OPERATOR]) is True
    expect(calls.get_by_role("button", name="Hang up")).to_be_visible()
    operator.close(run_before_unload=True)
    colleague = speaking(browser, OPERATOR).new_page()
    colleague.goto(f"http://127.0.0.1:{server.bot_port}/inbox/sign-in#{TOKEN}")
    calls = colleague.get_by_role("region", name="Voice calls")
    expect(calls).to_contain_text("talks with the bot", timeout=LIMIT)
    expect(phone.page.get_by_role("region", name="Call").get_by_role("timer")).to_be_visible()
