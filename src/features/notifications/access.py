"""Who calls the API: keys, their scopes, and guesses."""

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import Request

from controllers.failed_attempts import FailedAttemptLimiter
from features.notifications.api_keys import ApiKeys, Caller, Scope
from features.notifications.problems import ApiError, Code, Problem
from features.notifications.request_rate import RequestRate
from jobs.job_queue import JobQueue
from routes.webhook_middleware import address_of

CHALLENGE = {"WWW-Authenticate": "Bearer"}


@dataclass(frozen=True, slots=True)
class Access:
    """Checks the keys of requests."""

    keys: ApiKeys
    queue: JobQueue
    clock: Callable[[], datetime]
    rate: RequestRate
    attempts: FailedAttemptLimiter = field(default_factory=FailedAttemptLimiter)

    async def caller(self, request: Request, *, is_browser: bool = False) -> Caller:
        """Return whose key the request has; browsers give it as a password.

        Raises ApiError, or Overloaded.
        """
        address = address_of(request.scope)
        if self.attempts.are_too_many(address):
            raise _too_many()
        self.queue.ensure_capacity()
        given = _given(request.headers.get("authorization", ""), is_browser=is_browser)
        found = await self.keys.caller(given, self.clock()) if given else None
        if found is not None:
            if wait := self.rate.seconds_to_wait(found.key, self.clock()):
                raise _too_fast(wait)
            return found
        if not await self.keys.are_there():
            raise _off()
        self.attempts.failed(address)
        raise _wrong() if given else _missing()


def _given(header: str, *, is_browser: bool) -> str:
    """Return the key of a header; empty if it has none."""
    kind, _, given = header.partition(" ")
    if kind.lower() == "bearer":
        return given.strip()
    if kind.lower() != "basic" or not is_browser:
        return ""
    try:
        named = b64decode(given, validate=True).decode()
    except ValueError:
        return ""
    return named.partition(":")[2]


def require(caller: Caller, scope: Scope) -> None:
    """Raise ApiError if a key is not for this."""
    if scope not in caller.scopes:
        raise ApiError(
            403,
            Problem(
                code=Code.SCOPE_MISSING,
                message=f"The key lacks the scope {scope}.",
                fix=f"Create one: `watch.py notifications keys create NAME --scope {scope}`.",
            ),
        )


def _off() -> ApiError:
    return ApiError(
        404,
        Problem(
            code=Code.API_OFF,
            message="This bot takes no notifications: there is no key, or they are turned off.",
            fix="Run `watch.py notifications keys create NAME`, or read docs/notifications.md.",
        ),
    )


def _missing() -> ApiError:
    return ApiError(
        401,
        Problem(
            code=Code.KEY_MISSING,
            field="Authorization",
            message="The request has no key.",
            fix="Send the header `Authorization: Bearer wak_...`.",
        ),
        headers=CHALLENGE,
    )


def _wrong() -> ApiError:
    return ApiError(
        401,
        Problem(
            code=Code.KEY_WRONG,
            field="Authorization",
            message="The key is unknown, revoked or expired.",
            fix="`python3 watch.py notifications keys list` shows the keys in use.",
        ),
        headers=CHALLENGE,
    )


def _too_fast(seconds: int) -> ApiError:
    return ApiError(
        429,
        Problem(
            code=Code.TOO_MANY_REQUESTS,
            message="There were too many requests with this key within a minute.",
            fix="Wait for Retry-After seconds. A request takes up to 1,000 items.",
        ),
        headers={"Retry-After": str(seconds)},
    )


def _too_many() -> ApiError:
    return ApiError(
        429,
        Problem(
            code=Code.TOO_MANY_ATTEMPTS,
            message="Too many requests from this address had a wrong key.",
            fix="Wait a minute.",
        ),
        headers={"Retry-After": "60"},
    )
