"""Calls on the phone page, in a real browser: with sound, and where calls are off."""

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("aiortc", reason="needs the extra calls: aiortc")

from playwright.sync_api import Browser, expect
from tests.fakes.dev_server import DevServer
from tests.fakes.phone_page import CHROMIUM, LIMIT, Phone, open_phone

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's package chromium")

#: Resolves once the page plays something louder than silence.
HEARS_SOUND = """
async () => {
  const context = new AudioContext();
  const stream = document.getElementById("call-audio").srcObject;
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  for (let tries = 0; tries < 1000; tries++) {
    analyser.getFloatTimeDomainData(samples);
    if (samples.some((one) => Math.abs(one) > 0.05)) return true;
    await new Promise((done) => setTimeout(done, 10));
  }
  return false;
}
"""


@pytest.fixture
def caller(tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Phone]:
    """A phone whose business answers calls."""
    monkeypatch.setenv("CALLS_ENABLED", "true")
    server = DevServer(tmp_path)
    try:
        server.wait_for_emulator()
        server.wait_until(lambda: "calls are answered" in server.log.read_text())
        with open_phone(browser, server.emulator_url) as phone:
            yield phone
    finally:
        server.close()


def shown_call(phone: Phone, text: str) -> None:
    expect(phone.log.locator(".bubble.call").last).to_contain_text(text, timeout=LIMIT)


def test_a_voice_answers_and_a_key_brings_the_form_into_the_chat(caller: Phone) -> None:
    page = caller.page
    page.get_by_role("button", name="Voice call", exact=True).click()
    call = page.get_by_role("region", name="Call")
    expect(call.get_by_role("timer")).to_have_text(re.compile(r"\d:\d\d"), timeout=LIMIT)
    assert page.evaluate(HEARS_SOUND)
    call.get_by_role("button", name="Keypad").click()
    call.get_by_role("button", name="1", exact=True).click()
    caller.sees("What is your full name?")
    expect(call.get_by_role("timer")).to_be_visible()  # still talking
    call.get_by_role("button", name="Mute").press("Enter")
    expect(call.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")
    call.get_by_role("button", name="Hang up").press("Enter")
    expect(call).to_contain_text("Call ended")
    shown_call(caller, "Voice call · 0:")
    address = f"{page.url.removesuffix('/phone')}/emulator/phone/calls"
    with urllib.request.urlopen(address) as answer:
        assert json.load(answer) == {"violations": []}


def test_where_calls_are_off_the_person_is_told_in_the_chat(phone: Phone) -> None:
    phone.page.get_by_role("button", name="Voice call", exact=True).click()
    phone.sees("I can't take voice calls here")
    shown_call(phone, "the business declined")
    expect(phone.page.get_by_role("button", name="Voice call", exact=True)).to_be_enabled()
