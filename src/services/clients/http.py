"""The HTTP client that all API clients of a process share."""

from http.cookiejar import DefaultCookiePolicy
from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

#: Longest wait for a connection, in seconds.
MAX_CONNECT_SECONDS = 5.0
#: Longest silence of a server during an answer, in seconds.
MAX_ANSWER_SECONDS = 30.0
#: Most connections to one host. The limit is per host, so that requests to a slow model never
#: delay requests to Meta.
MAX_CONNECTIONS_PER_HOST = 500
#: Time that an idle connection stays open, in seconds.
KEEP_ALIVE_SECONDS = 30


class ApiClient(httpx.AsyncClient):
    """A client without cookies and proxies from the environment: APIs need none.

    Requests without redirects, hooks and authentication go straight to the transport, which saves
    a third of the cost of a request; all others go the whole way of httpx.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, timeout: httpx.Timeout) -> None:
        super().__init__(transport=transport, timeout=timeout, trust_env=False)
        self._direct = transport
        self._cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    async def send(
        self,
        request: httpx.Request,
        *,
        stream: bool = False,
        auth: Any = httpx.USE_CLIENT_DEFAULT,
        follow_redirects: Any = httpx.USE_CLIENT_DEFAULT,
    ) -> httpx.Response:
        """Send a request as httpx does; raise RuntimeError if the client is closed."""
        if not self._is_plain(request, auth, follow_redirects):
            if request.url.userinfo and auth is httpx.USE_CLIENT_DEFAULT:
                # aiohttp refuses an address with a name beside the header that httpx makes of it.
                auth = (request.url.username, request.url.password)
                request.url = request.url.copy_with(userinfo=b"")
            return await super().send(
                request, stream=stream, auth=auth, follow_redirects=follow_redirects
            )
        if self.is_closed:
            raise RuntimeError("the HTTP client is closed")
        response = await self._direct.handle_async_request(request)
        response.request = request
        if stream:
            return response
        try:
            await response.aread()
        except BaseException:
            await response.aclose()
            raise
        return response

    def _is_plain(self, request: httpx.Request, auth: Any, follow_redirects: Any) -> bool:
        """Return whether the transport alone does all that is asked for."""
        if follow_redirects is httpx.USE_CLIENT_DEFAULT:
            follow_redirects = self.follow_redirects
        if auth is httpx.USE_CLIENT_DEFAULT:
            auth = self.auth
        return not (
            follow_redirects
            or auth is not None
            or request.url.userinfo
            or self._event_hooks["request"]
            or self._event_hooks["response"]
            or "timeout" not in request.extensions
        )


def make_http_client() -> httpx.AsyncClient:
    """Build a client over aiohttp, which is several times as fast as httpx's own transport.

    Source: github.com/encode/httpx/issues/3215
    """
    timeout = httpx.Timeout(MAX_ANSWER_SECONDS, connect=MAX_CONNECT_SECONDS)
    return ApiClient(AiohttpTransport(client=_session), timeout)


def _session() -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(
        limit=0,
        limit_per_host=MAX_CONNECTIONS_PER_HOST,
        keepalive_timeout=KEEP_ALIVE_SECONDS,
        ssl=httpx.create_ssl_context(),
    )
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
