"""Who asks the inbox: sessions in a cookie, and requests that only its own pages can make."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy import Connection

from controllers.failed_attempts import FailedAttemptLimiter
from features.inbox import operators
from features.inbox.operators import OWNER, SESSION_VALID, Operator
from routes.webhook_middleware import address_of
from storage.engine.group_commit import GroupCommit, Transaction
from utils.secret_hash import is_same

COOKIE = "inbox_session"
#: A header that only a page of the same origin can send; the cookie alone changes nothing. Its
#: value may name an attempt, so that one whose answer was lost is not done twice.
OWN_PAGE_HEADER = "x-inbox"
#: Values that name no attempt.
NO_ATTEMPT = "1"


class AccessRefused(Exception):
    """The request gets this answer, and nothing is done."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    def response(self) -> Response:
        """Return what the browser gets."""
        headers = {"Retry-After": "60"} if self.status == 429 else None
        return JSONResponse({"message": str(self)}, self.status, headers)


@dataclass(frozen=True, slots=True)
class InboxAccess:
    """Signs operators in, and finds out who asks."""

    database: GroupCommit
    #: The token of the settings.
    token: str | None
    clock: Callable[[], datetime]
    attempts: FailedAttemptLimiter = field(default_factory=FailedAttemptLimiter)

    async def operator(self, request: Request) -> Operator:
        """Return who asks. Raise AccessRefused."""
        if request.method not in ("GET", "HEAD"):
            self.require_own_page(request)
        found = await self.find(request)
        if found is None:
            raise AccessRefused(401, "You are not signed in.")
        attempt = request.headers.get(OWN_PAGE_HEADER, NO_ATTEMPT)
        return found if attempt == NO_ATTEMPT else replace(found, attempt=attempt)

    async def find(self, request: Request) -> Operator | None:
        """Return whose session the cookie of a request is."""
        secret, now = request.cookies.get(COOKIE), self.clock()
        if not secret:
            return None
        return await self.database.reader.run(lambda c, _: operators.signed_in(c, secret, now))

    async def sign_in(self, request: Request, secret: str) -> str:
        """Return the secret of a new session, for a link or the token. Raise AccessRefused."""

        def open_session(connection: Connection, now: float) -> str | None:
            at = datetime.fromtimestamp(now, UTC)
            operator = self._owner(secret) or operators.use_link(connection, secret, at)
            return operators.open_session(connection, operator, at) if operator else None

        async def enter() -> str | None:
            return await self.database.submit(Transaction(open_session))

        return await self.enter(
            request, enter, otherwise="This link was used already, or is too old."
        )

    async def enter(
        self, request: Request, attempt: Callable[[], Awaitable[str | None]], *, otherwise: str
    ) -> str:
        """Return the secret of the session that an attempt opens. Raise AccessRefused.

        Too many failures from one address are the last for a while.
        """
        address = address_of(request.scope)
        if self.attempts.are_too_many(address):
            raise AccessRefused(429, "Too many attempts: wait a minute.")
        self.require_own_page(request)
        opened = await attempt()
        if opened is None:
            self.attempts.failed(address)
            raise AccessRefused(401, otherwise)
        return opened

    def require_own_page(self, request: Request) -> None:
        """Raise AccessRefused for what no page of the inbox sent."""
        if OWN_PAGE_HEADER not in request.headers:
            raise AccessRefused(403, "Only the pages of the inbox may do this.")

    async def sign_out(self, request: Request) -> None:
        """End the session of a request."""
        if secret := request.cookies.get(COOKIE):
            await self.database.submit(Transaction(lambda c, _: operators.close(c, secret)))

    def _owner(self, secret: str) -> Operator | None:
        return OWNER if self.token and is_same(secret, self.token) else None


def set_cookie(response: Response, secret: str, *, path: str, is_https: bool) -> None:
    """Have the browser keep a session, out of reach of scripts and of other sites."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(SESSION_VALID.total_seconds()),
        path=path,
        secure=is_https,
        httponly=True,
        samesite="strict",
    )
