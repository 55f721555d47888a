"""Runs the bot for development: again whenever its code changes, and beside it the emulator.

However this program ends, what it started ends too (see `app.development.exit_with_parent`).
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from app.composition.features import FeatureError, find_features
from app.development.banner import welcome
from app.development.last_words import read_error
from app.development.plan import SOURCE, Plan, make_plan
from app.development.ports import PortTaken
from app.development.programs import Program, RunningProgram
from app.development.status_reporter import StatusReporter
from config.env import DEFAULT_FILE, SettingsError
from utils.private_files import make_private_folder

#: tells other terminals where the emulator is
EMULATOR_FILE = Path(".local/emulator.json")
#: held by whoever runs the emulator of this folder; the system takes it from who dies
EMULATOR_LOCK = Path(".local/emulator.lock")
#: a bot that is killed loses nothing: its work is in the database
RELOAD_PATIENCE = timedelta(milliseconds=500)
STOP_PATIENCE = timedelta(seconds=5)

Say = Callable[[str], None]


class AlreadyRunning(Exception):
    """This folder has an emulator already: two would share its files, and its commands."""

    def __init__(self, url: str | None) -> None:
        address = url or "an address yet to be told"
        super().__init__(
            f"The bot of this folder is already running, with its emulator at {address}. Use that "
            "one, or stop it first (Ctrl-C in its terminal)."
        )


def main(
    *,
    with_assistant: bool = False,
    is_real: bool = False,
    trial_settings: Mapping[str, str] | None = None,
) -> int:
    """Run the bot for development, with these settings in place of those of its environment."""
    try:
        find_features()
        environ = {**os.environ, **(trial_settings or {})}
        plan = make_plan(environ, DEFAULT_FILE, with_assistant=with_assistant, is_real=is_real)
        return asyncio.run(run_until_told(plan))
    except (FeatureError, SettingsError, PortTaken, AlreadyRunning) as error:
        is_own_port = isinstance(error, PortTaken) and runs_already()
        print(AlreadyRunning(emulator_url()) if is_own_port else error, file=sys.stderr)
        return 2


async def run_until_told(plan: Plan) -> int:
    """Raises AlreadyRunning where the folder's emulator runs."""
    with _told_to_others(plan.emulator):
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))
        return await supervise(plan, source_changes(SOURCE), stopped, say=_say)


async def supervise(
    plan: Plan, changes: AsyncIterator[str], stopped: asyncio.Event, *, say: Say
) -> int:
    """Run until `stopped`, or until the emulator ends by itself; returns the exit code."""
    async with AsyncExitStack() as stack:
        emulator = None
        if plan.emulator is not None:
            running = _running(plan.emulator, patience=STOP_PATIENCE)
            emulator = await stack.enter_async_context(running)
        bot = asyncio.create_task(_keep_running(plan, emulator, changes, say=say))
        ends: list[asyncio.Task[object]] = [bot, asyncio.create_task(stopped.wait())]
        if emulator is not None:
            ends.append(asyncio.create_task(emulator.ended()))
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in ends:
            task.cancel()
        await asyncio.wait(ends)
    if not bot.cancelled():
        bot.result()  # it never returns: this raises what went wrong
    if not stopped.is_set():
        say("The emulator stopped by itself, so everything stops.")
    return 0 if stopped.is_set() else 1


@asynccontextmanager
async def _running(program: Program, *, patience: timedelta) -> AsyncIterator[RunningProgram]:
    running = await program.start()
    try:
        yield running
    finally:
        await running.stop(patience=patience)


async def _keep_running(
    plan: Plan, emulator: RunningProgram | None, changes: AsyncIterator[str], *, say: Say
) -> None:
    """Start the bot, and start it again after each change, and when somebody killed it."""
    reasons: asyncio.Queue[str] = asyncio.Queue()
    status = StatusReporter(plan.emulator, emulator)
    async with asyncio.TaskGroup() as group:
        group.create_task(_pass_on(changes, reasons))
        greeting = welcome(plan)
        while True:
            async with _running(plan.bot, patience=RELOAD_PATIENCE) as bot:
                _pass_restarts_on(bot)
                report = _report(bot, status, greeting, reasons, say=say)
                reporting = group.create_task(report)
                reason = await reasons.get()
                say(f"{reason}: the bot starts again.")
                reporting.cancel()
            greeting = "Ready."


def _pass_restarts_on(bot: RunningProgram) -> None:
    """Have SIGUSR1 restart the bot: see `app.reload.restart`."""
    if hasattr(signal, "SIGUSR1"):
        signal.signal(signal.SIGUSR1, lambda number, _: bot.signal(number))


async def _pass_on(changes: AsyncIterator[str], reasons: "asyncio.Queue[str]") -> None:
    async for change in changes:
        reasons.put_nowait(f"{change} changed")


async def _report(
    bot: RunningProgram,
    status: StatusReporter,
    greeting: str,
    reasons: "asyncio.Queue[str]",
    *,
    say: Say,
) -> None:
    """Greet once all answer; see to it when the bot ends without being asked to."""
    _, *ready = await asyncio.gather(status.tell("starting"), bot.ready(), status.ready())
    if were_ready := all(ready):
        say(greeting)
        await status.tell("running", error=None)
    code = await bot.ended()
    if were_ready and code < 0:  # by a signal: nothing is wrong with its code
        reasons.put_nowait("It was killed")
        return
    error = read_error(await bot.last_words())
    say(f"The bot stopped by itself (exit code {code}). A change under src starts it again.")
    await status.tell("stopped", error=error)


async def source_changes(folder: Path) -> AsyncGenerator[str]:
    """Names of the program's files that were saved, all of one moment at once."""
    from watchfiles import PythonFilter, awatch

    only_ours = PythonFilter(extra_extensions=(".toml", ".md"))
    async for changes in awatch(folder, watch_filter=only_ours, debounce=200):
        paths = {Path(path).relative_to(folder).as_posix() for _, path in changes}
        yield ", ".join(sorted(paths))


def runs_already() -> bool:
    """Return whether the bot of this folder runs with its emulator."""
    if not EMULATOR_LOCK.exists():
        return False
    try:
        with FileLock(EMULATOR_LOCK, timeout=0):
            return False
    except Timeout:
        return True


@contextmanager
def _told_to_others(emulator: Program | None) -> Iterator[None]:
    if emulator is None:
        yield
        return
    make_private_folder(EMULATOR_FILE.parent)
    try:
        held = FileLock(EMULATOR_LOCK).acquire(blocking=False)
    except Timeout:
        raise AlreadyRunning(emulator_url()) from None
    with held:
        EMULATOR_FILE.write_text(json.dumps({"url": emulator.url}))
        try:
            yield
        finally:
            EMULATOR_FILE.unlink(missing_ok=True)


def emulator_url(file: Path = EMULATOR_FILE) -> str | None:
    """Where the emulator of this folder is, or was when it was killed; None where there is none."""
    try:
        return str(json.loads(file.read_text())["url"])
    except (OSError, ValueError, LookupError):
        return None


def _say(text: str) -> None:
    print(text, flush=True)
