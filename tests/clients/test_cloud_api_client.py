"""Requests to Meta over real sockets: what is sent, and what a broken connection means."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from services.clients.cloud_api.client import CloudApi
from services.clients.cloud_api.errors import Rejected, Unavailable
from services.clients.http import make_http_client


def answering(
    *, status: int = 200, body: bytes = b"{}"
) -> tuple[httpx.AsyncClient, list[httpx.Request]]:
    """A client whose requests are kept and answered alike."""
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(status, content=body)

    return httpx.AsyncClient(transport=httpx.MockTransport(answer)), requests


def api_over(http: httpx.AsyncClient, url: str = "https://graph.example") -> CloudApi:
    return CloudApi(http, token="EAAtoken", phone_number_id="106540352242922", base_url=url)


@asynccontextmanager
async def broken_server(answer: bytes | None) -> AsyncIterator[CloudApi]:
    """A server that takes a request, answers those bytes, and hangs up."""

    async def abort_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if answer is not None:
            writer.write(answer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(abort_connection, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        async with make_http_client() as http:
            yield api_over(http, f"http://127.0.0.1:{port}")
    finally:
        server.close()
        await server.wait_closed()


async def unused_port() -> int:
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


async def test_version_and_phone_number_are_in_the_path_and_the_token_in_a_header() -> None:
    http, requests = answering()

    await api_over(http).post_message({"a": 1})

    assert str(requests[0].url) == "https://graph.example/v25.0/106540352242922/messages"
    assert requests[0].headers["authorization"] == "Bearer EAAtoken"
    assert requests[0].headers["content-type"] == "application/json"


async def test_the_version_can_be_chosen() -> None:
    http, requests = answering()
    api = CloudApi(http, token="t", phone_number_id="1", api_version="v26.0")

    await api.post_message({})

    assert str(requests[0].url) == "https://graph.facebook.com/v26.0/1/messages"


async def test_every_request_has_a_time_limit() -> None:
    http = make_http_client()

    limits = http.timeout.as_dict()

    assert all(limits[phase] for phase in ("connect", "read", "pool"))
    await http.aclose()


async def test_a_file_is_uploaded_with_its_name_and_type() -> None:
    http, requests = answering(body=b'{"id": "1037543291543636"}')

    media_id = await api_over(http).upload(
        b"%PDF-1.7", mime_type="application/pdf", filename="menu.pdf"
    )

    body = requests[0].content
    assert media_id == "1037543291543636"
    assert requests[0].url.path == "/v25.0/106540352242922/media"
    assert b'name="messaging_product"\r\n\r\nwhatsapp\r\n' in body
    assert (
        b'name="file"; filename="menu.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7' in body
    )


async def test_an_upload_that_names_no_id() -> None:
    http, _ = answering(body=b"{}")

    with pytest.raises(Unavailable, match="No media ID in response"):
        await api_over(http).upload(b"x", mime_type="text/plain", filename="a.txt")


async def test_a_status_other_than_success_is_an_error() -> None:
    http, _ = answering(status=400, body=b'{"error": {"code": 100, "message": "no"}}')

    with pytest.raises(Rejected):
        await api_over(http).post_message({})


async def test_success_that_is_not_json_may_have_been_carried_out() -> None:
    http, _ = answering(body=b"<html>")

    with pytest.raises(Unavailable) as failed:
        await api_over(http).post_message({})

    assert failed.value.ambiguous


@pytest.mark.parametrize("failure", [httpx.ReadTimeout, httpx.ReadError, httpx.WriteError])
async def test_a_failure_on_the_way_may_have_been_carried_out(failure: type[Exception]) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise failure("no answer")

    http = httpx.AsyncClient(transport=httpx.MockTransport(fail))

    with pytest.raises(Unavailable) as failed:
        await api_over(http).post_message({})

    assert failed.value.ambiguous
    assert isinstance(failed.value.__cause__, failure)


async def test_a_failure_to_connect_was_not_carried_out() -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    http = httpx.AsyncClient(transport=httpx.MockTransport(fail))

    with pytest.raises(Unavailable) as failed:
        await api_over(http).post_message({})

    assert not failed.value.ambiguous


@pytest.mark.parametrize(
    "answer", [None, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"], ids=["nothing", "half"]
)
async def test_a_connection_lost_after_the_request_may_have_been_carried_out(
    answer: bytes | None,
) -> None:
    async with broken_server(answer) as api:
        with pytest.raises(Unavailable) as failed:
            await api.post_message({})

    assert failed.value.ambiguous


async def test_a_refused_connection_was_not_carried_out() -> None:
    url = f"http://127.0.0.1:{await unused_port()}"
    async with make_http_client() as http:
        with pytest.raises(Unavailable) as failed:
            await api_over(http, url).post_message({})

    assert not failed.value.ambiguous


async def test_an_answer_that_is_not_http_is_unavailable() -> None:
    async with broken_server(b"HELLO THERE\r\n\r\n") as api:
        with pytest.raises(Unavailable):
            await api.post_message({})
