"""The HTTP client of `WhatsAppClient`, over the session of its program."""

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from services.clients.http import MAX_ANSWER_SECONDS, MAX_CONNECT_SECONDS, ApiClient


def http_over(session: aiohttp.ClientSession | httpx.AsyncClient) -> httpx.AsyncClient:
    """Return a client that sends by a session, and leaves it open."""
    if isinstance(session, httpx.AsyncClient):
        return session
    timeout = httpx.Timeout(MAX_ANSWER_SECONDS, connect=MAX_CONNECT_SECONDS)
    return ApiClient(AiohttpTransport(client=session), timeout)
