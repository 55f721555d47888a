"""Fetching what a person sent: described by Meta, then read from where Meta says, and checked.

Source: developers.facebook.com/docs/whatsapp/cloud-api/reference/media
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import aiohttp
import httpx

from services.clients.cloud_api.client import CloudApi, origin_of
from services.clients.cloud_api.errors import Unavailable, WhatsAppError

#: Hosts that Meta serves files from; a forged address leads nowhere else.
HOSTS = frozenset({"lookaside.fbsbx.com"})


class UnusableFile(WhatsAppError):
    """A file that is not to be had, or not what Meta said it was."""


class Downloads:
    """Of one number. Files are read at once: their addresses are good for five minutes."""

    def __init__(self, api: CloudApi, http: httpx.AsyncClient) -> None:
        self._api = api
        self._http = http
        #: our token goes to Meta only, and over TLS unless an emulator stands in for it
        self._allowed = {f"https://{host}/" for host in HOSTS} | {origin_of(api.base_url)}

    async def fetch(self, media_id: str, *, most: int) -> bytes:
        """The content of a file of at most so many bytes; raises WhatsAppError."""
        described = await self._api.describe_media(media_id)
        _check_size(described, most)
        url = str(described.get("url") or "")
        if (origin := origin_of(url)) not in self._allowed:
            raise UnusableFile(f"a file is at {origin or 'no address'}, which is not Meta's")
        content = await self._read(url, most)
        if not _is_it(content, str(described.get("sha256") or "")):
            raise UnusableFile("a file is not what Meta described: its hash differs")
        return content

    async def _read(self, url: str, most: int) -> bytes:
        request = self._http.build_request("GET", url, headers=self._api.authorization)
        content = bytearray()
        try:
            response = await self._http.send(request, stream=True)
            try:
                if response.status_code != 200:
                    raise UnusableFile(f"a file cannot be read: HTTP {response.status_code}")
                async for piece in response.aiter_bytes():
                    content += piece
                    if len(content) > most:
                        raise UnusableFile(f"a file has more than {most} bytes")
            finally:
                await response.aclose()
        except (httpx.HTTPError, aiohttp.ClientError) as error:
            raise Unavailable("a file cannot be read", ambiguous=False) from error
        return bytes(content)


def _check_size(described: Mapping[str, Any], most: int) -> None:
    """Meta's pages say that the size is a string, its servers have sent a number."""
    try:
        size = int(described.get("file_size") or 0)
    except (TypeError, ValueError, OverflowError):
        size = 0
    if size > most:
        raise UnusableFile(f"a file has {size} bytes, more than {most}")


def _is_it(content: bytes, expected: str) -> bool:
    """Base64 in what Meta sends, hex in one of its pages."""
    digest = hashlib.sha256(content).digest()
    known = (base64.b64encode(digest).decode(), digest.hex())
    return any(hmac.compare_digest(one.encode(), expected.encode()) for one in known)
