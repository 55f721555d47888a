"""The client without the bot, with the engine: a phone calls, and hears what a program says."""

import asyncio

import pytest

pytest.importorskip("aiortc", reason="needs the extra calls: aiortc")

from tests.features.calls.engine.phone import PythonPhone, tone, until

from emulator.cloud_api.testing import ANA, CloudApiDouble
from features.calls.client import CallConnection, WhatsAppClient
from features.calls.protocol import Digit
from features.calls.states import End


async def test_a_phone_hears_a_program_and_presses_a_key() -> None:
    meta, phones = CloudApiDouble(), [PythonPhone(), PythonPhone()]
    pressed: list[str] = []

    async def on_connection(connection: CallConnection) -> None:
        await connection.say("One moment, please.")
        async for report in connection:
            if isinstance(report, Digit):
                pressed.append(report.digit)
                await connection.disconnect()
        assert connection.end is End.COMPLETED

    client = WhatsAppClient(
        meta.config.access_token,
        meta.config.phone_number_id,
        meta.http,
        whatsapp_secret=meta.config.app_secret,
        graph_url="http://127.0.0.1",
    )
    client.update_whatsapp_secret()
    async with client, asyncio.timeout(30):
        for phone in phones:
            await phone.dial()
            call = meta.account.calls.ring(meta.open_window(ANA), phone.offer)
            await meta.account.webhooks.idle()
            changes = [{"field": "calls", "value": value} for value in meta.webhooks]
            meta.webhooks.clear()
            body = {"entry": [{"changes": changes}]}
            assert await client.handle_webhook_request(body, on_connection)
            await until(lambda call=call: call.answer is not None, seconds=20)  # type: ignore[misc]
            await phone.connect(call.answer or "")
            phone.talk(tone(440.0, 0.2))
            await until(lambda phone=phone: phone.first_sound() is not None)  # type: ignore[misc]
            phone.talk(keys="5")
            await client.settled()
            assert call.id not in meta.account.calls._open
            client.update_ice_servers([])  # while the engine runs
    assert pressed == ["5", "5"]
    for phone in phones:
        await phone.hang_up()
    await meta.close()
