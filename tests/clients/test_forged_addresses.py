"""Wherever an answer points, our token goes to Meta only, and nobody fetches from our network."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from tests.clients.test_downloads import Meta

from services.clients.cloud_api.client import CloudApi
from services.clients.cloud_api.download import Downloads, UnusableFile
from services.clients.cloud_api.errors import WhatsAppError
from services.clients.http import make_http_client

TOKEN = "EAAsecretToken0123456789"

ADDRESSES = [
    "http://127.0.0.1/",
    "http://127.0.0.1:5432/",
    "https://127.0.0.1/",
    "https://localhost/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fd00::1]/",
    "https://[fe80::1%25eth0]/",
    "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "file:///etc/passwd",
    "file://lookaside.fbsbx.com/etc/passwd",
    "ftp://lookaside.fbsbx.com/x",
    "unix:///var/run/docker.sock",
    "data:text/plain,hola",
    "http://lookaside.fbsbx.com/x",
    "https:lookaside.fbsbx.com/x",
    "https:///lookaside.fbsbx.com/x",
    "https://lookaside.fbsbx.com./x",
    "https://lookaside.fbsbx.com%2eevil.example/x",
    "https://lookaside.fbsbx.com%00.evil.example/x",
    "https://lookaside.fbsbx.com\\@evil.example/x",
    "https://evil.example\\@lookaside.fbsbx.com/x",
    "https://us:them@lookaside.fbsbx.com/x",
    "https://lookaside.fbsbx.com@127.0.0.1/x",
    "https://lookaside.fbsbx.com\t/x",
    "https://lookaside.fbsbx.com\n.evil.example/x",
    " https://lookaside.fbsbx.com/x",
    "https://\uff4cookaside.fbsbx.com/x",
    "https://lookaside。fbsbx。com.evil.example/x",
    "https://graph.facebook.com.evil.example/x",
    "http://graph.facebook.com/x",
    "https://[",
    "https://[::1",
    "https://" + "a" * 100_000,
    "//127.0.0.1/x",
    "/etc/passwd",
]


@pytest.mark.parametrize("url", ADDRESSES, ids=lambda url: ascii(url)[:60])
async def test_a_file_is_fetched_from_meta_only(url: str) -> None:
    meta = Meta(url=url)
    with pytest.raises(UnusableFile, match="not at Meta"):
        await meta.downloads().fetch("42", most=100)
    assert [asked.url.host for asked in meta.asked] == ["graph.facebook.com"]


@pytest.mark.parametrize("url", [["https://lookaside.fbsbx.com/x"], {"url": 1}, 5, None, True])
async def test_an_address_that_is_no_text_leads_nowhere(url: object) -> None:
    meta = Meta(url=url)
    with pytest.raises(UnusableFile, match="not at Meta"):
        await meta.downloads().fetch("42", most=100)
    assert len(meta.asked) == 1


class Network:
    """Meta, and beside it a server that nobody should find; both on ports of this machine."""

    def __init__(self) -> None:
        self.found: list[str] = []
        inner, meta = web.Application(), web.Application()
        inner.router.add_route("*", "/{path:.*}", self._be_found)
        meta.router.add_route("*", "/{path:.*}", self._lead_on)
        self._inner, self._meta = TestServer(inner), TestServer(meta)
        self.described: dict[str, str] = {}

    async def start(self) -> None:
        await self._inner.start_server()
        await self._meta.start_server()
        self.http = make_http_client()
        url = self.of_meta("").rstrip("/")
        self.api = CloudApi(self.http, token=TOKEN, phone_number_id="1", base_url=url)

    async def stop(self) -> None:
        await self.http.aclose()
        await self._meta.close()
        await self._inner.close()

    def inside(self, path: str) -> str:
        return str(self._inner.make_url(path))

    def of_meta(self, path: str) -> str:
        return str(self._meta.make_url(path))

    async def _be_found(self, request: web.Request) -> web.Response:
        self.found.append(request.path)
        return web.json_response({"token": request.headers.get("Authorization")})

    async def _lead_on(self, request: web.Request) -> web.Response:
        if request.path == "/v25.0/42":
            return web.json_response({"url": self.of_meta("/file"), **self.described})
        if request.path.endswith("/message_templates"):
            return web.json_response({"data": [], "paging": {"next": self.inside("/next")}})
        raise web.HTTPTemporaryRedirect(self.inside(request.path))


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    network = Network()
    await network.start()
    yield network
    await network.stop()


ASKED: dict[str, Callable[[CloudApi, httpx.AsyncClient], Awaitable[object]]] = {
    "a file": lambda api, http: Downloads(api, http).fetch("42", most=100),
    "what a file is": lambda api, http: api.describe_media("43"),
    "a message": lambda api, http: api.post_message({"to": "1"}),
    "an upload": lambda api, http: api.upload(b"x", mime_type="image/png", filename="x.png"),
    "templates": lambda api, http: api.templates("1"),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
async def test_no_redirect_is_followed(
    network: Network, ask: Callable[[CloudApi, httpx.AsyncClient], Awaitable[object]]
) -> None:
    with pytest.raises(WhatsAppError):
        await ask(network.api, network.http)
    assert network.found == []


async def test_an_address_beside_meta_s_own_is_another(network: Network) -> None:
    network.described = {"url": network.inside("/file")}
    with pytest.raises(UnusableFile, match="not at Meta"):
        await Downloads(network.api, network.http).fetch("42", most=100)
    assert network.found == []
