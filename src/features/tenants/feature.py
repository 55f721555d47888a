"""More phone numbers, and more businesses, in one process."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from loguru import logger

from controllers.webhook_controller import WebhookController
from features.tenants.bots import TenantBots
from features.tenants.directory import Directory, read_directory
from features.tenants.file_tenants import FileTenants
from features.tenants.routing import Owner, SplitStore
from features.tenants.settings import TenantSettings
from features.tenants.vault import Vault, VaultError
from features.tenants.views import AppAccess, TenantView, Views, own_access
from services.feature import Feature, Parts
from services.host import Host
from services.sending.numbers import Number
from storage.engine.group_commit import Transaction
from utils.background import running_beside

if TYPE_CHECKING:
    from fastapi import APIRouter

#: Time until a running process knows what a command has changed.
REFRESH_EVERY = timedelta(seconds=2)


class Tenants(Feature):
    """The bot answers from the numbers of its table, and runs the bots of other businesses."""

    name = "tenants"
    summary = "more phone numbers, and more businesses, in one process"
    page = "docs/tenants.md"

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        settings: TenantSettings = parts.settings_of(TenantSettings)
        self._vault = Vault(settings.secrets_keys)
        self._of_file = settings.tenants
        self._known: Directory | None = None
        #: The bots of other businesses; None where they are not run: in the bot of a business.
        self.bots: TenantBots | None = None
        #: What receives the webhooks of further apps, by their ids.
        self.controllers: Mapping[str, WebhookController] = {}
        #: What cannot be used, and why.
        self._problems: dict[str, str] = {}

    @classmethod
    def routers(cls) -> "Sequence[APIRouter]":
        from features.tenants.routes import router

        return (router,)

    def request_state(self) -> Mapping[str, object]:
        return {"tenants": self}

    @asynccontextmanager
    async def hosting(self, host: Host) -> AsyncIterator[None]:
        self.bots = TenantBots(host)
        await self.refresh(host)
        try:
            async with running_beside(self._keep_fresh(host)):
                yield
        finally:
            await self.bots.stop()

    async def refresh(self, host: Host) -> None:
        """Do what the tables say now; nothing if they say what they said before."""
        directory = await self.parts.database.submit(Transaction(lambda c, _: read_directory(c)))
        if directory == self._known:
            return
        own, url = own_access(host.given), self.parts.database.url
        file = FileTenants(self._of_file, host.given, url, own)
        self._problems.clear()
        views = Views(directory, self._vault, host.given, url, own)
        self.parts.cloud_api.numbers.replace(self._own_numbers(views))
        bots = self.bots = self.bots or TenantBots(host)
        controller: WebhookController = host.state["webhooks"]
        first = controller.store.first if isinstance(controller.store, SplitStore) else None
        first = first or controller.store
        account = self.parts.business_account_id or ""
        owners = self._owners(directory) | file.owners()
        controller.store = SplitStore(first, "", bots.store_of, account, owners)
        self.controllers = {
            app: self._controller(SplitStore(first, app, bots.store_of, account, owners), access)
            for app, access in (*self._apps(views), *file.apps())
        }
        await bots.run_only((*self._enabled(views), *file.views()))
        self._known = directory

    async def health(self) -> Mapping[str, str]:
        problems = self._problems | dict(self.bots.problems() if self.bots else {})
        count = sum(1 for _ in self.parts.cloud_api.numbers)
        numbers = {"numbers": str(count)} if count > 1 else {}
        return numbers | {f"tenants: {name}": problem for name, problem in problems.items()}

    async def _keep_fresh(self, host: Host) -> None:
        while True:
            await asyncio.sleep(REFRESH_EVERY.total_seconds())
            try:
                await self.refresh(host)
            except Exception as error:  # noqa: BLE001 - say, the database is away
                logger.opt(exception=error).warning("numbers and businesses: not read; later then")

    def _controller(self, store: SplitStore, access: AppAccess) -> WebhookController:
        """Return what receives the webhooks of a further app."""
        newest, *former = [one.get_secret_value() for one in access.secrets or ()]
        return WebhookController(
            store,
            verify_token=access.verify_token.get_secret_value(),
            app_secret=newest,
            former_secret=former[0] if former else None,
            metrics=self.parts.metrics,
        )

    def _owners(self, directory: Directory) -> dict[str, Owner]:
        own_account = self.parts.business_account_id or ""
        disabled = {one.id for one in directory.tenants if one.is_disabled}
        return {
            one.id: Owner(
                one.tenant, one.app, one.account_id or own_account, one.tenant in disabled
            )
            for one in directory.numbers
        }

    def _own_numbers(self, views: Views) -> Sequence[Number]:
        try:
            return views.numbers_of("")
        except VaultError as error:
            self._note("numbers", error)
            return ()

    def _apps(self, views: Views) -> Iterator[tuple[str, AppAccess]]:
        for app, access in views.apps():
            if isinstance(access, VaultError):
                self._note(app, access)
            else:
                yield app, access

    def _enabled(self, views: Views) -> Iterator[TenantView]:
        for one in views.directory.tenants:
            if one.id in self._of_file:
                self._note(one.id, VaultError("the config file has it, too, and counts more"))
            elif not one.is_disabled:
                try:
                    yield views.tenant(one.id)
                except VaultError as error:
                    self._note(one.id, error)

    def _note(self, what: str, error: VaultError) -> None:
        self._problems[what] = str(error)
        logger.error("{}: {}", what, error)


FEATURE = Tenants
