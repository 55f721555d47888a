"""Which checks an installation needs, in the order in which they are told."""

import importlib.util
import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import httpx

from app.composition.factories import make_cloud_api, now
from app.development.plan import EVERY_ADDRESS, LOOPBACK
from app.doctor import account, database, machine
from app.doctor import settings_checks as given
from app.doctor.airtable import airtable
from app.doctor.assistant import assistant
from app.doctor.callback import callback
from app.doctor.finding import Check, Finding, skip
from app.doctor.installation import Installation
from config.env import Settings
from features.airtable.settings import AirtableSettings
from features.assistant.settings import AssistantSettings
from features.voice_notes.settings import VoiceNotesSettings
from services.clients.cloud_api.account_queries import AccountQueries
from storage.engine.database import OLDEST_SQLITE


def offline(found: Installation, http: httpx.AsyncClient) -> Iterator[Check]:
    """What can be looked at from here."""
    yield Check("python", partial(machine.python_version, sys.version_info[:3]))
    warnings = found.settings.warnings(today=datetime.now(UTC).date()) if found.settings else ()
    yield Check(
        "settings",
        partial(given.settings, found.problems, list(warnings), emulator_url=found.emulator_url),
    )
    if found.settings is not None:
        yield from _of_settings(found.settings, http)
    if found.database_url is not None:
        yield from _of_database(found.database_url)


def live(found: Installation, http: httpx.AsyncClient) -> Iterator[Check]:
    """What others have to be asked for."""
    settings = found.settings
    if settings is None:
        yield Check("live", _after_the_settings)
        return
    secret = settings.whatsapp_app_secret if found.emulator_url is None else None
    meta = make_cloud_api(AccountQueries, settings, http)
    known = {"account_id": settings.wp_bid}
    verify_token = settings.webhook_verify_token.get_secret_value()
    app_secret = secret.get_secret_value() if secret else None
    yield Check("clock", partial(account.clock, meta, now=now))
    yield Check("token", partial(account.access_token, meta, now=now()))
    for name, examine in {
        "app secret": partial(account.app_secret, meta, secret=app_secret),
        "phone number": partial(account.phone_number, meta),
        "subscription": partial(account.subscription, meta, **known),
        "templates": partial(account.templates, meta, **known),
    }.items():
        yield Check(name, examine, needs=("token",))
    handshake = partial(callback, meta, http, verify_token=verify_token)
    yield Check("callback", handshake, needs=("token", "phone number"))
    base = partial(airtable, settings.of(AirtableSettings), settings.database_url)
    yield Check("airtable", base, needs=("database",))
    yield Check("assistant", partial(_assistant, settings.of(AssistantSettings), http))


def _of_settings(settings: Settings, http: httpx.AsyncClient) -> Iterator[Check]:
    has_key = settings.of(AssistantSettings).openai_api_key is not None
    hears = has_key and bool(settings.of(VoiceNotesSettings).openai_transcription_model)
    has_voice = importlib.util.find_spec("av") is not None
    yield Check("extras", partial(machine.voice_extra, is_there=has_voice, hears=hears))
    if settings.role != "worker":
        host = settings.host
        local = LOOPBACK if host in EVERY_ADDRESS else host
        yield Check("port", partial(machine.port, http, host, settings.port, local=local))


def _of_database(url: str) -> Iterator[Check]:
    file = database.file_of(url)
    if file is not None:
        found = sqlite3.sqlite_version_info
        yield Check("sqlite", partial(machine.sqlite_version, found, oldest=OLDEST_SQLITE))
    yield Check("database", partial(database.reachable, url))
    yield Check("migrations", partial(database.migrations, url), needs=("database",))
    if file is not None:
        folder = file.absolute().parent
        yield Check("disk", partial(database.disk_space, folder), needs=("database",))
    else:
        ask = partial(database.clock, url, now=time.time)
        yield Check("database clock", ask, needs=("database",))
    yield Check("dead letters", partial(database.dead_letters, url), needs=("migrations",))


async def _assistant(settings: AssistantSettings, http: httpx.AsyncClient) -> Finding:
    key = settings.openai_api_key
    return await assistant(
        http,
        api_key=key.get_secret_value() if key else None,
        base_url=settings.openai_base_url,
        model=settings.openai_model,
    )


async def _after_the_settings() -> Finding:
    return skip("waits for: settings")
