"""Businesses of the config file: each has the sections of a file of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import SecretStr
from sqlalchemy import URL

from features.tenants.routing import Owner
from features.tenants.settings import ACCOUNTS, SHARED, TOKENS
from features.tenants.views import AppAccess, TenantView, database_of, first_of
from services.sending.numbers import Number
from utils.file_settings import PARTS_SETTING, FileBot


@dataclass(frozen=True, slots=True)
class FileTenants:
    """The businesses of the file; `given` are the settings of the process."""

    bots: Mapping[str, FileBot]
    given: Mapping[str, str]
    database_url: URL
    #: How the app of the settings proves itself.
    own: AppAccess

    def owners(self) -> dict[str, Owner]:
        """Return whom each number belongs to."""
        return {
            bot.values["WP_PHONE_ID"]: Owner(id_, self._app(id_), self._account(bot))
            for id_, bot in self.bots.items()
        }

    def apps(self) -> Iterator[tuple[str, AppAccess]]:
        """Yield the apps that businesses have of their own: their ids are those of the business."""
        for id_, bot in self.bots.items():
            if self._app(id_):
                yield id_, self._access(bot)

    def views(self) -> Iterator[TenantView]:
        """Yield what the bot of each business runs with."""
        for id_, bot in self.bots.items():
            access = self._access(bot) if self._app(id_) else self.own
            token = first_of(bot.values, TOKENS) or first_of(self.given, TOKENS)
            derived = {
                "WP_ACCESS_TOKEN": token,
                "WP_BID": self._account(bot),
                "WEBHOOK_VERIFY_TOKEN": access.verify_token.get_secret_value(),
                "WHATSAPP_APP_SECRET": (access.secrets or (SecretStr(""),))[0].get_secret_value(),
                "ALLOW_UNSIGNED_WEBHOOKS": "true" if access.secrets is None else "false",
                "DATABASE_URL": database_of(self.database_url, id_),
                PARTS_SETTING: FileBot(parts=bot.parts, file=bot.file).model_dump_json(),
            }
            shared = {name: value for name, value in self.given.items() if name in SHARED}
            number = Number(id=bot.values["WP_PHONE_ID"], token=SecretStr(token))
            yield TenantView(id_, {**shared, **bot.values, **derived}, (number,))

    def _app(self, id_: str) -> str:
        """Return the app of a business: that of the settings is empty."""
        return id_ if "WHATSAPP_APP_SECRET" in self.bots[id_].values else ""

    def _access(self, bot: FileBot) -> AppAccess:
        token = bot.values.get("WEBHOOK_VERIFY_TOKEN") or self.own.verify_token.get_secret_value()
        return AppAccess(SecretStr(token), (SecretStr(bot.values["WHATSAPP_APP_SECRET"]),))

    def _account(self, bot: FileBot) -> str:
        return first_of(bot.values, ACCOUNTS) or first_of(self.given, ACCOUNTS)
