"""What is in src/flows and src/texts works, whatever a fork makes of it."""

import random

from tests.conversations.test_random_walks import ACTS, OFTEN, PEOPLE, check
from tests.fakes.understanding import open_context
from tests.fakes.walker import Walker

from app.composition.conversations import load_conversations


def test_flows_and_texts_fit() -> None:
    """As at the start of the bot: each flow has its texts in every language, and leads on."""
    load_conversations()


async def test_nobody_is_left_without_an_answer() -> None:
    """People who tap and type at random, also the words that start the flows."""
    flows, _ = load_conversations()
    triggers = [one for flow in flows for one in flow.triggers]
    async with open_context() as context:
        for language, number in PEOPLE.items():
            words = [*triggers, *OFTEN[language]]
            walker = Walker(context, number, random.Random(language), words)
            for _ in range(ACTS):
                check(walker, await walker.act())
