"""Whoever watches the bot at work is told of each step, and never holds it up."""

import asyncio
import json

import httpx
import pytest
from pydantic import TypeAdapter, ValidationError

from app.development.event_reporter import MAX_WAITING_REPORTS, DevEventReporter
from config.values import LocalUrl
from domain.state_change import StateChange

URL = "http://127.0.0.1:5001/emulator/steps"


def step(number: int = 0) -> StateChange:
    return StateChange(
        at=float(number),
        event="message",
        message_id="wamid.1",
        user_id=None,
        wa_id="1",
        before={},
        after={"flow": {"flow": "registration"}},
        replies=1,
    )


async def test_steps_are_told_in_order_whatever_becomes_of_one() -> None:
    told: list[float] = []
    all_told = asyncio.Event()

    def listen(request: httpx.Request) -> httpx.Response:
        told.append(json.loads(request.content)["at"])
        if len(told) == 3:
            all_told.set()
        if len(told) == 1:
            raise httpx.ConnectError("nobody there")
        return httpx.Response(204)

    async with httpx.AsyncClient(transport=httpx.MockTransport(listen)) as http:
        reports = DevEventReporter(http, URL)
        for number in range(3):
            reports(step(number))
        running = asyncio.create_task(reports.run())
        await all_told.wait()
        running.cancel()
    assert told == [0, 1, 2]


async def test_more_than_can_wait_is_dropped() -> None:
    told: list[float] = []
    last_told = asyncio.Event()

    def listen(request: httpx.Request) -> httpx.Response:
        told.append(json.loads(request.content)["at"])
        if told[-1] == -1:
            last_told.set()
        return httpx.Response(204)

    async with httpx.AsyncClient(transport=httpx.MockTransport(listen)) as http:
        reports = DevEventReporter(http, URL)
        for number in range(MAX_WAITING_REPORTS + 1):
            reports(step(number))
        running = asyncio.create_task(reports.run())
        await asyncio.sleep(0)
        reports(step(-1))
        await last_told.wait()
        running.cancel()
    assert told == [*range(MAX_WAITING_REPORTS), -1]


@pytest.mark.parametrize("url", ["https://example.org/steps", "http://127.0.0.1.example.org"])
def test_what_people_write_is_told_to_this_machine_only(url: str) -> None:
    with pytest.raises(ValidationError, match="this machine"):
        TypeAdapter(LocalUrl).validate_python(url)
    assert TypeAdapter(LocalUrl).validate_python(URL) == URL
