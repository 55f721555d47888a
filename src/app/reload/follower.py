"""Follows the config file: a new bot is built of it, and takes over from the one that runs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

from loguru import logger

from app.composition.app_state import AppState, make_state
from app.composition.bot import Bot
from app.composition.features import settings_models
from app.composition.host import hosting
from app.reload.contents import digest_of, other_files, version_of
from app.reload.file_watch import FileWatch
from app.reload.new_version import NewVersion, Version, prepare
from app.reload.shared import Shared, sharing
from app.reload.status import ReloadStatus
from app.reload.telling import Telling
from app.runtime.bootstrap import START_ERRORS, open_log
from config.env import Settings, SettingsError, load_settings
from utils.background import running_beside
from utils.logger import hide
from utils.threads import computed

#: Time that jobs of the former bot have to end: an answer of a model may take that long.
DRAIN = timedelta(seconds=100)
#: Time for which webhooks that the former app secret signed are accepted.
FORMER_SECRET = timedelta(minutes=10)
#: Pause before a file that cannot be read is read once more: it may be half written.
ONCE_MORE_SECONDS = 0.25
#: Pause before a refused file is read again: one that it names may be mended, which nobody follows.
AGAIN_SECONDS = 2.0
#: Pause before another try after a failure that is none of the file, such as a database away.
RETRY_SECONDS = 30.0

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
    _telling: Telling = field(init=False)
    #: The settings as they were read; those of the bot differ where a restart is needed.
    _read: Version = field(init=False)
    _draining: set["asyncio.Task[None]"] = field(default_factory=set)

    async def start(self, settings: Settings) -> AppState:
        """Run the first bot of the process."""
        self._telling = Telling(self.shared.http)
        self._telling.started([*settings.warnings(today=self.status.clock().date())])
        self.status.register(self.shared.metrics.registry)
        self._read = Version.of(settings, digest_of(settings))
        self.running = await self._run(self.shared.build(settings))
        self.status.applied(self._read.hash)
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
        if self._read.settings.bot_config is not None:
            yield self._read.settings.bot_config
        yield from other_files(self._read.settings)

    async def look(self) -> bool:
        """Read the settings, and let a bot with them take over; a wrong file changes nothing.

        Return False if the settings are wrong.
        """
        try:
            await self._apply(await self._prepared())
        except SettingsError as error:
            await self._refuse(error.problems)
            return False
        except START_ERRORS as error:
            await self._refuse(str(error).splitlines())
        return True

    async def refuse_failure(self, error: Exception) -> None:
        """Tell that something else failed, by its type: its text may quote a secret."""
        problem = f"the config file cannot be put in force: {type(error).__name__} (see the log)."
        if problem not in self.status.problems:
            logger.opt(exception=error).error("the config file could not be followed")
        await self._refuse([problem])

    async def _prepared(self) -> NewVersion:
        """Return what is in the files now; a file that may be half written is read once more."""
        make = partial(prepare, self._read, self.running.bot.settings, self.load, self.shared.build)
        try:
            return await computed(make)
        except SettingsError:
            await asyncio.sleep(ONCE_MORE_SECONDS)
            return await computed(make)

    async def _apply(self, new: NewVersion) -> None:
        is_edit = bool(new.changed) or self.status.refused_at is not None
        is_same = not is_edit and new.version.hash == self.status.hash
        if new.bot is not None:
            hide(new.settings.secrets())
            await self._take_over(new.bot)
            self._read = new.version
        self.status.applied(new.version.hash)
        self.status.reloads.labels("applied" if is_edit else "unchanged").inc()
        if not is_same:
            await self._telling.in_force(new.settings, new.version.hash, new.changed, new.kept)

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
        version = await asyncio.to_thread(version_of, [*self.files()])
        if self.status.refused(problems, version):
            self.status.reloads.labels("refused").inc()
            edit = f"{version} {self.status.clock():%Y-%m-%d %H}"  # the same mistake may come back
            await self._telling.refused(self.running.bot, problems, edit)


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
    """Look at the file whenever it changes, until cancelled; a failure is a refusal."""
    watch = FileWatch(follower.files)
    watch.listen()
    watch.look_now()  # the file may have changed while the bot started
    while True:
        try:
            await watch.changed()
            if not await follower.look():
                watch.look_after(AGAIN_SECONDS)
        except Exception as error:  # noqa: BLE001 # say, the database is away: the bot goes on
            await follower.refuse_failure(error)
            watch.look_after(RETRY_SECONDS)


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
