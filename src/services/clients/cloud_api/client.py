"""Requests to graph.facebook.com, with their errors put into our terms."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import aiohttp
import httpx

from services.clients.cloud_api.errors import Unavailable, WhatsAppError, error_from_response

GRAPH_URL = "https://graph.facebook.com"
API_VERSION = "v25.0"

#: No connection, no request. The aiohttp transport reports a refused connection and one that
#: was lost later alike, so what caused its error has to be asked.
NOT_SENT = (httpx.ConnectError, httpx.PoolTimeout)
NOT_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)

#: All message templates of an account, as Meta describes them.
ReadTemplates = Callable[[], Awaitable[Sequence[Mapping[str, Any]]]]


class CloudApi:
    """The API of one phone number."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        token: str,
        phone_number_id: str,
        base_url: str = GRAPH_URL,
        api_version: str = API_VERSION,
    ) -> None:
        self._http = http
        self.base_url = base_url
        self._root = f"{base_url}/{api_version}"
        self._media_url = httpx.URL(f"{base_url}/{api_version}/{phone_number_id}/media")
        self.authorization = {"Authorization": f"Bearer {token}"}
        # Made once: parsing them anew is a fourth of what a request costs.
        self._messages_url = httpx.URL(f"{base_url}/{api_version}/{phone_number_id}/messages")
        self._message_headers = httpx.Headers(
            {**self.authorization, "Content-Type": "application/json"}, encoding="ascii"
        )
        self._extensions = {"timeout": http.timeout.as_dict()}
        self.phone_number_id = phone_number_id

    async def post_message(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """Send, or mark as read: everything that goes to /messages."""
        return await self._send(
            httpx.Request(
                "POST",
                self._messages_url,
                headers=self._message_headers,
                content=json.dumps(message).encode(),
                extensions=self._extensions,
            )
        )

    async def templates(self, business_account_id: str) -> list[Mapping[str, Any]]:
        """All message templates of a business account, whatever became of them."""
        found: list[Mapping[str, Any]] = []
        url: str | None = f"{self._root}/{business_account_id}/message_templates?limit=100"
        while url is not None:
            request = self._http.build_request("GET", url, headers=self.authorization)
            answer = await self._send(request)
            found += answer.get("data", [])
            url = (answer.get("paging") or {}).get("next")
            if url is not None and origin_of(url) != origin_of(self.base_url):  # with our token?
                raise WhatsAppError("more templates are at an address which is not Meta's")
        return found

    async def describe_media(self, media_id: str) -> Mapping[str, Any]:
        """Where a file is for five minutes: `url`, with `mime_type`, `sha256`, `file_size`."""
        url = f"{self._root}/{quote(media_id, safe='')}"
        asked = {"phone_number_id": self.phone_number_id}
        return await self._send(
            self._http.build_request("GET", url, params=asked, headers=self.authorization)
        )

    async def upload(self, content: bytes, *, mime_type: str, filename: str) -> str:
        """Give Meta a file; it keeps it for 30 days under the id returned."""
        answer = await self._send(
            self._http.build_request(
                "POST",
                self._media_url,
                files={"file": (filename, content, mime_type)},
                data={"messaging_product": "whatsapp", "type": mime_type},
                headers=self.authorization,
            )
        )
        media_id = answer.get("id")
        if not isinstance(media_id, str):
            raise Unavailable("No media ID in response", ambiguous=True)
        return media_id

    async def _send(self, request: httpx.Request) -> Mapping[str, Any]:
        try:
            response = await self._http.send(request)
        except (httpx.HTTPError, aiohttp.ClientError) as error:  # the transport lets some through
            was_sent = not isinstance(error, NOT_SENT) and not isinstance(
                error.__cause__, NOT_CONNECTED
            )
            problem = "Meta did not answer" if was_sent else "Meta cannot be reached"
            raise Unavailable(problem, ambiguous=was_sent) from error
        if response.status_code >= 300:
            raise error_from_response(response.status_code, response.headers, response.content)
        return _object(response)


def origin_of(url: str) -> str:
    """Scheme, user, host and port of an address, as the HTTP client reads it; "" if it is none."""
    try:
        return str(httpx.URL(url).copy_with(raw_path=b"/", fragment=None))
    except httpx.InvalidURL:
        return ""


def _object(response: httpx.Response) -> Mapping[str, Any]:
    try:
        answer = response.json()
    except ValueError as error:
        raise Unavailable("Meta's answer is not JSON", ambiguous=True) from error
    return answer if isinstance(answer, dict) else {}
