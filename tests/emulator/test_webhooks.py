"""How webhooks are repeated: soon, once a bot that was away listens again."""

import itertools

from emulator.cloud_api.config import Config
from emulator.cloud_api.state.webhooks import LOOK_SECONDS, WebhookSender


class Bot:
    """A bot that is restarted, or that refuses; it counts what it was sent."""

    def __init__(self, *, away_for: float, refuses_for: float = 0.0) -> None:
        self.now = 0.0
        self.away_for, self.refuses_for = away_for, refuses_for
        self.attempts: list[float] = []

    async def post(self, body: bytes, headers: dict[str, str]) -> int:
        self.attempts.append(self.now)
        if self.now < self.away_for:
            raise ConnectionRefusedError
        return 200 if self.now >= self.refuses_for else 503

    async def listens(self) -> bool:
        return self.now >= self.away_for

    async def sleep(self, seconds: float) -> None:
        self.now = round(self.now + seconds, 3)


async def repeated_to(bot: Bot) -> list[float]:
    webhooks = WebhookSender(Config(), bot.post, listens=bot.listens, sleep=bot.sleep)
    webhooks.send("ana", {"messages": []})
    await webhooks.idle()
    return bot.attempts


async def test_a_bot_that_is_back_hears_at_once_what_it_missed() -> None:
    attempts = await repeated_to(Bot(away_for=20.0))
    assert attempts[-1] <= 20.0 + LOOK_SECONDS
    assert len(attempts) < 10, "it is not asked without end while it is away"


async def test_a_bot_that_refuses_is_asked_with_growing_pauses() -> None:
    attempts = await repeated_to(Bot(away_for=0.0, refuses_for=20.0))
    pauses = [after - before for before, after in itertools.pairwise(attempts)]
    assert pauses == sorted(pauses)
    assert attempts[-1] > 21
