"""A bot of pywa's, in an environment of its own: it stores nothing, and perhaps echoes."""

import logging
import os
from typing import Any

import httpx
from fastapi import FastAPI
from pywa_async import WhatsApp

logging.disable(logging.CRITICAL)  # what it would print costs it time
app = FastAPI()
session = httpx.AsyncClient(timeout=10)
bot = WhatsApp(
    phone_id=os.environ["WP_PHONE_ID"],
    token=os.environ["WP_ACCESS_TOKEN"],
    session=session,
    server=app,
    webhook_endpoint="/webhook",
    verify_token=os.environ["WEBHOOK_VERIFY_TOKEN"],
    app_secret=os.environ["WHATSAPP_APP_SECRET"],
)
session.base_url = httpx.URL(f"{os.environ['GRAPH_API_URL']}/v25.0")


@bot.on_message()  # type: ignore[untyped-decorator]
async def handle(_bot: WhatsApp, message: Any) -> None:
    if os.environ.get("ECHO"):
        await message.reply(message.text)
