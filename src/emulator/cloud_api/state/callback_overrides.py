"""Callback URLs in place of the usual one: of a number, or of the whole business account.

Source: developers.facebook.com/docs/whatsapp/embedded-signup/webhooks/override
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import aiohttp

from emulator.cloud_api.rules.errors import not_verified
from emulator.cloud_api.state.callback import HttpPoster
from emulator.cloud_api.state.webhooks import WebhookSender


class CallbackOverrides:
    """Those of one account. A URL is taken only if it echoes the challenge."""

    NOT_KEPT: ClassVar = frozenset({"_webhooks", "_posters"})

    def __init__(self, webhooks: WebhookSender) -> None:
        self._webhooks = webhooks
        self._posters: list[HttpPoster] = []
        #: URL and verify token of a number, or of the account
        self._given: dict[str, tuple[str, str]] = {}

    async def set(self, object_id: str, given: Mapping[str, Any]) -> None:
        """Take `override_callback_uri` and `verify_token`; without a URL, the usual one is back."""
        url = given.get("override_callback_uri")
        if not url:
            self._webhooks.overrides.pop(object_id, None)
            self._given.pop(object_id, None)
            return
        token = str(given.get("verify_token") or "")
        poster = HttpPoster(str(url), token)
        try:
            await poster.verify()
        except (OSError, ValueError, aiohttp.ClientError) as error:
            await poster.close()
            raise not_verified() from error
        self._given[object_id] = str(url), token
        self._use(object_id, str(url), poster)

    def resume(self) -> None:
        """Use the URLs of an earlier run; they have to echo the challenge again."""
        for object_id, (url, token) in self._given.items():
            self._use(object_id, url, HttpPoster(url, token))

    def _use(self, object_id: str, url: str, poster: HttpPoster) -> None:
        self._posters.append(poster)
        self._webhooks.override(object_id, url, poster)

    def of(self, object_id: str) -> str | None:
        """Return the URL of a number, or of the account, if it has its own."""
        return self._webhooks.overrides.get(object_id)

    async def close(self) -> None:
        for poster in self._posters:
            await poster.close()
