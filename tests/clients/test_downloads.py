"""Files of people: fetched from Meta only, and only if they are what Meta said."""

import base64
import hashlib
from typing import Any

import httpx
import pytest

from services.clients.cloud_api.client import CloudApi
from services.clients.cloud_api.download import Downloads, UnusableFile
from services.clients.cloud_api.errors import WhatsAppError

CONTENT = b"\x89PNG\r\n\x1a\n"
URL = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1"


class Meta:
    """Describes one file, and serves it from wherever a test wants."""

    def __init__(self, **described: Any) -> None:
        self.described = {"url": URL, "file_size": len(CONTENT), "sha256": digest(), **described}
        self.content = CONTENT
        self.status = 200
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.url.host == "graph.facebook.com" and "media" not in request.url.path:
            return httpx.Response(200, json=self.described)
        return httpx.Response(self.status, content=self.content)

    def downloads(self) -> Downloads:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return Downloads(CloudApi(http, token="secret-token", phone_number_id="1"), http)


def digest(content: bytes = CONTENT) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


async def test_a_file_is_described_then_fetched_with_our_token() -> None:
    meta = Meta()
    assert await meta.downloads().fetch("42", most=100) == CONTENT
    described, fetched = meta.asked
    assert described.url.path == "/v25.0/42"
    assert described.url.params["phone_number_id"] == "1"
    assert str(fetched.url) == URL
    assert fetched.headers["authorization"] == "Bearer secret-token"


@pytest.mark.parametrize(
    "url",
    [
        "http://lookaside.fbsbx.com/x",  # without TLS
        "https://lookaside.fbsbx.com.evil.example/x",
        "https://lookaside.fbsbx.com@evil.example/x",
        "https://evil.example/?lookaside.fbsbx.com",
        "http://127.0.0.1:5432/",
        "http://169.254.169.254/latest/meta-data",
        "https://lookaside.fbsbx.com:8443/x",
        "file:///etc/passwd",
        "//evil.example/x",
        "",
    ],
)
async def test_a_forged_address_leads_nowhere(url: str) -> None:
    meta = Meta(url=url)
    with pytest.raises(UnusableFile, match="not at Meta"):
        await meta.downloads().fetch("42", most=100)
    assert len(meta.asked) == 1


@pytest.mark.parametrize("sha256", ["", "x", digest(b"other"), "é"])
async def test_what_is_not_what_meta_described_is_refused(sha256: str) -> None:
    with pytest.raises(UnusableFile, match="hash differs"):
        await Meta(sha256=sha256).downloads().fetch("42", most=100)


async def test_a_hash_may_be_written_in_hex() -> None:
    meta = Meta(sha256=hashlib.sha256(CONTENT).hexdigest())
    assert await meta.downloads().fetch("42", most=100) == CONTENT


@pytest.mark.parametrize("size", [101, "101"])
async def test_what_is_too_large_is_not_even_fetched(size: object) -> None:
    meta = Meta(file_size=size)
    with pytest.raises(UnusableFile, match="101 bytes"):
        await meta.downloads().fetch("42", most=100)
    assert len(meta.asked) == 1


async def test_what_turns_out_too_large_is_given_up() -> None:
    meta = Meta(file_size="unknown")
    meta.content = b"x" * 101
    with pytest.raises(UnusableFile, match="more than 100 bytes"):
        await meta.downloads().fetch("42", most=100)


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_an_address_that_has_expired_or_leads_on_is_refused(status: int) -> None:
    meta = Meta()
    meta.status = status
    with pytest.raises(UnusableFile, match=f"Status code: {status}"):
        await meta.downloads().fetch("42", most=100)


async def test_an_id_cannot_lead_elsewhere() -> None:
    meta = Meta()
    await meta.downloads().fetch("../../evil?x=1", most=100)
    assert meta.asked[0].url.raw_path.startswith(b"/v25.0/..%2F..%2Fevil%3Fx%3D1")


async def test_a_connection_that_breaks_is_told() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("gone")

    http = httpx.AsyncClient(transport=httpx.MockTransport(broken))
    downloads = Downloads(CloudApi(http, token="t", phone_number_id="1"), http)
    with pytest.raises(WhatsAppError):
        await downloads.fetch("42", most=100)
