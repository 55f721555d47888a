"""Settings of more numbers and businesses."""

import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from utils.file_settings import FileBot, FileProblem, FileSettings
from utils.key_ring import read_keys

#: Ids of businesses and of apps: they are parts of paths, of file names and of schemas.
ID = re.compile(r"[a-z][a-z0-9-]{0,39}")
#: Settings that a business shares with the process. It gets none that names people, accounts or
#: secrets, so that nothing of one business is used for another.
SHARED = frozenset(
    {
        "ENVIRONMENT",
        "ROLE",
        "SQLITE_SYNCHRONOUS",
        "LEASE_SECONDS",
        "RETENTION_DAYS",
        "DEAD_LETTER_DAYS",
        "GRAPH_API_URL",
        "API_VERSION",
        "WHATSAPP_API_VERSION",
        "AIRTABLE_API_URL",
        "METRICS_TOKEN",
        "DEFAULT_LANGUAGE",
        "CURRENCY",
        "TIMEZONE",
        "MESSAGES_PER_SECOND",
    }
)
#: Names of the token, the account and the app of the settings, best first: businesses of the same
#: account may use them.
TOKENS = ("WP_ACCESS_TOKEN", "WHATSAPP_ACCESS_TOKEN", "WHATSAPP_TOKEN", "WHATSAPP_API_KEY")
ACCOUNTS = ("WP_BID", "WHATSAPP_BUSINESS_ACCOUNT_ID")
VERIFY_TOKENS = ("WEBHOOK_VERIFY_TOKEN", "WHATSAPP_VERIFY_TOKEN")
OF_APP = frozenset(
    {*TOKENS, *ACCOUNTS, *VERIFY_TOKENS, "WHATSAPP_APP_SECRET", "ALLOW_UNSIGNED_WEBHOOKS"}
)
#: Settings that a business of the config file cannot have.
OF_PROCESS = frozenset({"DATABASE_URL", "HOST", "PORT", "ROLE", "LOG_LEVEL", "STEPS_URL"})


class TenantSettings(FileSettings):
    """How the secrets of more numbers and businesses are kept, and businesses of the file."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Tenants: more numbers and businesses in one process"
    )

    section: ClassVar[str] = "secrets"
    file_fields: ClassVar[Mapping[str, str]] = {"tenants": "tenants"}
    bots_field: ClassVar[str] = "tenants"
    bot_keys: ClassVar[Mapping[str, str]] = {
        "number": "WP_PHONE_ID",
        "token": "WP_ACCESS_TOKEN",
        "country": "NOTIFICATIONS_COUNTRY",
    }
    bots_share: ClassVar[frozenset[str]] = SHARED | OF_APP

    secrets_keys: Annotated[
        tuple[SecretStr, ...], BeforeValidator(partial(read_keys, command="secrets new-key"))
    ] = Field(
        (),
        description="Keys that encrypt stored tokens, newest first, separated by commas: "
        "`watch.py secrets new-key` prints one.",
    )
    tenants: dict[str, FileBot] = Field(
        {},
        description="Businesses by their ids, each with the sections of a config file, and number, "
        "token and country.",
    )

    def file_problems(self) -> Iterable[FileProblem]:
        """Return ids and settings that a business cannot have."""
        numbers: dict[str, str] = {}
        for id_, bot in self.tenants.items():
            if not ID.fullmatch(id_):
                text = "expected a letter, then letters, digits and dashes, in lower case"
                yield FileProblem(("tenants", id_), text)
            for name in sorted(OF_PROCESS.intersection(bot.values)):
                yield FileProblem(("tenants", id_), f"{name} is a setting of the process")
            number = bot.values.get("WP_PHONE_ID", "")
            if number in numbers:
                text = f"the same number as that of {numbers[number]}"
                yield FileProblem(("tenants", id_, "number"), text)
            numbers.setdefault(number, id_)


SETTINGS = TenantSettings
