"""Webhooks that the emulator would not send: other numbers of ours, groups, no user ids."""

import json
import secrets
from typing import Any

from tests.fakes.bot import ANA, BotHarness
from tests.fakes.web import sign

from emulator.cloud_api.config import Config


async def post_text(
    town: BotHarness,
    text: str,
    *,
    number: str = Config().phone_number_id,
    sender: dict[str, str] | None = None,
    name: str = "Someone",
    **more: Any,
) -> None:
    """Post a text of Ana, or of a `sender` with its "wa_id" and perhaps "user_id"."""
    town.person(ANA).wrote_at = town.clock.now  # which opens the window to this phone
    ids = sender or {"wa_id": ANA, "user_id": town.person(ANA).user_id}
    renamed = {"wa_id": "from", "user_id": "from_user_id"}
    message = {
        **{renamed[key]: value for key, value in ids.items()},
        "id": f"wamid.{secrets.token_hex(16)}",
        "timestamp": str(int(town.clock.now)),
        "type": "text",
        "text": {"body": text},
        **more,
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"phone_number_id": number},
        "contacts": [{"profile": {"name": name}, **ids}],
        "messages": [message],
    }
    change = {"field": "messages", "value": value}
    body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    raw = json.dumps(body).encode()
    await town.state.webhooks.receive(raw, sign(raw, Config().app_secret))
    await town.account.webhooks.idle()
