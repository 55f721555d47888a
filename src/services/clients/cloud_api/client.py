"""Requests to the Graph API of Meta; its errors become WhatsAppError."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, BinaryIO
from urllib.parse import quote

import aiohttp
import httpx

from services.clients.cloud_api.errors import Unavailable, WhatsAppError, error_from_response

#: Address of the Graph API, without a version.
GRAPH_URL = "https://graph.facebook.com"
API_VERSION = "v25.0"

#: Errors after which the request certainly was not sent. The aiohttp transport reports a refused
#: connection and a lost one by the same error, so the cause of that error decides.
NOT_SENT = (httpx.ConnectError, httpx.PoolTimeout)
NOT_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)

#: What is asked about each message template.
TEMPLATE_FIELDS = (
    *("id", "name", "language", "status", "quality_score", "category", "previous_category"),
    *("rejected_reason", "parameter_format", "components"),
)
#: Function that returns all message templates of an account, as Meta describes them.
ReadTemplates = Callable[[], Awaitable[Sequence[Mapping[str, Any]]]]


class NumberAccess:
    """How requests act as one phone number. Made once: to parse URLs takes time."""

    def __init__(self, root: str, phone_number_id: str, token: str) -> None:
        self.phone_number_id = phone_number_id
        self.authorization = {"Authorization": f"Bearer {token}"}
        self.media_url = httpx.URL(f"{root}/{phone_number_id}/media")
        self.messages_url = httpx.URL(f"{root}/{phone_number_id}/messages")
        self.message_headers = httpx.Headers(
            {**self.authorization, "Content-Type": "application/json"}, encoding="ascii"
        )


class CloudApi:
    """The Cloud API for one phone number. Every method raises WhatsAppError."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        token: str,
        phone_number_id: str,
        base_url: str = GRAPH_URL,
        api_version: str = API_VERSION,
    ) -> None:
        #: Client of all requests, also of those for files.
        self.http = http
        self.base_url = base_url
        self._root = f"{base_url}/{api_version}"
        self._own = NumberAccess(self._root, phone_number_id, token)
        self._extensions = {"timeout": http.timeout.as_dict()}

    @property
    def access(self) -> NumberAccess:
        """How the next request acts as a number."""
        return self._own

    @property
    def phone_number_id(self) -> str:
        """Meta's id of the phone number."""
        return self.access.phone_number_id

    @property
    def authorization(self) -> Mapping[str, str]:
        """The header with the token."""
        return self.access.authorization

    async def post_message(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """Post to /messages: a message, a read mark or a typing indicator. Return the answer."""
        access = self.access
        return await self._send(
            httpx.Request(
                "POST",
                access.messages_url,
                headers=access.message_headers,
                content=json.dumps(message).encode(),
                extensions=self._extensions,
            )
        )

    async def get(
        self, path: str, query: Mapping[str, str], authorization: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        """Return what is at a path of the API, below its version."""
        headers = authorization or self.authorization
        url = f"{self._root}/{path}"
        return await self._send(self.http.build_request("GET", url, params=query, headers=headers))

    async def post(
        self, path: str, body: Mapping[str, Any] | bytes, headers: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        """Post JSON, or a file, to a path of the API, below its version. Return the answer."""
        content: Any = {"content" if isinstance(body, bytes) else "json": body}
        url, given = f"{self._root}/{path}", headers or self.authorization
        return await self._send(self.http.build_request("POST", url, headers=given, **content))

    async def describe_number(
        self, phone_number_id: str, fields: str = "display_phone_number,verified_name"
    ) -> Mapping[str, Any]:
        """Return what Meta says of a phone number that the token may use, by these fields."""
        return await self.get(quote(phone_number_id, safe=""), {"fields": fields})

    async def templates(self, business_account_id: str) -> list[Mapping[str, Any]]:
        """Return all message templates of a business account, in every state of review."""
        found: list[Mapping[str, Any]] = []
        fields = ",".join(TEMPLATE_FIELDS)
        root = f"{self._root}/{business_account_id}/message_templates"
        url: str | None = f"{root}?limit=100&fields={fields}"
        while url is not None:
            request = self.http.build_request("GET", url, headers=self.authorization)
            answer = await self._send(request)
            found += answer.get("data", [])
            url = (answer.get("paging") or {}).get("next")
            if url is not None and origin_of(url) != origin_of(
                self.base_url
            ):  # it would get our token
                raise WhatsAppError("the next page of templates is at an address outside Meta")
        return found

    async def create_template(
        self, business_account_id: str, template: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Have Meta review a new template. Return its `id`, `status` and `category`."""
        return await self.post(f"{business_account_id}/message_templates", template)

    async def edit_template(self, template_id: str, changes: Mapping[str, Any]) -> None:
        """Change components or category of a template by Meta's id; Meta reviews it again."""
        await self.post(quote(template_id, safe=""), changes)

    async def delete_template(
        self, business_account_id: str, name: str, *, template_id: str | None = None
    ) -> None:
        """Delete a template in all of its languages, or the one with this id of Meta."""
        url = f"{self._root}/{business_account_id}/message_templates"
        query = {"name": name} | ({"hsm_id": template_id} if template_id else {})
        await self._send(
            self.http.build_request("DELETE", url, params=query, headers=self.authorization)
        )

    async def describe_media(self, media_id: str) -> Mapping[str, Any]:
        """Return `url` (valid for 5 minutes), `mime_type`, `sha256` and `file_size` of a file."""
        query = {"phone_number_id": self.phone_number_id}
        return await self.get(quote(media_id, safe=""), query)

    async def delete_media(self, media_id: str) -> None:
        """Delete a file that we uploaded or that a person sent."""
        url = f"{self._root}/{quote(media_id, safe='')}"
        query = {"phone_number_id": self.phone_number_id}
        await self._send(
            self.http.build_request("DELETE", url, params=query, headers=self.authorization)
        )

    async def upload(self, content: bytes | BinaryIO, *, mime_type: str, filename: str) -> str:
        """Upload a file and return its id; one that is open is read meanwhile, bit by bit.

        Meta keeps the file for 30 days.
        """
        answer = await self._send(
            self.http.build_request(
                "POST",
                self.access.media_url,
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
            response = await self.http.send(request)
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
    """Return scheme, user, host and port of a URL, as the HTTP client reads it; "" if invalid."""
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
