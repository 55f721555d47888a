"""The steps of `watch.py connect`. Each asks for what it lacks, and can be repeated."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import httpx
from dotenv import set_key

from app.connect.meta_setup import FIELDS, NEEDED, MetaSetup, OwnNumber
from app.connect.terminal import Terminal, ask_for, choose, tell
from app.doctor.account import ACCOUNT_ID, APP_SECRET, judge_error, judge_token, tail
from app.doctor.callback import shake_hands
from domain.checks import Finding, Result, fail, ok, skip, warn
from services.clients.cloud_api.client import GRAPH_URL
from services.clients.cloud_api.errors import Rejected, WhatsAppError
from services.clients.cloud_api.token_facts import describe_token
from utils.masking import mask
from utils.private_files import make_private, restrict

TOKEN = "Access token (business.facebook.com > Settings > System users > Generate token)"
SECRET = "App secret (developers.facebook.com > your app > App settings > Basic)"
ACCOUNT = "WhatsApp Business Account ID (developers.facebook.com > your app > WhatsApp > API Setup)"
PIN = "PIN of the two-step verification: its six digits, or six new ones if the number has none"
TO = "Your own WhatsApp number with its country code, for a test message (Enter: none)"
NO_NUMBER = (
    "business.facebook.com > WhatsApp Manager > Phone numbers > Add phone number; or give the "
    "system user of the token access to the account."
)
#: How often the public address is tried, and the pause in between: a new name takes a while.
TRIES, PAUSE_SECONDS = 20, 1.5


class StepFailed(Exception):
    """A step has failed; its finding says what to do."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.said)


