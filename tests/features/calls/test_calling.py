"""What is asked of Meta about calls, and what is repeated after an error."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.fakes.clock import ManualClock

from features.calls.calling import CALL_ERRORS, CallingApi, advice
from services.clients.cloud_api.client import CloudApi
from services.clients.cloud_api.errors import Rejected, Unavailable, WhatsAppError

SUCCESS = httpx.Response(200, json={"messaging_product": "whatsapp", "success": True})


def error(code: int, status: int = 400) -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": code, "message": "…"}})


class Graph(httpx.AsyncBaseTransport):
    """Meta with answers that a test gives; what was asked is in `asked`."""

    def __init__(self) -> None:
        self.answers: list[httpx.Response | Exception] = []
        self.asked: list[dict[str, Any]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(json.loads(await request.aread()))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def actions(self) -> list[str]:
        return [one["action"] for one in self.asked]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def graph() -> Graph:
    return Graph()


@pytest.fixture
async def api(graph: Graph, clock: ManualClock) -> AsyncIterator[CallingApi]:
    async def sleep(seconds: float) -> None:
        clock.advance(timedelta(seconds=seconds))

    async with httpx.AsyncClient(transport=graph) as http:
        yield CallingApi(CloudApi(http, token="t", phone_number_id="100"), clock, sleep)


async def test_an_answer_is_sdp_of_type_answer(
    api: CallingApi, graph: Graph, clock: ManualClock
) -> None:
    graph.answers = [SUCCESS, SUCCESS]
    await api.pre_accept("wacid.A", "v=0\r\n", since=clock())
    await api.accept("wacid.A", "v=0\r\n", since=clock())
    session = {"sdp_type": "answer", "sdp": "v=0\r\n"}
    told = {"messaging_product": "whatsapp", "call_id": "wacid.A", "session": session}
    assert graph.asked == [told | {"action": "pre_accept"}, told | {"action": "accept"}]


@pytest.mark.parametrize("code", sorted(CALL_ERRORS))
async def test_only_two_errors_of_calls_are_repeated(
    api: CallingApi, graph: Graph, clock: ManualClock, code: int
) -> None:
    graph.answers = [error(code), SUCCESS]
    if code in (138004, 138005):
        await api.reject("wacid.A", since=clock())
        assert graph.actions == ["reject", "reject"]
        return
    with pytest.raises(WhatsAppError) as raised:
        await api.reject("wacid.A", since=clock())
    assert advice(raised.value) == CALL_ERRORS[code]
    assert len(graph.asked) == 1


async def test_a_failure_of_meta_is_repeated_once_and_not_for_an_old_call(
    api: CallingApi, graph: Graph, clock: ManualClock
) -> None:
    graph.answers = [error(1, 500), error(1, 500)]
    with pytest.raises(Unavailable):
        await api.reject("wacid.A", since=clock())
    assert len(graph.asked) == 2
    graph.answers = [error(1, 500)]
    with pytest.raises(Unavailable):
        await api.reject("wacid.A", since=clock() - timedelta(seconds=21))
    assert len(graph.asked) == 3


async def test_an_accept_that_may_have_been_done_is_not_taken_for_refused(
    api: CallingApi, graph: Graph, clock: ManualClock
) -> None:
    """The answer was lost, and the second attempt is refused because of the first."""
    graph.answers = [httpx.ReadTimeout("…"), error(131009)]
    with pytest.raises(Unavailable) as raised:
        await api.accept("wacid.A", "v=0", since=clock())
    assert raised.value.ambiguous
    graph.answers = [error(138004), error(131009)]
    with pytest.raises(Rejected):
        await api.accept("wacid.A", "v=0", since=clock())
