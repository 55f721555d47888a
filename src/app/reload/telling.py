"""Tells what became of an edit: in the log, on the phone page, and in the operators' chat."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
from loguru import logger

from app.composition.bot import Bot
from app.reload.phone_page import show_refusal, show_warnings
from app.runtime.bootstrap import tell_warnings
from config.env import Settings
from utils.digest import digest


@dataclass(slots=True)
class Telling:
    """Tells each edit once."""

    http: httpx.AsyncClient
    #: Warnings of the settings in force: the phone page shows only those that an edit adds.
    _warned: frozenset[str] = field(default=frozenset())

    def started(self, warnings: Sequence[str]) -> None:
        """Note the warnings that were told at the start."""
        self._warned = frozenset(warnings)

    async def in_force(
        self, settings: Settings, file_hash: str, changed: Sequence[str], kept: Sequence[str]
    ) -> None:
        """Tell what an edit has changed, and what it warns of; `kept` needs a restart."""
        names = [name for name in changed if name not in kept]
        logger.info("config {} in force: {}", file_hash, ", ".join(names) or "as before")
        for name in kept:
            logger.warning("{} needs a restart: the rest of the config is in force", name)
        warnings = tell_warnings(settings)
        new = [one for one in warnings if one not in self._warned]
        self._warned = frozenset(warnings)
        await show_warnings(self.http, settings, new)

    async def refused(self, bot: Bot, problems: Sequence[str], edit: str) -> None:
        """Tell what is wrong with an edit, whose name is the same in all processes."""
        logger.error("the config file is refused, and the one before goes on:")
        for problem in problems:
            logger.error("{}", problem)
        await show_refusal(self.http, bot.settings, problems)
        try:
            await _alert(bot, problems, edit)
        except Exception as error:  # noqa: BLE001 # say, the database is away: the log says it too
            logger.opt(exception=error).error("operators are not told of the refused config file")


async def _alert(bot: Bot, problems: Sequence[str], edit: str) -> None:
    text = f"The bot refuses its config file and goes on with the one before. {problems[0]}"
    name = digest("\n".join([edit, *problems]))
    alerts = bot.parts.context.extensions.alert(text, f"config:{name}")
    if alerts:
        await bot.parts.queue.enqueue(alerts)
