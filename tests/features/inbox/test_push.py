"""Browsers are told while the inbox is closed, and push services learn nothing of people."""

import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from tests.features.inbox.test_access import invited
from tests.features.inbox.test_staff import are_here
from tests.features.inbox.town import Town

from features.inbox.push import is_service
from features.inbox.tables.operators import HERE

SERVICE = "fcm.googleapis.com"
ENDPOINT = f"https://{SERVICE}/fcm/send/a-browser"


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def test_a_browser_is_told_by_a_signed_message_without_a_word(tmp_path: Path) -> None:
    told: list[httpx.Request] = []
    answers = [201, 410]

    def service(request: httpx.Request) -> httpx.Response:
        told.append(request)
        return httpx.Response(answers.pop(0))

    town = Town(tmp_path, inbox_push_contact="mailto:it@example.com")
    town.others[SERVICE] = httpx.MockTransport(service)
    await town.start()
    await town.sign_in(await invited(town))
    assert (await town.call("POST", "/api/push", json={"endpoint": ENDPOINT})).status_code == 204
    await are_here(town, "Eva")
    await town.say("I want to talk to a person")
    assert told == [], "her page is open, and tells her"
    town.clock.advance(HERE + timedelta(seconds=1))
    await town.act("hand-back")
    await town.say("person")
    [push] = told
    assert push.content == b""
    token, key = push.headers["authorization"].removeprefix("vapid t=").split(", k=")
    assert key == (await town.call("GET", "/api/push")).json()["key"]
    head, claims, signature = token.split(".")
    assert json.loads(decoded(claims))["aud"] == f"https://{SERVICE}"
    numbers = [int.from_bytes(decoded(signature)[at : at + 32], "big") for at in (0, 32)]
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(key))
    signed = f"{head}.{claims}".encode()
    public.verify(encode_dss_signature(*numbers), signed, ec.ECDSA(SHA256()))
    for _ in range(2):  # the browser is gone: it is asked once more, and never again
        await town.act("hand-back")
        town.clock.advance(timedelta(seconds=1))
        await town.say("person")
    assert len(told) == 2
    await town.stop()


async def test_without_a_contact_nothing_is_pushed(town: Town) -> None:
    assert (await town.call("GET", "/api/push")).json() == {"key": None}


@pytest.mark.parametrize(
    ("endpoint", "is_known"),
    [
        (ENDPOINT, True),
        ("https://updates.push.services.mozilla.com/wpush/v2/x", True),
        ("https://web.push.apple.com/x", True),
        ("http://fcm.googleapis.com/x", False),
        ("https://fcm.googleapis.com:8443/x", False),
        ("https://fcm.googleapis.com@10.0.0.1/x", False),
        ("https://evil.example/fcm.googleapis.com", False),
        ("https://notpush.apple.com.evil.example/", False),
        ("https://127.0.0.1/", False),
        ("", False),
    ],
)
def test_only_push_services_are_asked(endpoint: str, is_known: bool) -> None:
    assert is_service(endpoint) is is_known
