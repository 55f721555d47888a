"""What operators are told while the bot may not speak, and no operator answers either."""

from pathlib import Path

import pytest
from tests.fakes.bot import ANA, BotHarness
from tests.fakes.rows import rows


@pytest.mark.parametrize(
    "words",
    [
        "please delete my data",
        pytest.param("show me my data", marks=pytest.mark.needs("my_data")),
    ],
)
async def test_what_is_asked_of_the_bot_is_not_lost_while_metas_agent_answers(
    tmp_path: Path, words: str
) -> None:
    town = BotHarness(tmp_path)
    await town.start()
    await town.say("hello")
    town.account.threads.hand_to_agent(town.person(ANA))
    await town.settle()
    said = ("what do you cost?", words, "yes")
    assert [await town.say(text) for text in said] == [[], [], []]
    [asked] = await rows(town, "ticket", "asked")
    assert words in asked
    await town.stop()
