"""Our HTTP client keeps what httpx promises: redirects, hooks, authentication, timeouts."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from emulator.loopback import LoopbackServer
from services.clients.http import MAX_ANSWER_SECONDS, ApiClient, make_http_client


async def home(request: Request) -> Response:
    answer = JSONResponse(
        {
            "authorization": request.headers.get("authorization"),
            "cookie": request.headers.get("cookie"),
        }
    )
    answer.set_cookie("seen", "yes")
    return answer


async def moved(_: Request) -> Response:
    return RedirectResponse("/")


async def around(_: Request) -> Response:
    return RedirectResponse("/around")


async def missing(_: Request) -> Response:
    return PlainTextResponse("no", 404)


async def test_each_request_says_which_program_sends_it() -> None:
    """Meta serves no files without."""
    async with make_http_client() as http:
        assert http.build_request("GET", "https://lookaside.fbsbx.com/").headers["user-agent"]


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A server on a port of this machine."""
    routes = [Route("/", home), Route("/moved", moved), Route("/around", around)]
    server = LoopbackServer(Starlette(routes=[*routes, Route("/missing", missing)]))
    await server.start()
    yield server.url
    await server.stop()


@pytest.fixture(params=["shipped", "httpx"])
async def http(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    """The client over the transport that is shipped, and over another one."""
    is_shipped = request.param == "shipped"
    other = ApiClient(httpx.AsyncHTTPTransport(), httpx.Timeout(MAX_ANSWER_SECONDS))
    async with make_http_client() if is_shipped else other as client:
        yield client


async def test_redirects_are_followed_where_that_is_asked_for(
    url: str, http: httpx.AsyncClient
) -> None:
    assert (await http.get(f"{url}/moved")).status_code == 307
    followed = await http.get(f"{url}/moved", follow_redirects=True)
    assert (followed.status_code, len(followed.history)) == (200, 1)
    assert str(followed.url) == f"{url}/"
    with pytest.raises(httpx.TooManyRedirects):
        await http.get(f"{url}/around", follow_redirects=True)
    http.follow_redirects = True
    assert (await http.get(f"{url}/moved")).status_code == 200


async def test_a_stream_follows_redirects_too(url: str, http: httpx.AsyncClient) -> None:
    async with http.stream("GET", f"{url}/moved", follow_redirects=True) as response:
        assert response.status_code == 200
        assert b"authorization" in await response.aread()


async def test_hooks_see_each_request_and_answer(url: str, http: httpx.AsyncClient) -> None:
    seen: list[str] = []

    async def note_request(request: httpx.Request) -> None:
        seen.append(request.url.path)

    async def note_answer(response: httpx.Response) -> None:
        seen.append(str(response.status_code))

    http.event_hooks = {"request": [note_request], "response": [note_answer]}
    await http.get(f"{url}/moved", follow_redirects=True)
    assert seen == ["/moved", "307", "/", "200"]


async def test_a_hook_can_raise_for_a_status(url: str, http: httpx.AsyncClient) -> None:
    async def refuse(response: httpx.Response) -> None:
        response.raise_for_status()

    http.event_hooks["response"].append(refuse)
    with pytest.raises(httpx.HTTPStatusError):
        await http.get(f"{url}/missing")


@pytest.mark.parametrize("way", ["argument", "client", "address"])
async def test_authentication_is_sent(url: str, http: httpx.AsyncClient, way: str) -> None:
    address = url.replace("://", "://ana:secret@") if way == "address" else url
    if way == "client":
        http.auth = httpx.BasicAuth("ana", "secret")
    given = ("ana", "secret") if way == "argument" else httpx.USE_CLIENT_DEFAULT
    for redirects in (False, True):
        answer = await http.get(address, auth=given, follow_redirects=redirects)
        assert answer.json()["authorization"].startswith("Basic ")


async def test_no_cookie_is_kept(url: str, http: httpx.AsyncClient) -> None:
    for redirects in (False, True):
        answer = await http.get(url, follow_redirects=redirects)
        assert answer.json()["cookie"] is None
    assert not http.cookies


async def test_a_closed_client_sends_nothing(url: str, http: httpx.AsyncClient) -> None:
    await http.aclose()
    for redirects in (False, True):
        with pytest.raises(RuntimeError, match="closed"):
            await http.get(url, follow_redirects=redirects)
