"""What an app can be asked and told: where its webhooks go.

Source: developers.facebook.com/docs/graph-api/reference/app/subscriptions
"""

from collections.abc import Mapping
from typing import Any

import aiohttp

from emulator.cloud_api.http.graph_request import Edges, GraphRequest
from emulator.cloud_api.http.upload_api import Uploads
from emulator.cloud_api.rules.errors import GraphError, not_verified
from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.callback import ANSWER_TIMEOUT, shake_hands

OBJECT = "whatsapp_business_account"


def app_edges(account: Account, uploads: Uploads) -> Edges:
    """Under the id of the app."""
    api = _AppApi(account)
    return {
        "subscriptions": {"GET": api.subscriptions, "POST": api.subscribe},
        "uploads": {"POST": uploads.begin},
    }


class _AppApi:
    def __init__(self, account: Account) -> None:
        self._subscriptions = account.subscriptions

    async def subscriptions(self, asked: GraphRequest) -> Mapping[str, Any]:
        return {"data": list(self._subscriptions.values())}

    async def subscribe(self, asked: GraphRequest) -> Mapping[str, Any]:
        """The address has to answer the handshake. Webhooks go on to that of the settings."""
        given = asked.fields
        url, token = given.get("callback_url"), given.get("verify_token")
        fields = str(given.get("fields", "")).split(",")
        if given.get("object") != OBJECT or not isinstance(url, str) or not isinstance(token, str):
            raise GraphError(100, "object, callback_url and verify_token are required.")
        async with aiohttp.ClientSession(timeout=ANSWER_TIMEOUT) as session:
            try:
                await shake_hands(session, url, token)
            except (OSError, aiohttp.ClientError, ValueError) as error:
                raise not_verified() from error
        self._subscriptions[OBJECT] = {
            "object": OBJECT,
            "callback_url": url,
            "active": True,
            "fields": [{"name": name, "version": "v25.0"} for name in fields],
        }
        return {"success": True}
