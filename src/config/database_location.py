"""Where the database is: the one setting that commands need which have no account at Meta."""

from typing import Any, ClassVar

from pydantic import Field

from config.values import DatabaseUrl
from utils.setting_types import SettingsModel

#: Section of the config file for the settings of the core.
CORE_SECTION = "bot"

DATABASE_URL: Any = Field(
    "sqlite:///bot.db",
    description="The database: an SQLite file, or postgresql://user:password@host/name.",
    repr=False,  # may hold a password
)


class DatabaseLocation(SettingsModel):
    """Where the database is: all that some commands need."""

    section: ClassVar[str] = CORE_SECTION

    database_url: DatabaseUrl = DATABASE_URL
