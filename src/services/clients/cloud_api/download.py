"""Downloads the files that people send: asks Meta for the URL, reads the file and checks it.

Source: developers.facebook.com/docs/whatsapp/cloud-api/reference/media
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import aiohttp
import httpx

from services.clients.cloud_api.client import CloudApi, origin_of
from services.clients.cloud_api.errors import Unavailable, WhatsAppError

#: Hosts that Meta serves files from. Any other address in a description is refused.
HOSTS = frozenset({"lookaside.fbsbx.com"})


#: Longest time that the content of a file may take, in seconds: meanwhile it holds memory.
MAX_FETCH_SECONDS = 60.0


class UnusableFile(WhatsAppError, ValueError):
    """The file cannot be downloaded, is too large, or differs from its description."""


class Downloads:
    """Downloads files for one phone number, at once: the URL of a file expires in 5 minutes."""

    def __init__(self, api: CloudApi, http: httpx.AsyncClient) -> None:
        self._api = api
        self._http = http
        #: Origins that may get the access token: Meta over TLS, or the emulator in its place.
        self._allowed = {f"https://{host}/" for host in HOSTS} | {origin_of(api.base_url)}

    async def size(self, media_id: str, *, most: int) -> int:
        """Return the size that Meta declares, or `most` if it declares none."""
        return checked_size(await self._api.describe_media(media_id), most) or most

    async def fetch(self, media_id: str, *, most: int) -> bytes:
        """Return the content of a file of at most `most` bytes; raise WhatsAppError otherwise."""
        described = await self._api.describe_media(media_id)
        most = checked_size(described, most) or most
        url = str(described.get("url") or "")
        if (origin := origin_of(url)) not in self._allowed:
            raise UnusableFile(f"the address of a file is not at Meta: {origin or 'none'}")
        try:
            async with asyncio.timeout(MAX_FETCH_SECONDS):
                content = await self._read(url, most)
        except TimeoutError as error:
            raise Unavailable("a file takes too long", ambiguous=False) from error
        if not _is_it(content, str(described.get("sha256") or "")):
            raise UnusableFile("a file is not the one described: its hash differs")
        return content

    async def _read(self, url: str, most: int) -> bytes:
        request = self._http.build_request("GET", url, headers=self._api.authorization)
        content = bytearray()
        try:
            response = await self._http.send(request, stream=True)
            try:
                if response.status_code != 200:
                    raise UnusableFile(
                        f"Failed to download file. Status code: {response.status_code}"
                    )
                async for piece in response.aiter_bytes():
                    content += piece
                    if len(content) > most:
                        raise UnusableFile(f"a file has more than {most} bytes")
            finally:
                await response.aclose()
        except (httpx.HTTPError, aiohttp.ClientError) as error:
            raise Unavailable("a file cannot be read", ambiguous=False) from error
        return bytes(content)


def checked_size(described: Mapping[str, Any], most: int) -> int:
    """Return the size in a description: a string in Meta's documentation, a number in practice.

    0 if there is none. Raise UnusableFile for more than `most`.
    """
    try:
        size = int(described.get("file_size") or 0)
    except (TypeError, ValueError, OverflowError):
        size = 0
    if size > most:
        raise UnusableFile(f"a file has {size} bytes, more than {most}")
    return max(size, 0)


def _is_it(content: bytes, expected: str) -> bool:
    """Compare hashes: Meta sends Base64, and one of its pages shows hexadecimal digits."""
    digest = hashlib.sha256(content).digest()
    known = (base64.b64encode(digest).decode(), digest.hex())
    return any(hmac.compare_digest(text.encode(), expected.encode()) for text in known)
