"""The business calls: the phone page rings, and the person answers or declines."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from tests.fakes.dev_server import PHONE_NUMBER_ID, DevServer
from tests.fakes.phone_page import CHROMIUM, LIMIT, Phone

from emulator.cloud_api.state.people import DEMO_CONTACTS
from emulator.cloud_api.state.voice_call import SDP

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's package chromium")

[(ANA, *_), *_] = DEMO_CONTACTS
GRAPH = f"/v25.0/{PHONE_NUMBER_ID}/calls"


def post(server: DevServer, path: str, **body: Any) -> Any:
    return server._ask(path, json.dumps(body).encode())


def call(server: DevServer) -> str:
    """Call as a business, past the bot; its audio leads nowhere."""
    session = {"sdp_type": "offer", "sdp": SDP.format(setup="actpass")}
    made = post(server, GRAPH, action="connect", to=f"+{ANA}", session=session)
    return str(made["calls"][0]["id"])


def ringing(phone: Phone) -> Locator:
    screen = phone.page.get_by_role("region", name="Call")
    expect(screen).to_contain_text("Incoming voice call", timeout=LIMIT)
    return screen


def shown(phone: Phone) -> Locator:
    return phone.log.locator(".bubble.call").last


def test_calls_of_the_business_are_declined_answered_and_missed(
    phone: Phone, dev_server: DevServer
) -> None:
    dev_server.kill_bot()  # it would end calls at once that it does not know
    reply = {"type": "call_permission_reply", "call_permission_reply": {"response": "accept"}}
    path = f"/emulator/contacts/{ANA}/messages"
    post(dev_server, path, type="interactive", interactive=reply)

    call(dev_server)
    ringing(phone).get_by_role("button", name="Decline").click()
    expect(shown(phone)).to_contain_text("declined")

    answered = call(dev_server)
    screen = ringing(phone)
    screen.get_by_role("button", name="Answer").press("Enter")
    expect(screen.get_by_role("timer")).to_have_text(re.compile(r"\d:\d\d"), timeout=LIMIT)
    expect(screen.get_by_role("button", name="Answer")).to_be_hidden()
    post(dev_server, GRAPH, action="terminate", call_id=answered)
    expect(shown(phone)).to_contain_text("Voice call · 0:", timeout=LIMIT)

    missed = call(dev_server)
    ringing(phone)
    post(dev_server, GRAPH, action="terminate", call_id=missed)
    expect(shown(phone)).to_contain_text("Missed voice call", timeout=LIMIT)
    expect(phone.page.get_by_role("button", name="Voice call", exact=True)).to_be_enabled()
