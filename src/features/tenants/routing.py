"""Which bot a webhook is for: the number decides, and only the app of the number may bring it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from controllers.intake import Intake, number_of
from controllers.webhook_store import WebhookStore
from jobs.job_queue import Overloaded
from schemas.webhook_schema import Change, Entry, WebhookMessage

#: Stores a webhook, and returns what it held.
Store = Callable[[WebhookMessage], Awaitable[Intake]]
#: Returns what stores the webhooks of a business; None while its bot does not run.
StoreOf = Callable[[str], Store | None]


class Owner(NamedTuple):
    """Whom a number belongs to."""

    tenant: str
    app: str
    #: Business account at Meta; empty if unknown.
    account_id: str = ""
    is_disabled: bool = False


class SplitStore(WebhookStore):
    """Stores what an app brings: each bot gets its part."""

    def __init__(
        self,
        first: WebhookStore,
        app: str,
        store_of: StoreOf,
        first_account: str,
        owners: Mapping[str, Owner],
    ) -> None:
        self.first, self.numbers = first, first.numbers
        self._app = app
        self._store_of = store_of
        #: Business account of the settings; empty if unknown.
        self._first_account = first_account
        #: By the id of the number; that of the settings is not among them.
        self._owners = owners

    def ensure_capacity(self) -> None:
        """Raise Overloaded if the database of the first bot is too far behind."""
        self.first.ensure_capacity()

    async def store(self, webhook: WebhookMessage | Any) -> Intake:
        """Have each bot commit its part. Return what the whole held.

        Raise Overloaded while a bot does not run: Meta sends it again.
        """
        if not isinstance(webhook, WebhookMessage) or (not self._app and not self._owners):
            return await self.first.store(webhook)
        whole = Intake()
        for store, part in self._split(webhook):
            held = await store(part)
            whole.messages += held.messages
            whole.statuses += held.statuses
        return whole

    def _split(self, webhook: WebhookMessage) -> Sequence[tuple[Store, WebhookMessage]]:
        parts: dict[Store, dict[str | None, Entry]] = {}
        for entry in webhook.entry:
            for change in entry.changes:
                for store in self._stores(change, entry):
                    _add(parts.setdefault(store, {}), entry, change)
        if not parts:
            return ((self.first.keep if self._app else self.first.store, webhook),)
        return [
            (store, webhook.model_copy(update={"entry": list(entries.values())}))
            for store, entries in parts.items()
        ]

    def _stores(self, change: Change, entry: Entry) -> list[Store]:
        number = number_of(change)
        if number == "-":
            return self._of_account(entry.id or "")
        owner = self._owners.get(number)
        if owner is None:
            return [self.first.keep if self._app else self.first.store]
        return [self._store(owner) if owner.app == self._app else self.first.keep]

    def _of_account(self, account_id: str) -> list[Store]:
        """What concerns a whole account is for each business with a number of it."""
        owners = [one for one in self._owners.values() if one.app == self._app]
        concerned = [self._store(one) for one in owners if one.account_id == account_id]
        if not self._app and (account_id == self._first_account or not concerned):
            concerned.insert(0, self.first.store)
        return list(dict.fromkeys(concerned)) or [self.first.keep]

    def _store(self, owner: Owner) -> Store:
        if owner.is_disabled:
            return _ignore
        if owner.tenant == "":
            return self.first.store
        store = self._store_of(owner.tenant)
        if store is None:
            raise Overloaded
        return store


async def _ignore(webhook: WebhookMessage) -> Intake:
    """Nothing is kept for a business that is disabled."""
    return Intake()


def _add(entries: dict[str | None, Entry], entry: Entry, change: Change) -> None:
    """Add a change to the copy of its entry."""
    key = f"{entry.id}:{entry.time}"
    known = entries.get(key)
    if known is None:
        entries[key] = entry.model_copy(update={"changes": [change]})
    else:
        known.changes.append(change)
