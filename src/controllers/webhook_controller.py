"""Verifies, parses and stores webhooks; acknowledges a body once all of it is committed."""

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Sequence
from typing import NoReturn, Protocol

from pydantic import ValidationError

from controllers.event_intake import other_job
from controllers.failed_attempts import FailedAttemptLimiter
from controllers.intake import Intake, sort_webhook, warn_of_another_number
from controllers.load import Load
from domain.delivery import StatusReport
from domain.inbound import Sender
from jobs.job_queue import Overloaded
from jobs.model import NewJob
from schemas.webhook_schema import WebhookMessage
from services.numbers import Numbers
from storage.engine.write import Write
from utils.lenient_json import read_lenient
from utils.metrics import Metrics

#: Most bytes of bodies that wait or are being stored; parsed, they take several times as much.
MAX_STORING_BYTES = 128 * 1024 * 1024

_SIGNATURE = re.compile(r"sha256=([0-9a-fA-F]{64})")


class Forbidden(Exception):
    """The signature or the verify token does not match."""


class TooManyAttempts(Forbidden):
    """The address has failed too often within the last minute."""


class BadRequest(Exception):
    """The body is not JSON."""


class Inbox(Protocol):
    """The job queue that webhooks are stored in."""

    def ensure_capacity(self) -> None:
        """Raise Overloaded if the database is too far behind."""

    async def enqueue(self, jobs: Sequence[NewJob], writes: Sequence[Write] = ()) -> None:
        """Commit jobs and writes in one transaction."""


class IdentityResolver(Protocol):
    """The table that knows which user a sender is."""

    async def resolve(self, senders: Sequence[Sender]) -> list[str]:
        """Return the key of the user for each sender, in the same order."""
        ...


#: Function that returns what to write when Meta reports the statuses of messages.
Reporter = Callable[[Sequence[StatusReport]], Sequence[Write]]


class WebhookController:
    """Receives the webhooks of a process. With `app_secret` of None, signatures go unchecked."""

    def __init__(
        self,
        inbox: Inbox,
        directory: IdentityResolver,
        *,
        numbers: Numbers,
        verify_token: str,
        app_secret: str | None,
        metrics: Metrics,
        reporters: Sequence[Reporter] = (),
        load: Load | None = None,
    ) -> None:
        self._inbox = inbox
        self._directory = directory
        self._numbers = numbers
        self._verify_token = verify_token.encode()
        self._app_secret = app_secret.encode() if app_secret is not None else None
        self._metrics = metrics
        #: How long requests wait.
        self.load = load or Load()
        self._attempts = FailedAttemptLimiter()
        #: Size of the bodies that wait or are being stored, in bytes.
        self._bytes = 0
        #: Functions that record the statuses of our messages.
        self._reporters = reporters
        self._has_warned_of_another_number = False

    def verify(
        self, mode: str | None, token: str | None, challenge: str | None, *, address: str = ""
    ) -> str:
        """Return the challenge if the verify token matches; raise Forbidden otherwise.

        An address with too many wrong tokens gets TooManyAttempts, and nothing is compared.
        """
        if self._attempts.are_too_many(address):
            raise TooManyAttempts
        given = (token or "").encode("utf-8", "surrogatepass")
        matches = bool(self._verify_token) and hmac.compare_digest(given, self._verify_token)
        if mode != "subscribe" or not matches or challenge is None:
            self._attempts.failed(address)
            raise Forbidden
        return challenge

    async def receive(
        self,
        raw: bytes,
        signature: str | None,
        *,
        address: str = "",
        read_at: float | None = None,
    ) -> str:
        """Store everything in a body. Return "message", "status" or "unknown_type".

        `read_at` is when its last byte was read, if that was before now (`time.monotonic`).
        Raises Forbidden before anything is parsed, BadRequest if the body is not JSON, and
        Overloaded if it would be acknowledged too late, or too many bytes wait.
        """
        if not self._is_signed(raw, signature):
            self._refuse(address)
        self._inbox.ensure_capacity()
        if self._bytes + len(raw) > MAX_STORING_BYTES:
            raise Overloaded
        self._bytes += len(raw)
        try:
            async with self.load.admitted(read_at):
                return await self._store(raw)
        finally:
            self._bytes -= len(raw)

    async def _store(self, raw: bytes) -> str:
        began = time.perf_counter()
        intake = _parse(raw, self._numbers)
        keys = await self._directory.resolve([item.sender for item in intake.in_order])
        pairs = zip(intake.in_order, keys, strict=True)
        kept = (*intake.kept_statuses, *intake.unhandled, *intake.of_other_numbers)
        jobs = [*(item.job(key) for item, key in pairs), *kept]
        reporters = self._reporters if intake.statuses else ()
        writes = [write for report in reporters for write in report(intake.statuses)]
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
        """Count a wrong signature and refuse it. Meta may share the address, behind a proxy."""
        is_guessing = self._attempts.are_too_many(address)
        self._attempts.failed(address)
        raise TooManyAttempts if is_guessing else Forbidden

    def _count(self, intake: Intake) -> None:
        for kind, items in (
            ("message", intake.messages),
            ("status", intake.statuses),
            ("other", intake.unhandled),
            ("other_number", intake.of_other_numbers),
        ):
            if items:
                self._metrics.received[kind].inc(len(items))
        if intake.other_number is not None and not self._has_warned_of_another_number:
            self._has_warned_of_another_number = True
            warn_of_another_number(intake.other_number, self._numbers.first.id)


def _parse(raw: bytes, numbers: Numbers) -> Intake:
    try:
        return sort_webhook(WebhookMessage.model_validate_json(raw), numbers)
    except (ValidationError, ValueError):
        return _parse_leniently(raw, numbers)


def _parse_leniently(raw: bytes, numbers: Numbers) -> Intake:
    """Parse a body that does not fit the models: slower, and accepts any JSON."""
    try:
        data = read_lenient(raw)
    except ValueError:
        raise BadRequest from None
    if not isinstance(data, dict):
        return Intake(unhandled=[other_job("-", "webhook", data)])
    return sort_webhook(WebhookMessage.read(data), numbers)
