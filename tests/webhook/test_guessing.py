"""Who guesses our verify token or a signature is soon told to wait; Meta never is."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.fakes.clock import ManualClock
from tests.fakes.web import TOKEN, Web, running_web, text_message, webhook

from controllers.failed_attempts import (
    MAX_ADDRESSES,
    MAX_FAILURES,
    WINDOW_SECONDS,
    FailedAttemptLimiter,
)

HANDSHAKE = {"hub.mode": "subscribe", "hub.challenge": "42"}
WRONG = {"X-Hub-Signature-256": "sha256=" + "0" * 64}


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    async with running_web(tmp_path) as web:
        yield web


async def guess(web: Web, times: int) -> list[int]:
    answers = [
        await web.client.post("/webhook", content=b"{}", headers=WRONG) for _ in range(times)
    ]
    return [answer.status_code for answer in answers]


async def test_wrong_signatures_are_answered_429_after_a_while(web: Web) -> None:
    assert await guess(web, MAX_FAILURES + 1) == [403] * MAX_FAILURES + [429]


async def test_meta_is_served_from_an_address_that_guesses(web: Web) -> None:
    """Behind a proxy all the world has one address."""
    await guess(web, MAX_FAILURES + 1)
    assert (await web.post(webhook(text_message("wamid.1")))).status_code == 200


async def test_a_guessed_verify_token_is_not_even_compared(web: Web) -> None:
    for number in range(MAX_FAILURES):
        asked = {**HANDSHAKE, "hub.verify_token": f"guess {number}"}
        assert (await web.client.get("/webhook", params=asked)).status_code == 403
    right = {**HANDSHAKE, "hub.verify_token": TOKEN}
    answer = await web.client.get("/webhook", params=right)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")


def test_after_a_minute_somebody_may_try_again() -> None:
    clock = ManualClock()
    attempts = FailedAttemptLimiter(lambda: clock.now)
    for _ in range(MAX_FAILURES):
        attempts.failed("198.51.100.7")
    assert attempts.are_too_many("198.51.100.7")
    assert not attempts.are_too_many("198.51.100.8")
    clock.now += WINDOW_SECONDS
    assert not attempts.are_too_many("198.51.100.7")


def test_the_addresses_that_are_remembered_are_bounded() -> None:
    attempts = FailedAttemptLimiter()
    for number in range(MAX_ADDRESSES + 1):
        for _ in range(MAX_FAILURES):
            attempts.failed(str(number))
    assert not attempts.are_too_many("0")
    assert attempts.are_too_many(str(MAX_ADDRESSES))
