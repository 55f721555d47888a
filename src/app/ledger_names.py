"""The ledger of notifications under the names of a notification service: `app.services`, …

They are in the feature `notifications`; without its folder, importing them says so.
"""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import httpx

from app.composition.cloud_apis import make_cloud_api
from app.composition.database import migrated_engine
from app.composition.features import settings_models
from app.development.supervisor import EMULATOR_FILE
from app.doctor.installation import inspect_installation
from config.env import DEFAULT_FILE, Settings, SettingsError, load_settings
from jobs.job_queue import JobQueue
from services.clients.cloud_api.client import CloudApi
from services.clients.http import make_http_client
from storage.engine.database import DatabaseError
from storage.engine.group_commit import GroupCommit
from utils.commands import CommandError

_LEDGER = "features.notifications.ledger"


@cache
def ledger(module: str) -> ModuleType:
    """Return a module of the ledger. Raise ImportError without the feature."""
    try:
        found = import_module(f"{_LEDGER}.{module}")
    except ModuleNotFoundError as error:
        raise ImportError("this needs the folder features/notifications, which is gone") from error
    import_module(f"{_LEDGER}.connection").use_settings(open_parts)
    return found


@dataclass(frozen=True, slots=True)
class ScriptParts:
    """What a script has of the bot whose settings it finds."""

    settings_of: Callable[[type[Any]], Any]
    database: GroupCommit
    queue: JobQueue
    cloud_api: CloudApi
    clock: Callable[[], datetime]
    phone_number_id: str
    business_account_id: str | None
    messages_per_second: float
    default_language: str


@asynccontextmanager
async def open_parts() -> AsyncIterator[ScriptParts]:
    """Open the database of the settings; raise CommandError with what to do."""
    async with make_http_client() as http:
        try:
            settings = await _settings(http)
            database = GroupCommit(migrated_engine(settings.database_url))
        except (SettingsError, DatabaseError) as error:
            raise CommandError(str(error)) from error
        try:
            yield ScriptParts(
                settings.of,
                database,
                JobQueue(database),
                make_cloud_api(CloudApi, settings, http),
                database.clock,
                settings.wp_phone_id,
                settings.wp_bid,
                settings.messages_per_second,
                settings.default_language,
            )
        finally:
            await database.close()


async def _settings(http: httpx.AsyncClient) -> Settings:
    """Return the settings; without an account, those of the emulator that runs here.

    Raise SettingsError if there is neither.
    """
    try:
        return load_settings(models=settings_models())
    except SettingsError:
        found = await inspect_installation(
            os.environ, DEFAULT_FILE, EMULATOR_FILE, http, needs_account=True
        )
        if found.settings is None:
            raise
        return found.settings
