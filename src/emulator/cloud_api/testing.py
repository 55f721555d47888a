"""The emulator inside a test: no port, no process, and a clock that the test moves."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import httpx

from emulator.clock import SteppedClock
from emulator.cloud_api.app import create_emulator
from emulator.cloud_api.config import Config
from emulator.cloud_api.rules.template_texts import EXAMPLES
from emulator.cloud_api.rules.template_values import VARIABLE
from emulator.cloud_api.rules.templates import FILES
from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.people import Person
from emulator.cloud_api.state.templates import REVIEW_SECONDS
from emulator.cloud_api.state.voice_call import SDP
from emulator.json import JsonObject

ANA = "573001234567"
#: SDP of a bot without audio, which answers a call.
CALL_ANSWER = SDP.format(setup="active")
#: SDP of such a bot, which calls.
CALL_OFFER = SDP.format(setup="actpass")


def completed(template: JsonObject) -> JsonObject:
    """Return a template, or one that was listed, as it is to be created: with all examples."""
    is_code = str(template.get("category")).upper() == "AUTHENTICATION"
    named = str(template.get("parameter_format")).upper() == "NAMED"
    parts = template.get("components") or []
    made = [_without_texts(one) if is_code else _with_example(one, named=named) for one in parts]
    return {**template, "components": made}


def _without_texts(component: JsonObject) -> JsonObject:
    """Return a component of an authentication template without what Meta writes."""
    if "buttons" in component:
        return {**component, "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]}
    return {key: value for key, value in component.items() if key not in ("text", "example")}


def _with_example(component: JsonObject, *, named: bool) -> JsonObject:
    made, kind = dict(component), str(component.get("type")).upper()
    if names := VARIABLE.findall(str(component.get("text") or "")):
        values = [{"param_name": one, "example": "x"} for one in names] if named else ["x"]
        made.setdefault("example", {EXAMPLES.get(kind, ("x", "x"))[named]: values})
    if kind == "HEADER" and str(component.get("format") or "TEXT").upper() in FILES:
        made.setdefault("example", {"header_handle": ["4::x"]})
    if "buttons" in component:
        made["buttons"] = [{"example": ["x"], **one} for one in component["buttons"]]
    if "cards" in component:
        made["cards"] = [
            {**card, "components": [_with_example(one, named=named) for one in card["components"]]}
            for card in component["cards"]
        ]
    return made


class CloudApiDouble:
    """Meta's API inside a test: strict, and it keeps every message.

    `http` is a client of the Graph API with a valid token, for the code under test. `webhooks`
    holds the values of all webhooks; the next ones are answered with `answers`, then with 200.
    """

    def __init__(self, config: Config | None = None) -> None:
        self.config = config or Config()
        self.clock = SteppedClock()
        self.webhooks: list[dict[str, Any]] = []
        self.answers: list[int] = []
        self.app = create_emulator(self.config, poster=self._receive, clock=lambda: self.clock.now)
        self.account: Account = self.app.state.account
        self.open_window(ANA)
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://meta",
            headers={"Authorization": f"Bearer {self.config.access_token}"},
        )

    async def send(self, kind: str, content: Any, **more: Any) -> httpx.Response:
        """Send a message as a bot would, without any code of the bot."""
        message = {"messaging_product": "whatsapp", "to": f"+{ANA}", "type": kind, kind: content}
        path = f"/v25.0/{self.config.phone_number_id}/messages"
        return await self.http.post(path, json=message | more)

    def open_window(self, wa_id: str) -> Person:
        """Let a person have written just now, so that the bot may send them any message."""
        person = self.account.people.get(wa_id)
        person.wrote_at = self.clock.now
        return person

    def add_template(self, template: dict[str, Any]) -> None:
        """Create a template, and let the time of its review pass.

        Examples, which only reviewers read, are filled in where there are none.
        """
        self.account.templates.create(completed(template))
        self.clock.advance(timedelta(seconds=REVIEW_SECONDS))

    async def statuses(self) -> list[dict[str, Any]]:
        """Return all statuses of messages, once every webhook is delivered."""
        await self.account.webhooks.idle()
        return [status for value in self.webhooks for status in value.get("statuses", [])]

    def sent_to(self, wa_id: str) -> list[dict[str, Any]]:
        """Return the messages that a person received."""
        entries = self.account.people.get(wa_id).entries
        return [one for one in entries if one["from"] == "bot" and "id" in one]

    async def close(self) -> None:
        await self.account.callbacks.close()
        await self.http.aclose()

    async def _receive(self, body: bytes, headers: dict[str, str]) -> int:
        expected = hmac.digest(self.config.app_secret.encode(), body, hashlib.sha256).hex()
        assert headers["X-Hub-Signature-256"] == f"sha256={expected}"
        assert body.isascii()
        answer = self.answers.pop(0) if self.answers else 200
        if answer == 200:
            entries = json.loads(body)["entry"]
            self.webhooks += [change["value"] for one in entries for change in one["changes"]]
        return answer
