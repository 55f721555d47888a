"""Operators read what a person has changed their message to."""

from tests.conversations.test_edits import edit
from tests.fakes.bot import BotHarness
from tests.fakes.rows import rows


async def test_the_text_is_replaced(staffed: BotHarness) -> None:
    await staffed.say("mi pedido 1234 nunca llego")
    await edit(staffed, "mi pedido 1234 nunca llego", "mi pedido 1235 nunca llego")
    texts = await rows(staffed, "message", "text")
    assert "mi pedido 1235 nunca llego" in texts
    assert "mi pedido 1234 nunca llego" not in texts
    assert await rows(staffed, "desk", "last_message") == ["mi pedido 1235 nunca llego"]
