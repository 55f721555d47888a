"""A stand-in for Meta that takes every request and remembers it."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import httpx

from services.clients.cloud_api.client import CloudApi
from services.whatsapp_service import WhatsAppService

TO = "+573001234567"
ACCEPTED = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": TO, "wa_id": "573001234567"}],
    "messages": [{"id": "wamid.sent"}],
}


class RecordingMeta:
    """Answers each request with the next of its answers, and then always with the last one."""

    def __init__(self, *answers: httpx.Response) -> None:
        self._answers = list(answers) or [accepted()]
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path.endswith("/media"):
            return httpx.Response(200, json={"id": "555"})
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    @property
    def bodies(self) -> list[Any]:
        sent = [one for one in self.requests if one.url.path.endswith("/messages")]
        return [json.loads(request.content) for request in sent]

    @property
    def uploads(self) -> Sequence[bytes]:
        return [one.content for one in self.requests if one.url.path.endswith("/media")]


def accepted(answer: Mapping[str, Any] = ACCEPTED) -> httpx.Response:
    return httpx.Response(200, json=answer)


def refused(code: int, status: int = 400, *, retry_after: str | None = None) -> httpx.Response:
    error = {"error": {"code": code, "message": f"(#{code}) no"}}
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return httpx.Response(status, json=error, headers=headers)


async def _no_sleep(seconds: float) -> None:
    raise AssertionError(f"nothing was to wait, and {seconds} s were asked for")


def service_at(
    meta: RecordingMeta, *, sleep: Callable[[float], Awaitable[None]] = _no_sleep
) -> WhatsAppService:
    http = httpx.AsyncClient(transport=httpx.MockTransport(meta))
    return WhatsAppService(CloudApi(http, token="t", phone_number_id="1"), sleep=sleep)
