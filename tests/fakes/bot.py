"""The whole bot and the emulator in one process, with a clock that stands still."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from sqlalchemy import Connection
from tests.fakes.clock import ManualClock
from tests.fakes.database_templates import make_file

from app.composition.app_state import make_state
from app.composition.bot import build_bot
from app.composition.features import settings_models
from config.env import Settings, build_settings
from domain.inbound import Sender
from domain.user import User
from emulator.airtable.config import AirtableConfig
from emulator.airtable.testing import AirtableDouble
from emulator.cloud_api.app import create_emulator
from emulator.cloud_api.config import Config
from emulator.cloud_api.state.account import Account
from emulator.cloud_api.state.people import Person
from emulator.openai.state import KEY
from emulator.openai.testing import OpenAIDouble
from services.agent import Agent
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit
from storage.people.identities import Identities
from storage.tables.users import Users
from utils.metrics import Metrics

#: how the console of a town is kept
CONSOLE: dict[str, Any] = {
    "airtable_api_key": AirtableConfig().token,
    "airtable_base_id": AirtableConfig().base_id,
    "airtable_monthly_calls": 0,
    "airtable_poll_seconds": 1,
    "airtable_create_tables": True,
}
#: Key of the files that people send.
FILES_KEY = "dGVzdHMtZW5jcnlwdC1maWxlcy13aXRoLXRoaXMhISE="
ANA = "573001234567"
JOHN = "15551234567"


def make_settings(**changes: Any) -> Settings:
    """Settings of the emulator's account."""
    account = Config()
    values: dict[str, Any] = {
        "wp_access_token": account.access_token,
        "wp_phone_id": account.phone_number_id,
        "wp_bid": account.business_account_id,
        "webhook_verify_token": account.verify_token,
        "whatsapp_app_secret": account.app_secret,
        "graph_api_url": account.base_url,
        # as the first WhatsApp bots did; drafts that live for hours have tests of their own
        "reminder_seconds": 60,
        "flow_timeout_seconds": 120,
        # What is said is answered at once; tests of bursts move the clock.
        "burst_pause_seconds": 0,
        # The limit goes by the time of the event loop, which does not stand still.
        "messages_per_second": 1000,
    }
    known = {name for model in settings_models() for name in model.model_fields}
    kept = {"keep_files": "encrypted", "files_keys": FILES_KEY}
    values |= {name: value for name, value in kept.items() if name in known}
    return build_settings(settings_models(), **values | changes)


