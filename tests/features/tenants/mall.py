"""A process with the bots of several businesses, and the emulator of their numbers."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from sqlalchemy import make_url
from tests.fakes.bot import ANA, BotHarness
from tests.fakes.database_templates import make_file

from app.composition.app_state import make_state
from app.composition.bot import Bot, build_bot
from app.composition.features import settings_models
from config.env import Settings, SettingsError, load_settings
from emulator.cloud_api.config import Config
from emulator.cloud_api.state.webhooks import sign
from features.tenants import directory
from features.tenants.feature import Tenants
from features.tenants.tables import StoredApp, StoredNumber, StoredSetting, StoredTenant
from features.tenants.vault import Place, Vault
from services.host import BotError
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.migrate import upgrade
from utils.key_ring import new_key
from utils.metrics import Metrics

BAKERY, BAKERY_ORDERS, FLORIST = "100000000000002", "100000000000003", "100000000000004"
FLORIST_SECRET = "florist-app-secret"
#: Of the bakery's first number and of the florist's: no other token opens them.
TOKENS = {BAKERY: "bakery-token", FLORIST: "florist-token"}
ACCOUNT = Config(
    more_numbers={BAKERY: "15550000002", BAKERY_ORDERS: "15550000003", FLORIST: "15550000004"},
    number_tokens=TOKENS,
)
KEY = new_key()
VAULT = Vault([SecretStr(KEY)])


class Mall(BotHarness):
    """The bot of the settings, and a host that runs further ones beside it."""

    def __init__(self, folder: Path, *, emulated: Config = ACCOUNT, **settings: Any) -> None:
        own = replace(emulated)  # tests change it
        super().__init__(folder, emulated=own, secrets_keys=KEY, **settings)
        #: The bots of businesses that run, and what HTTP requests find.
        self.bots: dict[str, Bot] = {}
        self.workers_of: dict[str, Any] = {}

    async def start(self) -> None:
        await super().start()
        self.workers_of[""] = self.workers
        await self.refresh()

    async def stop(self) -> None:
        if (bots := self.tenants.bots) is not None:
            await bots.stop()
        await super().stop()

    @property
    def http(self) -> httpx.AsyncClient:
        """The way of all bots to Meta."""
        return self._http

    @property
    def tenants(self) -> Tenants:
        return self.bot.parts.feature(Tenants)

    async def change(self, *writes: Any) -> None:
        """Store rows, and have the process know them."""
        now = self.clock()
        puts: dict[type, Any] = {
            StoredNumber: lambda c, one: directory.put_number(c, one, now),
            StoredTenant: lambda c, one: directory.put_tenant(c, one, now),
            StoredApp: lambda c, one: directory.put_app(c, one, now),
            StoredSetting: directory.put_setting,
        }

        def put_all(connection: Any, _: float) -> None:
            for one in writes:
                puts[type(one)](connection, one)

        await self.database.submit(Transaction(put_all))
        await self.refresh()

    async def refresh(self) -> None:
        """What the process does every two seconds."""
        await self.tenants.refresh(MallHost(self))
        if (bots := self.tenants.bots) is not None:
            await bots.settled()

    async def settle(self) -> None:
        """Let everything happen that is due, in all bots."""
        await self.account.webhooks.idle()
        for _ in range(3):
            for workers in list(self.workers_of.values()):
                for worker in workers.values():
                    await worker.run_until_idle()
        await self.account.webhooks.idle()

    async def write(self, text: str, to: str, who: str = ANA) -> list[dict[str, Any]]:
        """Somebody writes to a number; returns what was sent to them, by whichever number."""
        self._mark_seen(who)
        self.account.say(self.person(who), {"type": "text", "text": {"body": text}}, to=to)
        await self.settle()
        return [one for one in self.entries(who) if one["type"] not in ("read", "typing")]

    async def post(self, body: Any, *, app: str = "", secret: str = ACCOUNT.app_secret) -> str:
        """Meta calls the callback URL of an app."""
        raw = json.dumps(body).encode()
        controllers = {"": self.state.webhooks, **self.tenants.controllers}
        signature = sign(raw, secret)["X-Hub-Signature-256"]
        kind: str = await controllers[app].receive(raw, signature)
        await self.settle()
        return kind

    def rows(self, table: str, tenant: str = "") -> list[tuple[Any, ...]]:
        """All rows of a table in the database of a business."""
        database = self.bots[tenant].parts.database if tenant else self.database
        engine = open_engine(str(database.url))
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}")]
        engine.dispose()
        return found


class MallHost:
    """The host that features find: bots without tasks, which `Mall.settle` drives."""

    def __init__(self, mall: Mall) -> None:
        self._mall = mall

    @property
    def state(self) -> Mapping[str, Any]:
        return self._mall.state.by_name()

    @property
    def given(self) -> Mapping[str, str]:
        return {
            "WP_ACCESS_TOKEN": ACCOUNT.access_token,
            "WHATSAPP_APP_SECRET": ACCOUNT.app_secret,
            "WEBHOOK_VERIFY_TOKEN": ACCOUNT.verify_token,
            "WP_BID": ACCOUNT.business_account_id,
            "GRAPH_API_URL": ACCOUNT.base_url,
            "MESSAGES_PER_SECOND": "1000",
            "AIRTABLE_API_KEY": "patOfTheFirst.0123456789abcdef",
            "PHONE_ALLOWLIST": ANA,
        }

    @asynccontextmanager
    async def run_bot(
        self, name: str, given: Mapping[str, str]
    ) -> AsyncIterator[Mapping[str, Any]]:
        mall = self._mall
        settings = _settings_of(given)
        _make_tables(settings.database_url)
        database = GroupCommit(open_engine(settings.database_url), lambda _: mall.clock.now)
        try:
            bot = build_bot(
                settings,
                database,
                mall.http,
                Metrics(),
                clock=mall.clock,
                sleep=mall.sleep,
            )
            mall.workers_of[name] = bot.make_workers()
            await bot.parts.queue.enqueue(bot.first_jobs())
            mall.bots[name] = bot
            yield make_state(bot).by_name()
        finally:
            mall.bots.pop(name, None)
            mall.workers_of.pop(name, None)
            await database.close()


def _settings_of(given: Mapping[str, str]) -> Settings:
    try:
        return load_settings(given, Path(os.devnull), settings_models())
    except SettingsError as error:
        raise BotError(str(error)) from error


def _make_tables(database_url: str) -> None:
    url = make_url(database_url)
    file = Path(str(url.database))
    if url.get_backend_name() == "sqlite":
        if not file.exists():
            make_file(file)
        return
    engine = open_engine(database_url)
    try:
        upgrade(engine)
    finally:
        engine.dispose()


def number(id_: str, tenant: str, app: str = "", **more: Any) -> StoredNumber:
    """A number with the token that the emulator knows, sealed."""
    token = TOKENS.get(id_)
    sealed = VAULT.seal(token, Place(tenant, id_, "token")) if token else None
    return StoredNumber(id_, tenant, app, token=sealed, **more)


def setting(tenant: str, name: str, value: str) -> StoredSetting:
    return StoredSetting(tenant, name, VAULT.seal(value, Place(tenant, name, "setting")))


def app(id_: str, secret: str, former: str | None = None) -> StoredApp:
    def seal(value: str, field: str) -> str:
        return VAULT.seal(value, Place("", id_, field))

    old = None if former is None else seal(former, "former secret")
    return StoredApp(id_, seal(secret, "secret"), seal("florist-verify", "verify token"), old)


def change_of(number_id: str, wamid: str, who: str = ANA, text: str = "hello") -> dict[str, Any]:
    """The change of a webhook that brings a message to a number."""
    message = {"id": wamid, "from": who, "timestamp": "1800000000", "type": "text"}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"phone_number_id": number_id},
        "messages": [{**message, "text": {"body": text}}],
    }
    return {"field": "messages", "value": value}


def body_of(*changes: dict[str, Any], account: str = "1") -> dict[str, Any]:
    entry = {"id": account, "time": 1800000000, "changes": list(changes)}
    return {"object": "whatsapp_business_account", "entry": [entry]}


async def client_of(mall: Mall) -> httpx.AsyncClient:
    """A client of the whole HTTP application, in front of all bots."""
    from app.main import create_app

    application = create_app(mall.settings)

    async def with_state(scope: Any, receive: Any, send: Any) -> None:
        await application({**scope, "state": dict(mall.state.by_name())}, receive, send)

    await asyncio.sleep(0)
    return httpx.AsyncClient(transport=httpx.ASGITransport(with_state), base_url="http://127.0.0.1")
