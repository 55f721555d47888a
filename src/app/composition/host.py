"""Runs bots that features ask for beside the one of the settings: see `services.host`."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from app.composition.app_state import make_state
from app.composition.bot import Bot, build_bot
from app.composition.database import open_database
from app.composition.features import settings_models
from app.composition.process import at_work_on
from config.env import DEFAULT_FILE, Settings, SettingsError, load_settings
from config.names import FILE_SETTING
from config.sources import GivenValues
from services.host import BotError
from storage.engine.database import DatabaseError
from utils.logger import hide, logger
from utils.metrics import Metrics
from utils.threads import computed

#: No .env: a bot that a feature asks for gets its settings from there alone.
_NO_FILE = Path(os.devnull)


def given_alone() -> Mapping[str, str]:
    """Return the settings as they were given, for another bot: without the name of the file."""
    given = GivenValues.read(os.environ, DEFAULT_FILE, (Settings, *settings_models()))
    return without_file(given.values)


def without_file(given: Mapping[str, str]) -> Mapping[str, str]:
    """Return settings as they were given, without the name of the config file."""
    return {name: value for name, value in given.items() if name != FILE_SETTING}


@asynccontextmanager
async def hosting(
    bot: Bot, state: Mapping[str, Any], http: httpx.AsyncClient
) -> AsyncIterator[None]:
    """Run the other bots that features of the first bot ask for."""
    host = ProcessHost(without_file(bot.settings.given), state, http)
    async with AsyncExitStack() as stack:
        for feature in bot.features:
            await stack.enter_async_context(feature.hosting(host))
        yield


class ProcessHost:
    """What features find around the first bot of the process: see `services.host`."""

    def __init__(
        self, given: Mapping[str, str], state: Mapping[str, Any], http: httpx.AsyncClient
    ) -> None:
        #: The settings of the process as they were given, by their names.
        self.given = given
        self.state = state
        self._http = http

    @asynccontextmanager
    async def run_bot(
        self, name: str, given: Mapping[str, str]
    ) -> AsyncIterator[Mapping[str, Any]]:
        """Run another bot; raise BotError if it cannot start.

        It shares the event loop and the connections to APIs with the first.
        """
        with logger.contextualize(tenant=name):
            settings = settings_alone(given)
            hide(settings.secrets())
            async with AsyncExitStack() as stack:
                try:
                    database = await stack.enter_async_context(open_database(settings))
                except DatabaseError as error:
                    raise BotError(str(error)) from error
                make = partial(build_bot, settings, database, self._http, Metrics())
                bot = await computed(make)
                state = make_state(bot).by_name()
                await stack.enter_async_context(at_work_on(bot))
                yield state


def settings_alone(given: Mapping[str, str]) -> Settings:
    """Return settings from nothing but `given`. Raise BotError with all that is wrong."""
    try:
        return load_settings(given, _NO_FILE, settings_models())
    except SettingsError as error:
        raise BotError(str(error)) from error
