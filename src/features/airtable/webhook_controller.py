"""Airtable says that somebody changed something: what exactly, the console asks then."""

import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from controllers.webhook_controller import Forbidden, Inbox
from features.airtable.job_specs import SYNC
from jobs.spec import EmptyBody


class AirtableController:
    """`state` is what the lane of the base knows, among it the secret of the webhook."""

    def __init__(
        self, inbox: Inbox, lane: str, state: Callable[[], Awaitable[Mapping[str, Any]]]
    ) -> None:
        self._inbox = inbox
        self._lane = lane
        self._state = state

    async def receive(self, raw: bytes, mac: str | None) -> None:
        """Have the console look now. Raises Forbidden for who does not know the secret.

        Source: airtable.com/developers/web/api/webhooks-overview
        """
        webhook = (await self._state()).get("webhook") or {}
        secret = base64.b64decode(webhook.get("secret") or "")
        expected = f"hmac-sha256={hmac.digest(secret, raw, hashlib.sha256).hex()}"
        if not secret or not hmac.compare_digest(expected.encode(), (mac or "").encode()):
            raise Forbidden
        await self._inbox.enqueue([SYNC.new(self._lane, EmptyBody())])