@dataclass(slots=True)
class AccountSetup:
    """What is known of the account so far; the settings that .env has already come first."""

    terminal: Terminal
    http: httpx.AsyncClient
    given: Mapping[str, str]
    env_file: Path
    app_id: str = ""
    found: dict[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """Return a setting: what was found, else what is given; "" without one."""
        return self.found.get(name) or self.given.get(name, "")

    @property
    def meta(self) -> MetaSetup:
        """The API, as far as it can be used."""
        return MetaSetup(
            self.http,
            token=self.value("WP_ACCESS_TOKEN"),
            phone_number_id=self.value("WP_PHONE_ID"),
            base_url=self.given.get("GRAPH_API_URL", GRAPH_URL),
        )

    async def token(self) -> Finding:
        """Ask for a token until Meta takes one."""
        self.found["WP_ACCESS_TOKEN"] = self.value("WP_ACCESS_TOKEN") or await self._ask_token()
        while True:
            try:
                facts = await describe_token(self.meta)
                finding = judge_token(facts, datetime.now(UTC))
            except Rejected as error:
                finding = judge_error(error)
            if finding.result is not Result.FAIL:
                self.app_id = facts.app_id
                return finding
            tell(self.terminal, replace(finding, name="token"))
            self.found["WP_ACCESS_TOKEN"] = await self._ask_token()

    async def secret(self) -> Finding:
        """Ask for the secret of the token's app until it is that."""
        secret = self.value("WHATSAPP_APP_SECRET")
        while True:
            secret = secret or await ask_for(self.terminal, SECRET, is_secret=True)
            if await self.meta.knows_secret(self.app_id, secret):
                self.found["WHATSAPP_APP_SECRET"] = secret
                return ok("belongs to the token's app")
            wrong = fail("belongs to another app than the token", APP_SECRET)
            tell(self.terminal, replace(wrong, name="app secret"))
            secret = ""

    async def account(self) -> Finding:
        """Choose among the business accounts of the token."""
        found = await self.meta.accounts()
        account = self.value("WP_BID")
        if not found:
            account = account or await ask_for(self.terminal, ACCOUNT)
        elif account not in found:
            account = found[await choose(self.terminal, "Business account", found)]
        self.found["WP_BID"] = account
        return ok(account)

    async def number(self) -> Finding:
        """Choose among the numbers of the account, and register one that is not yet."""
        try:
            numbers = await self.meta.numbers(self.value("WP_BID"))
        except Rejected as error:
            self.found.pop("WP_BID")
            said = f"WP_BID is not a business account of this token: {error}"
            raise StepFailed(fail(said, ACCOUNT_ID)) from error
        if not numbers:
            raise StepFailed(fail("the business account has no phone number", NO_NUMBER))
        known = [one for one in numbers if one.id == self.value("WP_PHONE_ID")]
        number = known[0] if known else numbers[await self._choose(numbers)]
        self.found["WP_PHONE_ID"] = number.id
        if not number.is_registered:
            await self.meta.register(await ask_for(self.terminal, PIN, is_secret=True))
        return ok(f"{tail(number.display)} ({number.name or 'no name yet'})")

    async def settings(self) -> Finding:
        """Write what was found into .env; what else is there stays."""
        self.found["WEBHOOK_VERIFY_TOKEN"] = self.value("WEBHOOK_VERIFY_TOKEN") or (
            secrets.token_urlsafe(24)
        )
        new = {name: value for name, value in self.found.items() if self.given.get(name) != value}
        make_private(self.env_file)
        for name, value in new.items():
            set_key(self.env_file, name, value, quote_mode="never")
        restrict(self.env_file)
        return ok(f"{self.env_file.name} has {', '.join(new)}" if new else "nothing is new")

    async def address(self, url: str) -> Finding:
        """Wait until the public address leads to the bot."""
        token, problem = self.value("WEBHOOK_VERIFY_TOKEN"), ""
        for _ in range(TRIES):
            try:
                status = await shake_hands(self.http, url, token)
            except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError) as error:
                problem = mask(str(error)) or type(error).__name__
            else:
                if status == 200:
                    return ok(f"{url} leads to the bot")
                problem = "it does not know WEBHOOK_VERIFY_TOKEN, or is another program"
            await asyncio.sleep(PAUSE_SECONDS)
        fix = "Start the bot again with the new .env, and check where the address leads."
        raise StepFailed(fail(f"{url} does not lead to the bot: {problem}", fix))

    async def webhooks(self, url: str) -> Finding:
        """Have Meta send webhooks to an address, of the fields that the bot reads."""
        meta, token = self.meta, self.value("WEBHOOK_VERIFY_TOKEN")
        app = {"app_id": self.app_id, "secret": self.value("WHATSAPP_APP_SECRET")}
        try:
            await meta.send_webhooks_to(url, token, FIELDS, **app)
        except Rejected as error:
            await meta.send_webhooks_to(url, token, NEEDED, **app)
            fix = f"Add by hand what you use: {', '.join(FIELDS)}."
            return warn(f"only messages are subscribed: {error}", fix)
        return ok(f"Meta sends {len(FIELDS)} fields to {url}")

    async def subscription(self) -> Finding:
        """Have the app get what concerns the account."""
        await self.meta.subscribe_to(self.value("WP_BID"))
        return ok("the app gets the account's webhooks")

    async def hello(self, to: str | None) -> Finding:
        """Send a test message, if somebody wants one."""
        wanted = await self.terminal.ask(TO) if to is None else to
        digits = "".join(filter(str.isdecimal, wanted))
        if not digits:
            return skip("no test message")
        try:
            await self.meta.send_hello(digits)
        except WhatsAppError as error:
            return warn(f"Meta does not take it: {error}", judge_error(error).fix)
        return ok("sent: look at your phone, and answer it")

    async def _ask_token(self) -> str:
        return await ask_for(self.terminal, TOKEN, is_secret=True)

    async def _choose(self, numbers: Sequence[OwnNumber]) -> int:
        shown = [f"+{one.display.lstrip('+')} {one.name}".strip() for one in numbers]
        return await choose(self.terminal, "Phone number", shown)
