"""What a developer is shown of a bot at work, and what nobody is shown of it in production."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.app.test_dev_event_reporter import URL, step
from tests.fakes.bot import make_settings

from app.development.observers import state_observers
from jobs.model import RetryLater
from utils.logger import logger

Posted = list[tuple[str, dict[str, Any]]]


class Listener:
    """The program at the other end."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.posted: Posted = []
        self.is_done = asyncio.Event()
        self.http = httpx.AsyncClient(transport=httpx.MockTransport(self._listen))

    def _listen(self, request: httpx.Request) -> httpx.Response:
        self.posted.append((request.url.path, json.loads(request.content)))
        if len(self.posted) == self._count:
            self.is_done.set()
        return httpx.Response(204)


async def posted_by(environment: str, work: Callable[[], None], count: int) -> Posted:
    """What is posted while `work` is done, and after it a state change."""
    listener = Listener(count)
    settings = make_settings(environment=environment, steps_url=URL)
    async with state_observers(settings, listener.http) as observers:
        work()
        await asyncio.sleep(0)  # what was logged is handed over
        for observe in observers:
            observe(step())
        await listener.is_done.wait()
    await listener.http.aclose()
    return listener.posted


def fail() -> None:
    logger.opt(exception=ValueError("no seats left")).warning("job 1 failed, attempt 1")
    late = RetryLater("Meta asks to wait", timedelta(seconds=1))
    logger.opt(exception=late).warning("job 2 failed, attempt 1")


async def test_in_development_errors_go_to_the_host_of_the_state_changes() -> None:
    error, change = await posted_by("development", fail, 2)
    assert error[0] == "/emulator/bot"
    assert error[1]["error"]["text"] == "ValueError: no seats left"
    assert change[0] == "/emulator/steps"


async def test_in_production_no_error_is_told() -> None:
    [change] = await posted_by("production", fail, 1)
    assert change[0] == "/emulator/steps"


async def test_a_state_change_is_written_in_development_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with httpx.AsyncClient() as http:
        async with state_observers(make_settings(environment="development"), http) as observers:
            [observe] = observers
            observe(step())
        assert "→ registration · 1 reply" in capsys.readouterr().out
        async with state_observers(make_settings(environment="production"), http) as observers:
            assert list(observers) == []
