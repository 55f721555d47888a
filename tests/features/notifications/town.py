"""A bot with an API for other systems, and what they send."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from tests.fakes.bot import BotHarness

from emulator.cloud_api.testing import completed
from features.notifications.routes import router
from features.templates.model import Template

KEY = "0123456789abcdef0123456789abcdef"
ORDER = Template(
    account_id="",
    name="order_update",
    language="en",
    components=[
        {"type": "BODY", "text": "Hi {{1}}, your order {{2}} is on its way."},
        {"type": "FOOTER", "text": "Reply STOP to get no more."},
    ],
)
OFFER = Template(
    account_id="",
    name="offer",
    language="en",
    category="MARKETING",
    components=[{"type": "BODY", "text": "All at 10 % off."}],
)


LOGIN = Template(
    account_id="",
    name="login",
    language="en",
    category="AUTHENTICATION",
    components=[
        {"type": "BODY", "text": "*{{1}}* is your code."},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]},
    ],
)


APP = FastAPI()
APP.include_router(router)


class Town(BotHarness):
    """The bot, the emulator, and another system that calls the API."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder, **{"notifications_api_key": KEY} | settings)

    async def begin(self) -> None:
        """Start, with templates that Meta has approved."""
        for one in (ORDER, OFFER, LOGIN):
            given = {"name": one.name, "language": one.language, "category": one.category}
            self.account.templates.create(completed(given | {"components": list(one.components)}))
        self.clock.advance(timedelta(minutes=1))
        await self.start()
        await self.settle()

    async def call(
        self, method: str, path: str = "", *, key: str | None = KEY, **more: Any
    ) -> httpx.Response:
        """Call the API as another system does."""

        async def with_state(scope: Any, receive: Any, send: Any) -> None:
            await APP({**scope, "state": dict(self.state.by_name())}, receive, send)

        headers = {"Authorization": f"Bearer {key}"} if key else {}
        headers |= more.pop("headers", {})
        transport = httpx.ASGITransport(with_state)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            url = f"/api/v1/notifications{path}"
            return await client.request(method, url, headers=headers, **more)

    async def post(self, *items: Mapping[str, Any], key: str = "", **body: Any) -> httpx.Response:
        """Send items; with `key` as the Idempotency-Key."""
        headers = {"Idempotency-Key": key} if key else {}
        return await self.call("POST", json={"items": items, **body}, headers=headers)

    async def sent(self, *items: Mapping[str, Any], **more: Any) -> list[str]:
        """Post items that are accepted; returns their ids."""
        answer = await self.post(*items, **more)
        assert answer.status_code == 202, answer.text
        return [one["id"] for one in answer.json()["items"]]

    async def view(self, id_: str) -> dict[str, Any]:
        """A notification, as its caller sees it."""
        answer = await self.call("GET", f"/{id_}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def release(self) -> None:
        """Let what is due go into the outbox, and nothing further."""
        await self.workers["notifications"].run_until_idle()

    async def meta_says(
        self, event: str, name: str = "order_update", field: str = "message_template_status_update"
    ) -> None:
        """Meta changes a template, and tells it."""
        template = self.account.templates.find(name, "en")
        assert template is not None
        self.account.change_template(template, field, event)
        await self.account.webhooks.idle()
        await self.workers["conversations"].run_until_idle()

    async def status(self, id_: str) -> str:
        """The status of a notification."""
        answer = await self.call("GET", f"/{id_}")
        return str(answer.json()["status"])

    def got(self, who: str) -> list[str]:
        """The names of the templates that somebody got."""
        return [
            entry["template"]["name"]
            for entry in self.person(who).entries
            if entry["type"] == "template"
        ]


def order(to: str = "+57 300 123 4567", **more: Any) -> dict[str, Any]:
    """An item that may be sent."""
    template = {"name": "order_update", "language": "en", "parameters": ["Ana", "A-17"]}
    return {"to": to, "template": template, **more}


def codes(answer: httpx.Response) -> list[tuple[str, str]]:
    """Codes and fields of what is wrong."""
    return [(one["code"], one["field"]) for one in answer.json()["errors"]]
