"""The menu offers the assistant."""

from tests.fakes.bot import JOHN, BotHarness
from tests.fakes.dev_server import DevServer


async def test_the_menu_offers_the_assistant(town: BotHarness) -> None:
    await town.say("hello", JOHN)
    assert [one["title"] for one in town.choices(JOHN)] == [
        "Register",
        "Events",
        "Ask the assistant",
    ]


def test_the_menu_in_a_terminal_offers_the_assistant(dev_server: DevServer) -> None:
    dev_server.talk("hola")  # both run
    asked, greeting, _, introduction, *menu = dev_server.chat("hello", "1").splitlines()
    assert (asked, greeting) == ("> hello", "Hello, Ana! What would you like to do?")
    assert introduction.startswith("I'm a bot.")
    assert menu[:5] == [
        "  1. Register",
        "  2. Events",
        "  3. Ask the assistant",
        "  Type “topics” to see everything",
        "> 1",
    ]
