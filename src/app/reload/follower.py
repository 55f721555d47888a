"""Follows the config file: a new bot is built of it, and takes over from the one that runs."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from loguru import logger

from app.composition.app_state import AppState, make_state
from app.composition.bot import Bot
from app.composition.features import settings_models
from app.composition.host import hosting
from app.reload.changes import changed_names, with_kept
from app.reload.file_watch import FileWatch
from app.reload.phone_page import show_refusal
from app.reload.shared import Shared, sharing
from app.reload.status import ReloadStatus
from app.runtime.background import running_beside
from app.runtime.bootstrap import START_ERRORS, open_log
from config.env import Settings, SettingsError, load_settings
from utils.file_settings import FileSettings
from utils.logger import hide

#: Time that jobs of the former bot have to end: an answer of a model may take that long.
DRAIN = timedelta(seconds=100)
#: Time for which webhooks that the former app secret signed are accepted.
FORMER_SECRET = timedelta(minutes=10)
#: Pause before a file that cannot be read is read once more: it may be half written.
ONCE_MORE_SECONDS = 0.25

UseState = Callable[[AppState], None]


@dataclass(slots=True)
class RunningBot:
    """A bot that runs, and what ends it."""

    bot: Bot
    state: AppState
    #: Ends the bot, and the other bots that it hosts.
    work: AsyncExitStack
    hosting: AsyncExitStack


@dataclass(slots=True)
class Follower:
    """Keeps the newest bot of a process running."""

    shared: Shared
    use_state: UseState | None
    load: Callable[[], Settings]
    status: ReloadStatus = field(default_factory=ReloadStatus)
    running: RunningBot = field(init=False)
    #: The settings as they were read; those of the bot differ where a restart is needed.
    _read: Settings = field(init=False)
    #: Content of the other files that they name.
    _others: Mapping[Path, bytes] = field(default_factory=dict)
    _draining: set["asyncio.Task[None]"] = field(default_factory=set)

    async def start(self, settings: Settings) -> AppState:
        """Run the first bot of the process."""
        self.status.register(self.shared.metrics.registry)
        self._read, self._others = settings, contents(settings)
        self.running = await self._run(self.shared.build(settings))
        self.status.applied(digest_of(settings))
        return self.running.state

    async def stop(self) -> None:
        """Stop all bots of the process."""
        await self.running.work.aclose()
        await self.running.hosting.aclose()
        for task in self._draining:
            task.cancel()
        await asyncio.gather(*self._draining, return_exceptions=True)

    def files(self) -> Iterator[Path]:
        """Yield the files whose changes count."""
        if self._read.bot_config is not None:
            yield self._read.bot_config
        yield from other_files(self._read)

    async def look(self) -> None:
        """Read the settings, and let a bot with them take over; a wrong file changes nothing."""
        try:
            await self._apply(*await self._load())
        except SettingsError as error:
            await self._refuse(error.problems)
        except START_ERRORS as error:
            await self._refuse(str(error).splitlines())

    async def _load(self) -> tuple[Settings, str]:
        """Return the settings, and the hash of their file: one that changes now is read again."""
        digest = digest_of(self._read)
        try:
            return await asyncio.to_thread(self.load), digest
        except SettingsError:
            await asyncio.sleep(ONCE_MORE_SECONDS)
            digest = digest_of(self._read)
            return await asyncio.to_thread(self.load), digest

    async def _apply(self, settings: Settings, digest: str) -> None:
        others = contents(settings)
        changed = changed_names(self._read, settings)
        changed += [path.name for path in others if others[path] != self._others.get(path)]
        wanted, kept = with_kept(self.running.bot.settings, settings)
        if not changed and self.status.refused_at is None:
            self.status.applied(digest)
            self.status.reloads.labels("unchanged").inc()
            return
        if changed:
            bot = await asyncio.to_thread(self.shared.build, wanted)
            await self._take_over(bot)
            self._read, self._others = settings, others
            hide(settings.secrets())
        self.status.applied(digest)
        self.status.reloads.labels("applied").inc()
        await show_refusal(self.shared.http, wanted, ())
        names = [name for name in changed if name not in kept]
        logger.info("config {} in force: {}", self.status.hash, ", ".join(names) or "as before")
        for name in kept:
            logger.warning("{} needs a restart: the rest of the config is in force", name)

    async def _take_over(self, bot: Bot) -> None:
        """Start a bot beside the one that runs; that one ends what it has begun."""
        former = self.running
        await former.hosting.aclose()  # two bots with one database would be in each other's way
        try:
            self.running = await self._run(bot, former)
        except BaseException:
            former.hosting = await self._host(former.bot, former.state)
            raise
        if bot.settings.log_level != former.bot.settings.log_level:
            open_log(bot.settings)
        draining = asyncio.create_task(_drain(former))
        self._draining.add(draining)
        draining.add_done_callback(self._draining.discard)

    async def _run(self, bot: Bot, former: RunningBot | None = None) -> RunningBot:
        secret = former_secret(former.bot.settings if former else None, bot.settings)
        state = make_state(bot, load=self.shared.load)
        state.health.more = self.status.health
        hosting, work = await self._host(bot, state), AsyncExitStack()
        try:
            await work.enter_async_context(self.shared.at_work(bot))
        except BaseException:
            await hosting.aclose()
            raise
        if secret is not None:
            state.webhooks.accept_also(secret)
            seconds = FORMER_SECRET.total_seconds()
            asyncio.get_running_loop().call_later(seconds, state.webhooks.accept_also)
        if self.use_state is not None:
            self.use_state(state)
        return RunningBot(bot, state, work, hosting)

    async def _host(self, bot: Bot, state: AppState) -> AsyncExitStack:
        stack = AsyncExitStack()
        await stack.enter_async_context(hosting(bot, state.by_name(), self.shared.http))
        return stack

    async def _refuse(self, problems: Sequence[str]) -> None:
        self.status.reloads.labels("refused").inc()
        if [*self.status.problems] == [*problems]:
            return
        self.status.refused(problems)
        logger.error("the config file is refused, and the one before goes on:")
        for problem in problems:
            logger.error("{}", problem)
        bot = self.running.bot
        await show_refusal(self.shared.http, bot.settings, problems)
        text = f"The bot refuses its config file and goes on with the one before. {problems[0]}"
        digest = hashlib.sha256("\n".join(problems).encode()).hexdigest()
        alerts = bot.parts.context.extensions.alert(text, f"config:{digest}")
        if alerts:
            await bot.parts.queue.enqueue(alerts)


@asynccontextmanager
async def following(
    settings: Settings, use_state: UseState | None = None
) -> AsyncIterator[AppState]:
    """Run a bot that follows its config file, as `running_bot` does one that does not.

    `use_state` is told of the parts that requests use, at the start and after each reload.
    """
    async with sharing(settings) as shared:
        follower = Follower(shared, use_state, lambda: load_settings(models=settings_models()))
        state = await follower.start(settings)
        try:
            async with running_beside(keep_up(follower)):
                yield state
        finally:
            await follower.stop()


async def keep_up(follower: Follower) -> None:
    """Look at the file whenever it changes, until cancelled."""
    watch = FileWatch(follower.files)
    watch.listen()
    watch.look_now()  # the file may have changed while the bot started
    while True:
        await watch.changed()
        try:
            await follower.look()
        except Exception as error:  # noqa: BLE001 # say, the database is away: the bot goes on
            logger.opt(exception=error).error("the config file could not be followed")


def other_files(settings: Settings) -> Iterator[Path]:
    """Yield the files that the config file names."""
    for part in settings.parts:
        yield from map(Path, part.files() if isinstance(part, FileSettings) else ())


def contents(settings: Settings) -> Mapping[Path, bytes]:
    """Return the content of the files that the config file names."""
    return {path: path.read_bytes() for path in other_files(settings) if path.is_file()}


def digest_of(settings: Settings) -> str:
    """Return a short hash of the config file, by which processes can be compared."""
    content = b""
    with suppress(OSError):
        content = settings.bot_config.read_bytes() if settings.bot_config else b""
    return hashlib.sha256(content).hexdigest()[:8]


def former_secret(old: Settings | None, new: Settings) -> str | None:
    """Return the app secret that a new one has replaced; None if it has not."""
    before = old.whatsapp_app_secret if old else None
    now = new.whatsapp_app_secret
    if before is None or now is None or before == now:
        return None
    return before.get_secret_value()


async def _drain(former: RunningBot) -> None:
    """Let the jobs of a bot end, then stop it."""
    for worker in list(former.bot.workers):
        await worker.stop(DRAIN)
    await asyncio.gather(*(feature.settled() for feature in former.bot.features))
    await former.work.aclose()
