"""An answer that says what to send has a button for it."""

from tests.fakes.bot import JOHN, BotHarness


async def test_an_answer_starts_what_it_says_to_send(town: BotHarness) -> None:
    [answer] = await town.say("how do I become a member?", JOHN)
    assert answer.startswith("Send *register*")
    [question] = await town.tap("main_menu.register", JOHN)
    assert question == "What is your full name?"


async def test_a_question_behind_interjections_is_answered_in_a_form(town: BotHarness) -> None:
    await town.say("register", JOHN)
    [answer] = await town.say("wait, but first, where are you?", JOHN)
    assert answer.startswith("At the Community house")
    assert answer.endswith("What is your full name?")
