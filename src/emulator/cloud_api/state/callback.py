"""The callback URL: posts to it, once it proved to be ours."""

import asyncio
import secrets
from urllib.parse import urlsplit

import aiohttp

ANSWER_TIMEOUT = aiohttp.ClientTimeout(total=20)


class HttpPoster:
    """Posts over HTTP, with one session for all, once the callback URL proved to be ours."""

    def __init__(self, url: str, verify_token: str) -> None:
        self._url = url
        self._verify_token = verify_token
        self._session: aiohttp.ClientSession | None = None
        self._is_verified = False

    async def __call__(self, body: bytes, headers: dict[str, str]) -> int:
        if not self._is_verified:
            await self.verify()
        async with self._opened().post(self._url, data=body, headers=headers) as answer:
            await answer.read()
            return answer.status

    async def verify(self) -> None:
        """Shake hands, unless that is done. Raise ConnectionError, or aiohttp's errors."""
        await shake_hands(self._opened(), self._url, self._verify_token)
        self._is_verified = True

    async def listens(self) -> bool:
        """Return whether something takes connections there."""
        where = urlsplit(self._url)
        port = where.port or (443 if where.scheme == "https" else 80)
        try:
            async with asyncio.timeout(1):
                _, writer = await asyncio.open_connection(where.hostname, port)
        except OSError:
            return False
        writer.close()
        return True

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=ANSWER_TIMEOUT)
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


async def shake_hands(session: aiohttp.ClientSession, url: str, verify_token: str) -> None:
    """Meta's handshake: whoever answers knows our token, and echoes the challenge.

    Raises ConnectionError for anybody else.
    """
    challenge = secrets.token_hex()
    asked = {
        "hub.mode": "subscribe",
        "hub.verify_token": verify_token,
        "hub.challenge": challenge,
    }
    async with session.get(url, params=asked) as answer:
        if answer.status != 200 or await answer.text() != challenge:
            raise ConnectionError("the callback URL did not echo the challenge")
