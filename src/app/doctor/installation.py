"""How this installation is set up: its own account at Meta, the emulator's, or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import httpx
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from app.composition.conversations import load_saved_data
from app.composition.features import operator_schemas, settings_models
from app.development.given_settings import given_secrets, given_settings
from app.development.plan import EMULATED_AIRTABLE
from app.development.supervisor import emulator_url
from config.env import Settings, SettingsError, load_database_url, load_part, load_settings
from config.sources import Model
from services.operator_tables import TableSchema

ANSWER_SECONDS = 3.0
#: Stands for the emulator's app secret, which the emulator does not publish.
UNPUBLISHED_SECRET = "known-to-the-emulator"
#: Settings that a bot with an account at Meta needs.
ACCOUNT_SETTINGS = (
    "WP_ACCESS_TOKEN",
    "WP_PHONE_ID",
    "WEBHOOK_VERIFY_TOKEN",
    "WHATSAPP_APP_SECRET",
)


@dataclass(frozen=True, slots=True)
class Installation:
    """What the settings say, and whether they are right."""

    #: None when the bot would not start with them.
    settings: Settings | None
    #: What is wrong with the settings, one sentence each.
    problems: tuple[str, ...]
    #: None when it is one of the problems.
    database_url: str | None
    #: The environment and the file that the settings are read from.
    environ: Mapping[str, str]
    env_file: Path
    #: The client for questions to other computers.
    http: httpx.AsyncClient
    #: Address of the emulator that the running `watch.py` started; None when the account is Meta's.
    emulator_url: str | None
    #: False when no account is set: `watch.py` would start the emulator.
    has_account: bool
    #: False when `watch.py` may take another port.
    is_port_fixed: bool

    @property
    def secrets(self) -> list[str]:
        """Values that must not be printed."""
        given = given_secrets(self.environ, self.env_file, settings_models())
        return [*given, *_passwords(self.database_url)]

    @property
    def schemas(self) -> Sequence[TableSchema]:
        """Tables that operators see with the features that are there."""
        return operator_schemas(load_saved_data())

    def settings_of(self, model: type[Model]) -> Model | None:
        """Return the settings of one model; None where they are wrong."""
        try:
            return load_part(model, self.environ, self.env_file)
        except SettingsError:
            return None


async def inspect_installation(
    environ: Mapping[str, str],
    env_file: Path,
    emulator_file: Path,
    http: httpx.AsyncClient,
    *,
    needs_account: bool,
) -> Installation:
    """Read the settings; without an access token, those of a running emulator.

    When no account is set at all, the settings are read as `watch.py` would complete them, unless
    `needs_account`: then the missing ones are problems.
    """
    set_values = given_settings(environ, env_file, settings_models())
    url = None if "WP_ACCESS_TOKEN" in set_values else emulator_url(emulator_file)
    account = await _ask_account(http, url) if url else None
    if url is not None and account is not None:
        return _read(emulated(environ, set_values, account, url), env_file, http, emulator=url)
    is_set = any(name in set_values for name in ACCOUNT_SETTINGS)
    is_production = set_values.get("ENVIRONMENT") == "production"
    if is_set or is_production or needs_account:
        return _read(environ, env_file, http)
    stand_in = {name: f"stand-in-of-{name}" for name in ACCOUNT_SETTINGS} | {"WP_PHONE_ID": "1"}
    completed = {"ENVIRONMENT": "development", **environ, **stand_in}
    is_port_fixed = "PORT" in set_values
    return _read(completed, env_file, http, has_account=False, is_port_fixed=is_port_fixed)


def emulated(
    environ: Mapping[str, str],
    set_values: Mapping[str, str],
    account: Mapping[str, str],
    emulator_url: str,
) -> dict[str, str]:
    """Return the environment that `watch.py` gives the bot beside its emulator."""
    made_up = {
        "WP_ACCESS_TOKEN": account["access_token"],
        "WP_PHONE_ID": account["phone_number_id"],
        "WP_BID": account["business_account_id"],
        "WEBHOOK_VERIFY_TOKEN": account["verify_token"],
        "WHATSAPP_APP_SECRET": UNPUBLISHED_SECRET,
    }
    if "AIRTABLE_API_KEY" not in set_values:
        made_up |= {**EMULATED_AIRTABLE, "AIRTABLE_API_URL": f"{emulator_url}/airtable-api"}
    port = urlsplit(account["callback_url"]).port
    return {
        "ENVIRONMENT": "development",
        **environ,
        **{name: set_values.get(name, value) for name, value in made_up.items()},
        "GRAPH_API_URL": emulator_url,
        "PORT": str(port),
    }


def _read(
    environ: Mapping[str, str],
    env_file: Path,
    http: httpx.AsyncClient,
    *,
    emulator: str | None = None,
    has_account: bool = True,
    is_port_fixed: bool = True,
) -> Installation:
    settings, problems = None, tuple[str, ...]()
    try:
        settings = load_settings(environ, env_file, settings_models())
    except SettingsError as error:
        problems = tuple(error.problems)
    return Installation(
        settings,
        problems,
        settings.database_url if settings else _database_url(environ, env_file),
        environ,
        env_file,
        http,
        emulator,
        has_account,
        is_port_fixed,
    )


async def _ask_account(http: httpx.AsyncClient, url: str) -> Mapping[str, str] | None:
    """None when nothing answers: the file of a killed emulator stays behind."""
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
