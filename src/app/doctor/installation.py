"""How this installation is set up, be it well or not; `watch.py` may have made up its account."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import httpx
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.composition.features import settings_models
from app.development.plan import EMULATED_AIRTABLE
from app.development.supervisor import emulator_url
from config.env import (
    Settings,
    SettingsError,
    given_settings,
    load_database_url,
    load_settings,
)

ANSWER_SECONDS = 3.0
#: The emulator keeps the one that it signs with to itself.
UNTOLD_SECRET = "known-to-the-emulator"


@dataclass(frozen=True, slots=True)
class Installation:
    #: None: the bot would not start with them
    settings: Settings | None
    #: what is wrong with them, a sentence each
    problems: tuple[str, ...]
    #: None: it is one of the problems
    database_url: str | None
    #: where the emulator is that the running `watch.py` brought; None: the account is Meta's
    emulator_url: str | None

    @property
    def secrets(self) -> list[str]:
        """What must not be printed."""
        secrets = self.settings.secrets() if self.settings else []
        return secrets + _passwords(self.database_url)


async def look(
    environ: Mapping[str, str], env_file: Path, emulator_file: Path, http: httpx.AsyncClient
) -> Installation:
    """Reads the settings; those of the emulator, where no access token is set and one runs."""
    given = given_settings(environ, env_file, settings_models())
    url = None if "WP_ACCESS_TOKEN" in given else emulator_url(emulator_file)
    account = await _ask_account(http, url) if url else None
    if url is None or account is None:
        return read(environ, env_file)
    return read(emulated(environ, given, account, url), env_file, url)


def read(
    environ: Mapping[str, str], env_file: Path, emulator_url: str | None = None
) -> Installation:
    try:
        settings = load_settings(environ, env_file, settings_models())
    except SettingsError as error:
        database_url = _database_url(environ, env_file)
        return Installation(None, tuple(error.problems), database_url, emulator_url)
    return Installation(settings, (), settings.database_url, emulator_url)


def emulated(
    environ: Mapping[str, str],
    given: Mapping[str, str],
    account: Mapping[str, str],
    emulator_url: str,
) -> dict[str, str]:
    """The environment that `watch.py` gives the bot beside its emulator."""
    made_up = {
        "WP_ACCESS_TOKEN": account["access_token"],
        "WP_PHONE_ID": account["phone_number_id"],
        "WP_BID": account["business_account_id"],
        "WEBHOOK_VERIFY_TOKEN": account["verify_token"],
        "WHATSAPP_APP_SECRET": UNTOLD_SECRET,
    }
    if "AIRTABLE_API_KEY" not in given:
        made_up |= {**EMULATED_AIRTABLE, "AIRTABLE_API_URL": f"{emulator_url}/airtable-api"}
    port = urlsplit(account["callback_url"]).port
    return {
        "ENVIRONMENT": "development",
        **environ,
        **{name: given.get(name, value) for name, value in made_up.items()},
        "GRAPH_API_URL": emulator_url,
        "PORT": str(port),
    }


async def _ask_account(http: httpx.AsyncClient, url: str) -> Mapping[str, str] | None:
    """None where nobody answers: the file has outlived a killed emulator."""
    try:
        answer = await http.get(f"{url}/emulator/account", timeout=ANSWER_SECONDS)
        found = answer.json() if answer.status_code == 200 else None
    except (httpx.HTTPError, aiohttp.ClientError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _database_url(environ: Mapping[str, str], env_file: Path) -> str | None:
    try:
        return load_database_url(environ, env_file)
    except SettingsError:
        return None


def _passwords(database_url: str | None) -> list[str]:
    try:
        password = make_url(database_url or "sqlite://").password
    except (ArgumentError, ValueError):
        return []
    return [str(password)] if password else []
