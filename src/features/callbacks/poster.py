"""Posts to endpoints: no redirects, no cookies, no proxies; nothing of the answer is kept."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import aiohttp

from features.callbacks.addresses import ForbiddenAddress, PublicResolver, checked_url
from jobs.model import RetryLater

#: Longest wait for an endpoint: name, connection and answer.
TIMEOUT = timedelta(seconds=10)
#: Longest pause that an endpoint may ask for.
MAX_PAUSE = timedelta(hours=1)


class CallbackFailed(RetryLater):
    """An endpoint did not take a callback. The text tells nothing of what it answered."""

    def __init__(self, why: str, after: timedelta = timedelta(0)) -> None:
        super().__init__(why, after)


class Poster:
    """A client for endpoints, opened with the first callback."""

    def __init__(self, *, allows_private: bool, resolver: PublicResolver | None = None) -> None:
        self._allows_private = allows_private
        self._resolver = resolver or PublicResolver()
        self._session: aiohttp.ClientSession | None = None

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, timedelta]:
        """Post a body; return the status, and the pause that the endpoint asks for.

        Raises CallbackFailed if there is no answer.
        """
        try:
            checked_url(url, allows_private=self._allows_private)
            async with asyncio.timeout(TIMEOUT.total_seconds()):
                return await self._post(url, body, headers)
        except TimeoutError as error:
            seconds = f"{TIMEOUT.total_seconds():.0f}"
            raise CallbackFailed(f"did not answer within {seconds} seconds") from error
        except ForbiddenAddress as error:
            raise CallbackFailed(str(error)) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise CallbackFailed(_reason(error)) from error

    async def _post(
        self, url: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, timedelta]:
        kind = {"Content-Type": "application/json"}
        sent = kind | dict(headers)
        posted = self._open().post(url, data=body, headers=sent, allow_redirects=False)
        async with posted as answer:
            return answer.status, _pause(answer.headers.get("Retry-After", ""))

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            resolver = None if self._allows_private else self._resolver
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, limit=100),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "whatsapp-bot-callbacks"},
                trust_env=False,
                auto_decompress=False,
            )
        return self._session

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()


def _pause(asked: str) -> timedelta:
    return min(timedelta(seconds=int(asked)), MAX_PAUSE) if asked.isdecimal() else timedelta(0)


def _reason(error: BaseException) -> str:
    """Return why there is no answer; what a resolver refused is inside the error."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, ForbiddenAddress):
            return str(found)
        found = found.__cause__ or found.__context__
    return f"could not be reached ({type(error).__name__})"