class BotHarness:
    """Several people, one bot. Nothing happens until somebody says something or time passes."""

    def __init__(
        self,
        folder: Path,
        agent: Agent | None = None,
        *,
        emulated: Config | None = None,
        airtable: AirtableDouble | None = None,
        openai: OpenAIDouble | None = None,
        shows_first_contact: bool = False,
        migrated_url: str = "",
        **settings: Any,
    ) -> None:
        """Make a town. Replies are told without what only the first message to somebody says,
        unless a test is about that."""
        self._shows_first_contact = shows_first_contact
        self.clock = ManualClock()
        self._folder = folder
        #: a database that has all tables; without one, a file of its own
        self._migrated_url = migrated_url
        self._agent = agent
        self._rounds = 2 if agent or openai else 1
        if airtable is not None:
            settings = CONSOLE | {"airtable_api_url": airtable.url} | settings
            airtable.clock = self.clock
        if openai is not None:
            settings = {"openai_api_key": KEY, "openai_base_url": openai.url} | settings
        self.settings = make_settings(**settings)
        self._emulator = create_emulator(
            emulated or Config(), poster=self._post, clock=lambda: self.clock.now
        )
        self.account: Account = self._emulator.state.account
        #: the way to Meta; a test may put a worse one in its place before `restart`
        self.meta: httpx.AsyncBaseTransport = httpx.ASGITransport(self._emulator)
        #: how the bot waits for a while; a test that measures a pace moves the clock here
        self.sleep: Callable[[float], Awaitable[None]] = _at_once
        #: to other servers, by their host and port
        self.others: dict[str, httpx.AsyncBaseTransport] = {}
        if openai is not None:
            self.others[urlsplit(openai.url).netloc] = httpx.AsyncHTTPTransport()
        self._seen: dict[str, int] = {}

    async def start(self) -> None:
        """Start the bot's process; also again, after `crash`."""
        engine = open_engine(self._migrated_url or self._file())

        def read_clock(_connection: Connection) -> float:
            return self.clock.now

        self.database = GroupCommit(engine, read_clock)
        self._http = httpx.AsyncClient(transport=RoutingTransport(self.others, self.meta))
        self.bot = build_bot(
            self.settings,
            self.database,
            self._http,
            Metrics(),
            clock=self.clock,
            sleep=self.sleep,
            agent=self._agent,
        )
        self.bot.parts.whatsapp.use(self.bot.parts.whatsapp)
        #: the workers by their names, in the order in which they stop
        self.workers = self.bot.make_workers()
        await self.bot.parts.queue.enqueue(self.bot.first_jobs())
        self.state = make_state(self.bot, keep_health=timedelta(0))

    def _file(self) -> str:
        file = self._folder / "bot.db"
        if not file.exists():
            make_file(file)
        return f"sqlite:///{file}"

    async def stop(self) -> None:
        await self._http.aclose()
        await self.database.close()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def say(self, text: str, who: str = ANA) -> list[str]:
        """Somebody types; returns what the bot replied."""
        return await self.send({"type": "text", "text": {"body": text}}, who)

    async def tap(self, option: str, who: str = ANA) -> list[str]:
        """Somebody taps a button or a row, by the end of its id."""
        choice = next(one for one in reversed(self.choices(who)) if one["id"].endswith(option))
        return await self.tap_id(choice["id"], who)

    async def tap_id(self, choice_id: str, who: str = ANA) -> list[str]:
        reply = {"type": "button_reply", "button_reply": {"id": choice_id, "title": "…"}}
        return await self.send({"type": "interactive", "interactive": reply}, who)

    async def send(self, content: dict[str, Any], who: str = ANA) -> list[str]:
        """Somebody sends a message of any type."""
        self._mark_seen(who)
        self.account.say(self.person(who), content)
        await self.settle()
        return self.replies(who)

    async def wait(self, seconds: float, who: str = ANA) -> list[str]:
        """Time passes; returns what the bot said meanwhile."""
        self._mark_seen(who)
        self.clock.advance(timedelta(seconds=seconds))
        await self.settle()
        return self.replies(who)

    async def settle(self) -> None:
        """Let everything happen that is due."""
        await self.account.webhooks.idle()
        # What was asked of the assistant comes back, and so do calls of a flow.
        for _ in range(3 if "calls" in self.workers else self._rounds):
            for worker in self.workers.values():
                await worker.run_until_idle()
        await self.account.webhooks.idle()

    def person(self, who: str) -> Person:
        found: Person = self.account.people.get(who)
        return found

    async def user(self, who: str = ANA) -> User:
        person = self.person(who)
        [key] = await Identities(self.database).resolve([sender_of(person)])
        return await Users(self.database).get(key)

    def entries(self, who: str = ANA) -> list[dict[str, Any]]:
        """What the bot sent since the last time that somebody did something."""
        return [
            entry
            for entry in self.person(who).since(self._seen.get(who, 0))
            if entry["from"] == "bot"
        ]

    def replies(self, who: str = ANA) -> list[str]:
        """The texts of what the bot sent; other types by their name."""
        said = [_text(entry) for entry in self.entries(who) if entry["type"] not in MARKS]
        if self._shows_first_contact:
            return said
        return [self._without_first_contact(text) for text in said]

    def choices(self, who: str = ANA) -> Sequence[dict[str, Any]]:
        return [choice for entry in self.person(who).entries for choice in _choices(entry)]

    def _without_first_contact(self, text: str) -> str:
        texts = self.bot.parts.context.texts
        for language in texts.languages:
            words, found, _ = text.partition(f"\n\n{texts.say(language, 'first_contact.bot')}")
            if not found:
                continue
            greeting = str(texts.find(language, "first_contact.by_name"))
            start, _, end = greeting.partition("{first_name}")
            is_by_name = words.startswith(start) and words.endswith(end)
            return texts.say(language, "main_menu.ask") if is_by_name else words
        return text

    def _mark_seen(self, who: str) -> None:
        self._seen[who] = self.person(who).count

    async def _post(self, body: bytes, headers: dict[str, str]) -> int:
        await self.state.webhooks.receive(body, headers["X-Hub-Signature-256"])
        return 200


class RoutingTransport(httpx.AsyncBaseTransport):
    """Leads to other servers by their host and port."""

    def __init__(
        self, ways: dict[str, httpx.AsyncBaseTransport], others: httpx.AsyncBaseTransport
    ) -> None:
        self._ways = ways
        self._others = others

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        way = self._ways.get(request.url.netloc.decode(), self._others)
        return await way.handle_async_request(request)

    async def aclose(self) -> None:
        for way in (*self._ways.values(), self._others):
            await way.aclose()


MARKS = ("read", "typing", "refused")


async def _at_once(_seconds: float) -> None:
    """Does not wait: the clock of a town stands still."""


def sender_of(person: Person) -> Sender:
    return Sender(user_id=person.user_id, wa_id=None if person.hides_phone else person.wa_id)


def _text(entry: dict[str, Any]) -> str:
    if entry["type"] == "text":
        return str(entry["text"]["body"])
    if entry["type"] == "interactive":
        return str(entry["interactive"]["body"]["text"])
    return f"[{entry['type']}]"


def _choices(entry: dict[str, Any]) -> list[dict[str, Any]]:
    if entry["from"] != "bot" or entry["type"] != "interactive":
        return []
    action = entry["interactive"]["action"]
    buttons = [button["reply"] for button in action.get("buttons", [])]
    return buttons + [row for section in action.get("sections", []) for row in section["rows"]]
