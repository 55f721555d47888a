"""A bot whose supplier template is approved, and a system that tells it events by HTTP."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from tests.fakes.bot import BotHarness

from emulator.cloud_api.testing import completed
from features.events.routes import router
from features.templates.ready import definitions

KEY = "0123456789abcdef0123456789abcdef"
APP = FastAPI()
APP.include_router(router)


class Teller(BotHarness):
    """The bot, the emulator, and another system."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder, **{"notifications_api_key": KEY} | settings)

    async def begin(self) -> None:
        """Start, with the template that Meta has approved."""
        for one in definitions("po_notification"):
            self.account.templates.create(completed(one))
        self.clock.advance(timedelta(minutes=1))
        await self.start()
        await self.settle()

    async def tell(
        self,
        type_: str = "po.approved",
        *,
        key: str = KEY,
        headers: Mapping[str, str] | None = None,
        query: str = "",
        **body: Any,
    ) -> httpx.Response:
        """Tell an event by HTTP."""

        async def with_state(scope: Any, receive: Any, send: Any) -> None:
            await APP({**scope, "state": dict(self.state.by_name())}, receive, send)

        transport = httpx.ASGITransport(with_state)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            return await client.post(
                f"/api/v1/events/{type_}{query}",
                headers={"Authorization": f"Bearer {key}", **(headers or {})},
                json=body,
            )

    def got(self, who: str) -> list[str]:
        """The texts of the templates that somebody got."""
        return [
            str(entry["shown"]["body"])
            for entry in self.person(who).entries
            if entry["type"] == "template"
        ]

    def counted(self, result: str, type_: str = "po.approved") -> float:
        """How many events had a result."""
        found = self.bot.parts.metrics.registry.get_sample_value(
            "bot_events_total", {"type": type_, "result": result}
        )
        return found or 0


def order(number: str = "PO-001", **more: Any) -> dict[str, Any]:
    """The data of an approved purchase order."""
    data = {
        "supplier_phone": "+57 300 123 4567",
        "supplier_name": "Molinos SA",
        "po_number": number,
        "total_amount": 1234.5,
    }
    return data | more


def codes(answer: httpx.Response) -> list[tuple[str, str]]:
    """Codes and fields of what is wrong."""
    return [(one["code"], one["field"]) for one in answer.json()["errors"]]
