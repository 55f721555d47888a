"""Verifies, parses and stores webhooks; acknowledges a body once all of it is committed."""

import hashlib
import hmac
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

from controllers.failed_attempts import FailedAttemptLimiter
from controllers.load import Load
from controllers.webhook_store import WebhookStore
from jobs.job_queue import Overloaded
from schemas.webhook_schema import WebhookMessage
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


class WebhookController:
    """Receives the webhooks of a process. With `app_secret` of None, signatures go unchecked."""

    def __init__(
        self,
        store: WebhookStore,
        *,
        verify_token: str,
        app_secret: str | None,
        former_secret: str | None = None,
        metrics: Metrics,
        load: Load | None = None,
    ) -> None:
        self.store = store
        self._verify_token = verify_token.encode()
        secrets = (app_secret, former_secret)
        self._app_secrets = [one.encode() for one in secrets if one is not None]
        self._metrics = metrics
        #: How long requests wait.
        self.load = load or Load()
        self._attempts = FailedAttemptLimiter()
        #: Size of the bodies that wait or are being stored, in bytes.
        self._bytes = 0

    def accept_also(self, *former_secrets: str) -> None:
        """Accept webhooks that the newest secret signed, or one of these: none ends that."""
        self._app_secrets[1:] = [one.encode() for one in former_secrets]

    def verify(
        self, mode: str | None, token: str | None, challenge: str | None, *, address: str = ""
    ) -> str:
        """Return the challenge if the verify token matches; raise Forbidden otherwise.

        An address with too many wrong tokens gets TooManyAttempts, and nothing is compared.
        """
        if self._attempts.are_too_many(address):
            raise TooManyAttempts
        is_ours = mode == "subscribe" and is_verify_token(token, self._verify_token)
        if not is_ours or challenge is None:
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
        if self._app_secrets and not is_signed(raw, signature, self._app_secrets):
            self._refuse(address)
        self.store.ensure_capacity()
        if self._bytes + len(raw) > MAX_STORING_BYTES:
            raise Overloaded
        self._bytes += len(raw)
        try:
            async with self.load.admitted(read_at):
                return await self._store_all(raw)
        finally:
            self._bytes -= len(raw)

    async def _store_all(self, raw: bytes) -> str:
        began = time.perf_counter()
        intake = await self.store.store(parse_body(raw))
        self._metrics.intake_seconds.observe(time.perf_counter() - began)
        if intake.messages:
            return "message"
        return "status" if intake.statuses else "unknown_type"

    def _refuse(self, address: str) -> NoReturn:
        """Count a wrong signature and refuse it. Meta may share the address, behind a proxy."""
        is_guessing = self._attempts.are_too_many(address)
        self._attempts.failed(address)
        raise TooManyAttempts if is_guessing else Forbidden


def is_verify_token(given: str | None, expected: bytes) -> bool:
    """Return whether a verify token is the expected one; an empty one never is."""
    encoded = (given or "").encode("utf-8", "surrogatepass")
    return bool(expected) and hmac.compare_digest(encoded, expected)


def is_signed(raw: bytes, signature: str | None, secrets: Sequence[bytes]) -> bool:
    """Return whether one of the secrets made the signature (`X-Hub-Signature-256`) of a body."""
    given = _SIGNATURE.fullmatch(signature or "")
    if given is None:
        return False
    expected = (hmac.digest(one, raw, hashlib.sha256) for one in secrets)
    return any(hmac.compare_digest(bytes.fromhex(given[1]), one) for one in expected)


def parse_body(raw: bytes) -> WebhookMessage | Any:
    """Return what a body holds, which may be any JSON; raise BadRequest for anything else."""
    with suppress(ValueError):
        return WebhookMessage.model_validate_json(raw)
    try:
        data = read_lenient(raw)  # slower, for what does not fit the models
    except ValueError:
        raise BadRequest from None
    return WebhookMessage.read(data) if isinstance(data, dict) else data
