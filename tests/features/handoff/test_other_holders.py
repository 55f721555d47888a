"""What operators are told while the bot may not speak, and no operator answers either."""

from pathlib import Path

from tests.fakes.bot import ANA, BotHarness
from tests.fakes.rows import rows


async def test_a_request_for_deletion_is_not_lost_while_metas_agent_answers(tmp_path: Path) -> None:
    town = BotHarness(tmp_path)
    await town.start()
    await town.say("hello")
    town.account.threads.hand_to_agent(town.person(ANA))
    await town.settle()
    said = ("what do you cost?", "please delete my data", "yes")
    assert [await town.say(text) for text in said] == [[], [], []]
    [asked] = await rows(town, "ticket", "asked")
    assert "please delete my data" in asked
    await town.stop()
