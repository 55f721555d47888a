"""What each business runs with: its settings, numbers and apps, with their secrets decrypted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import SecretStr
from sqlalchemy import URL

from features.tenants.directory import Directory
from features.tenants.settings import ACCOUNTS, SHARED, TOKENS, VERIFY_TOKENS
from features.tenants.tables import StoredApp, StoredNumber, StoredSetting
from features.tenants.vault import Place, Vault, VaultError
from services.sending.numbers import Number

#: Settings whose change needs no restart of the bot of a business: they are looked up when used.
LIVE = frozenset({"WP_ACCESS_TOKEN", "WHATSAPP_APP_SECRET", "WEBHOOK_VERIFY_TOKEN"})
#: Settings that follow from the tables.
DERIVED = LIVE | {"WP_PHONE_ID", "WP_BID", "DATABASE_URL"}


@dataclass(frozen=True, slots=True)
class AppAccess:
    """How an app of Meta proves that webhooks are its own."""

    verify_token: SecretStr
    #: App secrets, newest first, of which one has signed; None: signatures go unchecked.
    secrets: tuple[SecretStr, ...] | None


@dataclass(frozen=True, slots=True)
class TenantView:
    """A business: what its bot runs with."""

    id: str
    #: Its settings, by the names of .env.
    given: Mapping[str, str]
    numbers: tuple[Number, ...]

    @property
    def needs_restart_for(self) -> Mapping[str, str]:
        """The settings that a running bot does not look up when it uses them."""
        return {name: value for name, value in self.given.items() if name not in LIVE}


@dataclass(frozen=True, slots=True)
class Views:
    """Reads the rows of a directory; `given` are the settings of the process."""

    directory: Directory
    vault: Vault
    given: Mapping[str, str]
    database_url: URL
    #: How the app of the settings proves itself.
    own: AppAccess

    def numbers_of(self, tenant: str) -> tuple[Number, ...]:
        """Return the numbers of a business. Raise VaultError."""
        of_tenant = (one for one in self.directory.numbers if one.tenant == tenant)
        return tuple(self._number(one) for one in of_tenant)

    def tenant(self, id_: str) -> TenantView:
        """Return what the bot of a business runs with. Raise VaultError, also without a number."""
        stored = [one for one in self.directory.numbers if one.tenant == id_]
        if not stored:
            raise VaultError(f"it has no number: `python3 watch.py numbers add ID --tenant {id_}`")
        first, own = stored[0], self.settings_of(id_)
        access = self.access(first.app)
        derived = {
            "WP_PHONE_ID": first.id,
            "WP_ACCESS_TOKEN": self._token_or_shared(first),
            "WP_BID": first.account_id or first_of(self.given, ACCOUNTS),
            "WEBHOOK_VERIFY_TOKEN": access.verify_token.get_secret_value(),
            "WHATSAPP_APP_SECRET": (access.secrets or (SecretStr(""),))[0].get_secret_value(),
            "ALLOW_UNSIGNED_WEBHOOKS": "true" if access.secrets is None else "false",
            "DATABASE_URL": database_of(self.database_url, id_),
        }
        shared = {name: value for name, value in self.given.items() if name in SHARED}
        return TenantView(id_, {**shared, **own, **derived}, self.numbers_of(id_))

    def settings_of(self, tenant: str) -> dict[str, str]:
        """Return the settings of a business that are its own. Raise VaultError."""
        found = (one for one in self.directory.settings if one.tenant == tenant)
        return {one.name: open_setting(self.vault, one) for one in found}

    def access(self, app: str) -> AppAccess:
        """Return how an app proves itself. Raise VaultError."""
        if app == "":
            return self.own
        for stored in self.directory.apps:
            if stored.id == app:
                return self._app(stored)
        raise VaultError(f"there is no app {app}: `python3 watch.py tenants app {app}`")

    def apps(self) -> Iterator[tuple[str, AppAccess | VaultError]]:
        """Yield each app of the table, or why it cannot be used."""
        for stored in self.directory.apps:
            try:
                yield stored.id, self._app(stored)
            except VaultError as error:
                yield stored.id, error

    def _app(self, stored: StoredApp) -> AppAccess:
        secrets = [("secret", stored.secret), ("former secret", stored.former_secret)]
        found = [
            self.vault.open(sealed, Place("", stored.id, field))
            for field, sealed in secrets
            if sealed is not None
        ]
        token = self.vault.open(stored.verify_token, Place("", stored.id, "verify token"))
        return AppAccess(token, tuple(found))

    def _number(self, stored: StoredNumber) -> Number:
        place = Place(stored.tenant, stored.id, "token")
        return Number(
            id=stored.id,
            token=self.vault.open(stored.token, place) if stored.token is not None else None,
            messages_per_second=stored.messages_per_second,
            display=stored.display,
        )

    def _token_or_shared(self, stored: StoredNumber) -> str:
        token = self._number(stored).token
        return token.get_secret_value() if token is not None else first_of(self.given, TOKENS)


def own_access(given: Mapping[str, str]) -> AppAccess:
    """Return how the app of the settings proves itself, for commands."""
    token = first_of(given, VERIFY_TOKENS)
    secret = given.get("WHATSAPP_APP_SECRET")
    return AppAccess(SecretStr(token or "unset"), (SecretStr(secret),) if secret else None)


def open_setting(vault: Vault, stored: StoredSetting) -> str:
    """Return the value of a setting. Raise VaultError."""
    return vault.open(
        stored.content, Place(stored.tenant, stored.name, "setting")
    ).get_secret_value()


def database_of(url: URL, tenant: str) -> str:
    """Return the URL of the database of a business: a file, or a schema, of its own."""
    if url.get_backend_name() == "sqlite":
        stem, dot, ending = str(url.database).rpartition(".")
        own = url.set(database=f"{stem}.{tenant}{dot}{ending}" if stem else f"{ending}.{tenant}")
    else:
        own = url.update_query_dict({"options": f"-csearch_path={schema_of(tenant)}"})
    return own.render_as_string(hide_password=False)


def schema_of(tenant: str) -> str:
    """Return the name of the schema of a business in PostgreSQL."""
    return f"tenant_{tenant.replace('-', '_')}"


def first_of(given: Mapping[str, str], names: tuple[str, ...]) -> str:
    """Return the first of these settings that is given; empty if none is."""
    return next((given[name] for name in names if given.get(name)), "")
