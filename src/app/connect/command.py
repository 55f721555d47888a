"""The command `watch.py connect`."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from app.composition.features import settings_models
from app.connect.steps import AccountSetup, StepFailed
from app.connect.terminal import StandardTerminal, Terminal, ask_for, tell
from app.connect.tunnel import TunnelError, installed, open_tunnel
from app.development.given_settings import given_settings
from app.development.plan import LOOPBACK, make_plan
from app.development.ports import is_served_by_bot
from app.development.programs import RunningProgram
from app.doctor.account import judge_error
from app.doctor.command import run_doctor
from config.env import DEFAULT_FILE, Settings
from domain.checks import Finding, fail, ok
from services.clients.cloud_api.errors import WhatsAppError
from services.clients.http import make_http_client

ADDRESS = (
    "Public https address that leads to this computer, such as https://bot.example.com (no "
    "ngrok and no cloudflared is installed)"
)
WEBHOOK_PATH = "/webhook"
#: Time for the bot to end by itself.
STOP_PATIENCE = timedelta(seconds=12)
AGAIN = "The steps above are done. Fix this one, and run `python3 watch.py connect` again."
DONE = "Connected. Write to your number: the bot answers for as long as this runs (Ctrl-C ends it)."


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    #: Public address of the bot, if it has one.
    url: str | None = None
    #: Whom to send a test message: digits; "" for nobody; None asks.
    to: str | None = None
    #: Whether the bot runs elsewhere, at `url`.
    is_elsewhere: bool = False


def run(options: Options, terminal: Terminal | None = None) -> int:
    """Connect a number, step by step. Return 1 if a step fails."""
    try:
        return asyncio.run(_run(options, terminal or StandardTerminal(), DEFAULT_FILE))
    except KeyboardInterrupt:
        return 0


async def _run(options: Options, terminal: Terminal, env_file: Path) -> int:
    async with make_http_client() as http, AsyncExitStack() as stack:
        given = given_settings(os.environ, env_file, settings_models())
        connecting = AccountSetup(terminal, http, given, env_file)
        steps = Steps(connecting, terminal)
        for name, step in (
            ("token", connecting.token),
            ("app secret", connecting.secret),
            ("business account", connecting.account),
            ("phone number", connecting.number),
            ("settings", connecting.settings),
        ):
            if not await steps.take(name, step):
                return 1
        bot: RunningProgram | None = None
        url = options.url
        if not options.is_elsewhere:
            port, bot = await steps.start_bot(stack, env_file)
            url = url or await steps.open_address(stack, port)
        if url is None or not await _tell_meta(steps, url, options):
            return 1
        code = await asyncio.to_thread(run_doctor, is_live=True)
        if bot is not None and code == 0:
            terminal.say(DONE)
            await bot.ended()
        return code


async def _tell_meta(steps: "Steps", url: str, options: Options) -> bool:
    """Take the steps that need the bot at its address."""
    target = url.rstrip("/").removesuffix(WEBHOOK_PATH) + WEBHOOK_PATH
    one = steps.connecting
    return (
        await steps.take("address", lambda: one.address(target))
        and await steps.take("webhooks", lambda: one.webhooks(target))
        and await steps.take("subscription", one.subscription)
        and await steps.take("test message", lambda: one.hello(options.to))
    )


@dataclass(frozen=True, slots=True)
class Steps:
    """Takes steps, and tells what they came to."""

    connecting: AccountSetup
    terminal: Terminal

    async def take(self, name: str, step: Callable[[], Awaitable[Finding]]) -> bool:
        """Take a step; return whether it is done."""
        try:
            finding, is_done = await step(), True
        except StepFailed as failed:
            finding, is_done = failed.finding, False
        except WhatsAppError as error:
            finding, is_done = judge_error(error), False
        tell(self.terminal, replace(finding, name=name))
        if not is_done:
            self.terminal.say(AGAIN)
        return is_done

    async def start_bot(
        self, stack: AsyncExitStack, env_file: Path
    ) -> tuple[int, RunningProgram | None]:
        """Return the port of the bot, and the bot unless it runs already."""
        wanted = int(self.connecting.given.get("PORT", Settings.model_fields["port"].default))
        if await asyncio.to_thread(is_served_by_bot, LOOPBACK, wanted):
            tell(self.terminal, replace(ok(f"runs already at port {wanted}"), name="bot"))
            return wanted, None
        plan = make_plan(os.environ, env_file)
        bot = await stack.enter_async_context(_running(plan.bot.start))
        await bot.ready()
        tell(self.terminal, replace(ok(f"runs at {plan.bot.url}"), name="bot"))
        return int(plan.bot.url.rpartition(":")[2]), bot

    async def open_address(self, stack: AsyncExitStack, port: int) -> str | None:
        """Return a public address; None, and what to do, if the tunnel fails."""
        program = installed()
        if program is None:
            return await ask_for(self.terminal, ADDRESS)
        try:
            url = await stack.enter_async_context(open_tunnel(program, port))
        except TunnelError as error:
            fix = f"Run `{program}` by hand to see why, or give an address by --url."
            tell(self.terminal, replace(fail(str(error), fix), name="tunnel"))
            return None
        tell(self.terminal, replace(ok(f"{program} leads from {url} to the bot"), name="tunnel"))
        return url


@asynccontextmanager
async def _running(start: Callable[[], Awaitable[RunningProgram]]) -> AsyncIterator[RunningProgram]:
    running = await start()
    try:
        yield running
    finally:
        await running.stop(patience=STOP_PATIENCE)
