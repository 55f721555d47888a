"""Verifies, parses and stores webhooks; acknowledges only what is committed."""

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Sequence
from typing import NoReturn, Protocol

from pydantic import ValidationError

from controllers.failed_attempts import FailedAttemptLimiter
from controllers.intake import Intake, other_job, sort_webhook
from domain.delivery import StatusReport
from domain.inbound import Sender
from jobs.job_queue import Overloaded
from jobs.model import NewJob
from schemas.webhook_schema import WebhookMessage
from storage.engine.write import Write
from utils.lenient_json import read_lenient
from utils.metrics import Metrics

#: Of bodies that are being stored at any moment; parsed they take several times as much.
MOST_BYTES = 128 * 1024 * 1024

_SIGNATURE = re.compile(r"sha256=([0-9a-fA-F]{64})")


class Forbidden(Exception):
    """Not from Meta, as far as we can tell."""


class TooManyAttempts(Forbidden):
    """From an address that guesses."""


class BadRequest(Exception):
    """Not JSON."""


class Inbox(Protocol):
    def ensure_capacity(self) -> None: ...

    async def enqueue(self, jobs: Sequence[NewJob], writes: Sequence[Write] = ()) -> None: ...


class Directory(Protocol):
    async def resolve(self, senders: Sequence[Sender]) -> list[str]: ...


#: What to write when Meta tells what became of messages.
Reporter = Callable[[Sequence[StatusReport]], list[Write]]


class WebhookController:
    """One per process. `app_secret` of None: signatures are not checked."""

    def __init__(
        self,
        inbox: Inbox,
        directory: Directory,
        *,
        verify_token: str,
        app_secret: str | None,
        metrics: Metrics,
        reporters: Sequence[Reporter] = (),
    ) -> None:
        self._inbox = inbox
        self._directory = directory
        self._verify_token = verify_token.encode()
        self._app_secret = app_secret.encode() if app_secret is not None else None
        self._metrics = metrics
        self._attempts = FailedAttemptLimiter()
        #: of the bodies that are being stored
        self._bytes = 0
        #: who is to know what became of our messages
        self._reporters = reporters

    def verify(
        self, mode: str | None, token: str | None, challenge: str | None, *, address: str = ""
    ) -> str:
        """The challenge, for whoever knows our verify token; Forbidden otherwise.

        Our own words may be guessed: where that was tried too often, nothing is compared.
        """
        if self._attempts.are_too_many(address):
            raise TooManyAttempts
        given = (token or "").encode("utf-8", "surrogatepass")
        matches = bool(self._verify_token) and hmac.compare_digest(given, self._verify_token)
        if mode != "subscribe" or not matches or challenge is None:
            self._attempts.failed(address)
            raise Forbidden
        return challenge

    async def receive(self, raw: bytes, signature: str | None, *, address: str = "") -> str:
        """Store everything in a body; returns what it was: message, status or unknown_type.

        Raises Forbidden before anything is parsed, BadRequest for what is not JSON, and Overloaded
        when the database is too far behind, or too much is being stored already.
        """
        if not self._is_signed(raw, signature):
            self._refuse(address)
        self._inbox.ensure_capacity()
        if self._bytes + len(raw) > MOST_BYTES:
            raise Overloaded
        self._bytes += len(raw)
        try:
            return await self._store(raw)
        finally:
            self._bytes -= len(raw)

    async def _store(self, raw: bytes) -> str:
        began = time.perf_counter()
        intake = _parse(raw)
        keys = await self._directory.resolve([message_of.sender for message_of in intake.messages])
        pairs = zip(intake.messages, keys, strict=True)
        jobs = [*(message_of.job(key) for message_of, key in pairs), *intake.unhandled]
        reporters = self._reporters if intake.statuses else ()
        writes = [one for tell in reporters for one in tell(intake.statuses)]
        await self._inbox.enqueue(jobs, writes)
        self._metrics.intake_seconds.observe(time.perf_counter() - began)
        self._count(intake)
        if intake.messages:
            return "message"
        return "status" if intake.statuses else "unknown_type"

    def _is_signed(self, raw: bytes, signature: str | None) -> bool:
        if self._app_secret is None:
            return True
        given = _SIGNATURE.fullmatch(signature or "")
        if given is None:
            return False
        expected = hmac.digest(self._app_secret, raw, hashlib.sha256)
        return hmac.compare_digest(bytes.fromhex(given[1]), expected)

    def _refuse(self, address: str) -> NoReturn:
        """Only what is wrong is counted: behind a proxy, Meta may have the same address."""
        guesses = self._attempts.are_too_many(address)
        self._attempts.failed(address)
        raise TooManyAttempts if guesses else Forbidden

    def _count(self, intake: Intake) -> None:
        for kind, items in (
            ("message", intake.messages),
            ("status", intake.statuses),
            ("other", intake.unhandled),
        ):
            if items:
                self._metrics.received[kind].inc(len(items))


def _parse(raw: bytes) -> Intake:
    try:
        return sort_webhook(WebhookMessage.model_validate_json(raw))
    except (ValidationError, ValueError):
        return _parse_oddity(raw)


def _parse_oddity(raw: bytes) -> Intake:
    """What does not fit our models at once: slower, and never refused if it is JSON at all."""
    try:
        data = read_lenient(raw)
    except ValueError:
        raise BadRequest from None
    if not isinstance(data, dict):
        return Intake(unhandled=[other_job("-", "webhook", data)])
    return sort_webhook(WebhookMessage.read(data))
