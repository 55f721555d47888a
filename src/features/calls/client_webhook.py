"""What `WhatsAppClient` reads of webhooks: signature, handshake, and the events of calls."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from loguru import logger
from pydantic import BaseModel

from controllers.intake import number_of
from controllers.webhook_controller import BadRequest, is_signed, is_verify_token, parse_body
from domain.inbound import Sender
from features.calls.job_specs import ConnectJob, TerminateJob
from features.calls.reading import ends_without_person, read_calls
from schemas.webhook_schema import WebhookMessage

#: An event of a call, and the person of whom it is; the person of an end may be unknown.
CallOfPerson = tuple[Sender, ConnectJob | TerminateJob]


class InvalidSignature(ValueError):
    """The app secret did not sign a webhook: answer 401 or 403, and do nothing."""


def secrets_of(secret: str | None) -> tuple[bytes, ...]:
    """Return the secrets that may sign webhooks. Raises ValueError for an empty one."""
    if secret is not None and not secret.strip():
        raise ValueError("the app secret is empty; None switches the check of signatures off")
    return () if secret is None else (secret.encode(),)


def check_signature(raw: bytes | None, signature: str | None, secrets: Sequence[bytes]) -> None:
    """Raise InvalidSignature unless one of the secrets signed the body."""
    if signature is None or raw is None:
        raise InvalidSignature("the header X-Hub-Signature-256 or the raw body is missing")
    if not is_signed(raw, signature, secrets):
        raise InvalidSignature("the signature of the webhook is wrong")


def challenge_of(params: Mapping[str, str], expected: str) -> str:
    """Return the challenge of Meta's GET request. Raises ValueError if it is not Meta's."""
    mode, token = params.get("hub.mode"), params.get("hub.verify_token")
    challenge = params.get("hub.challenge")
    if not (mode and token and challenge):
        raise ValueError("hub.mode, hub.verify_token or hub.challenge is missing")
    if mode != "subscribe":
        raise ValueError("hub.mode is not subscribe")
    if not is_verify_token(token, expected.encode()):
        raise ValueError("hub.verify_token is not the expected one")
    return challenge


def events_of(request: Any, number: str) -> Iterator[CallOfPerson]:
    """Yield the events of calls that people make to a number, in the order of the webhook.

    `request` is the body in any form: bytes, text, JSON that was read, or a pydantic model.
    """
    webhook = _webhook(request)
    for change in (change for entry in webhook.entry for change in entry.changes):
        is_ours = number_of(change) in ("-", number)
        if change.value is None or change.field not in (None, "calls") or not is_ours:
            continue
        content = read_calls(number, change.value.received())
        for item in content.about_people:
            if isinstance(item.body, ConnectJob | TerminateJob):
                yield item.sender, item.body
        for end in ends_without_person(content.rest):
            yield Sender(), end


def _webhook(request: Any) -> WebhookMessage:
    """Return a webhook; an empty one for what is none."""
    if isinstance(request, BaseModel):
        request = request.model_dump(mode="json", by_alias=True, exclude_unset=True)
    try:
        is_text = isinstance(request, str | bytes | bytearray)
        text = request if is_text else json.dumps(request)
        raw = text.encode("utf-8", "replace") if isinstance(text, str) else bytes(text)
        found = parse_body(raw)
    except (BadRequest, TypeError, ValueError, RecursionError):
        logger.warning("the body of a webhook is not JSON")
        return WebhookMessage()
    return found if isinstance(found, WebhookMessage) else WebhookMessage()
