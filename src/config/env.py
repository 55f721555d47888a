"""Reading the settings from the environment and .env."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from dotenv import dotenv_values
from pydantic import NonNegativeInt, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from config import names
from config.settings import ENVIRONMENT_NAMES, Settings
from config.values import DatabaseUrl, Url

__all__ = ["Settings", "SettingsError", "load_settings"]

DEFAULT_FILE = Path(".env")


class SettingsError(Exception):
    """The program cannot start with these settings; tells everything that is wrong with them."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n  - ".join(["These settings need mending:", *problems]))
        self.problems = problems


def load_settings(
    environ: Mapping[str, str] | None = None, env_file: Path = DEFAULT_FILE
) -> Settings:
    """Settings from the environment, then .env; in development placeholders count as not set."""
    in_file = read_env_file(env_file)
    given = {**in_file, **(os.environ if environ is None else environ)}
    if given.get("ENVIRONMENT") == "development":
        given = names.without_placeholders(given)
    gathered = names.gather(ENVIRONMENT_NAMES, given)
    problems = [*names.misspelt(ENVIRONMENT_NAMES, in_file), *gathered.problems]
    problems += [
        f"{name} still has the value of an example: put your own there."
        for name, value in gathered.values.items()
        if names.is_placeholder(value)
    ]
    fields = {name.lower(): value for name, value in gathered.values.items()}
    try:
        settings = Settings.model_validate(
            {**fields, "deprecated_names": gathered.deprecated_names}
        )
    except ValidationError as error:
        problems += map(_describe, error.errors(include_input=False, include_url=False))
    if problems:
        raise SettingsError(problems) from None
    return settings


def read_env_file(path: Path) -> dict[str, str]:
    values = dotenv_values(path, interpolate=False, encoding="utf-8-sig")
    return {name: value or "" for name, value in values.items()}


def _describe(error: ErrorDetails) -> str:
    field = str(error["loc"][0])
    name = field.upper()
    if error["type"] != "missing":
        return f"{name}: {error['msg']}."
    other = names.OTHER_NAMES.get(name, ())[:1]
    also = "".join(f" ({each} is required)" for each in other)
    return f"Missing required environment variable: {name}{also}. {_meaning(field)}"


def _meaning(field: str) -> str:
    return Settings.model_fields[field].description or ""


def load_database_url(
    environ: Mapping[str, str] | None = None, env_file: Path = DEFAULT_FILE
) -> str:
    """DATABASE_URL alone, for commands that need no account at Meta."""
    return str(_load_one("database_url", DatabaseUrl, environ, env_file))


class AirtableAccess(NamedTuple):
    """What commands for Airtable have to know."""

    token: str
    base_id: str | None
    url: str
    with_messages: bool
    #: what the workspace's plan allows; 0 is without limit
    monthly_calls: int


def load_airtable(
    environ: Mapping[str, str] | None = None, env_file: Path = DEFAULT_FILE
) -> AirtableAccess:
    """For commands that need no account at Meta."""
    given = {**read_env_file(env_file), **(os.environ if environ is None else environ)}
    token = given.get("AIRTABLE_API_KEY")
    if not token:
        raise SettingsError([f"AIRTABLE_API_KEY: {_meaning('airtable_api_key')}"])
    url = _load_one("airtable_api_url", Url, environ, env_file)
    with_messages = given.get("AIRTABLE_MESSAGES_DAYS", "0").strip() not in ("", "0")
    calls = _load_one("airtable_monthly_calls", NonNegativeInt, environ, env_file)
    base_id = given.get("AIRTABLE_BASE_ID") or None
    return AirtableAccess(token, base_id, url, with_messages, calls)


def _load_one(field: str, type_: Any, environ: Mapping[str, str] | None, env_file: Path) -> Any:
    name = field.upper()
    given = {**read_env_file(env_file), **(os.environ if environ is None else environ)}
    default = Settings.model_fields[field].default
    try:
        return TypeAdapter[Any](type_).validate_python(given.get(name) or default)
    except ValidationError as error:
        [problem] = error.errors(include_input=False, include_url=False)
        raise SettingsError([f"{name}: {problem['msg']}."]) from None
