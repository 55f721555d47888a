"""What the bot refuses of passkeys; `test_page.py` makes one, and signs in by it."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest
from tests.features.inbox.test_access import invited
from tests.features.inbox.town import Town


def answer_to(challenge: str) -> dict[str, Any]:
    data = json.dumps({"type": "webauthn.get", "challenge": challenge}).encode()
    return {"id": "A", "response": {"clientDataJSON": urlsafe_b64encode(data).decode()}}


@pytest.mark.parametrize("credential", [{}, {"response": {}}, answer_to(""), answer_to("QUFB")])
async def test_what_answers_no_challenge_of_ours_is_refused(
    town: Town, credential: dict[str, Any]
) -> None:
    body = {"credential": credential}
    assert (await town.call("POST", "/api/session/passkey", json=body)).status_code == 422


async def test_a_challenge_ends_and_a_stranger_has_no_passkey(town: Town) -> None:
    asked = (await town.call("POST", "/api/session/options")).json()["challenge"]
    body = {"credential": answer_to(asked)}
    assert (await town.call("POST", "/api/session/passkey", json=body)).status_code == 401
    town.clock.advance(timedelta(minutes=6))
    assert (await town.call("POST", "/api/session/passkey", json=body)).status_code == 422


async def test_the_owner_has_no_passkey_and_other_sites_make_none(town: Town) -> None:
    assert (await town.call("POST", "/api/passkeys/options")).status_code == 409
    for path in ("/api/session/options", "/api/session/passkey", "/api/passkeys/options"):
        body: dict[str, Any] | None = {"credential": {}} if path.endswith("passkey") else None
        assert (await town.call("POST", path, headers={}, json=body)).status_code == 403
    await town.sign_in(await invited(town))
    assert (await town.call("POST", "/api/passkeys/options")).json()["rp"]["id"] == "bot"
