"""Airtable says that somebody changed something: what exactly, the console asks then."""

import base64
import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from controllers.webhook_controller import Forbidden
from controllers.webhook_store import Inbox
from features.airtable.job_specs import SYNC
from jobs.spec import EmptyBody
from utils.shared_answer import SharedAnswer

#: Header of a signed call: HMAC-SHA256 of its body.
_MAC = re.compile(r"hmac-sha256=[0-9a-f]{64}")
#: Time for which a secret read from the database serves all calls, in seconds.
KEEP_SECRET_SECONDS = 1.0


class AirtableController:
    """`state` is what the lane of the base knows, among it the secret of the webhook."""

    def __init__(
        self, inbox: Inbox, lane: str, state: Callable[[], Awaitable[Mapping[str, Any]]]
    ) -> None:
        self._inbox = inbox
        self._lane = lane
        self._state = SharedAnswer(state, seconds=KEEP_SECRET_SECONDS)

    async def receive(self, raw: bytes, mac: str | None) -> None:
        """Have the console look now. Raises Forbidden for who does not know the secret.

        Source: airtable.com/developers/web/api/webhooks-overview
        """
        if mac is None or not _MAC.fullmatch(mac):  # costs no look at the database
            raise Forbidden
        webhook = (await self._state.get()).get("webhook") or {}
        secret = base64.b64decode(webhook.get("secret") or "")
        expected = f"hmac-sha256={hmac.digest(secret, raw, hashlib.sha256).hex()}"
        if not secret or not hmac.compare_digest(expected.encode(), mac.encode()):
            raise Forbidden
        await self._inbox.enqueue([SYNC.new(self._lane, EmptyBody())])
