"""Follows the config file: a new bot is built of it, and takes over from the one that runs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from loguru import logger

from app.composition.app_state import AppState, make_state
from app.composition.bot import Bot
from app.composition.features import settings_models
from app.composition.host import hosting
from app.reload.changes import changed_names, with_kept
from app.reload.contents import contents, digest_of, other_files, version_of
from app.reload.file_watch import FileWatch
from app.reload.shared import Shared, sharing
from app.reload.status import ReloadStatus
from app.reload.telling import Telling
from app.runtime.bootstrap import START_ERRORS, open_log
from config.env import Settings, SettingsError, load_settings
from utils.background import running_beside
from utils.logger import hide

#: Time that jobs of the former bot have to end: an answer of a model may take that long.
DRAIN = timedelta(seconds=100)
#: Time for which webhooks that the former app secret signed are accepted.
FORMER_SECRET = timedelta(minutes=10)
#: Pause before a file that cannot be read is read once more: it may be half written.
ONCE_MORE_SECONDS = 0.25
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
    _read: Settings = field(init=False)
    #: Content of the other files that they name.
    _others: Mapping[Path, bytes] = field(default_factory=dict)
    _draining: set["asyncio.Task[None]"] = field(default_factory=set)

    async def start(self, settings: Settings) -> AppState:
        """Run the first bot of the process."""
        self._telling = Telling(self.shared.http)
        self._telling.started([*settings.warnings(today=self.status.clock().date())])
        self.status.register(self.shared.metrics.registry)
        self._read = settings
        self._others = await asyncio.to_thread(contents, settings)
        self.running = await self._run(self.shared.build(settings))
        self.status.applied(await asyncio.to_thread(digest_of, settings))
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

    async def refuse_failure(self, error: Exception) -> None:
        """Tell that something else failed, by its type: its text may quote a secret."""
        problem = f"the config file cannot be put in force: {type(error).__name__} (see the log)."
        if problem not in self.status.problems:
            logger.opt(exception=error).error("the config file could not be followed")
        await self._refuse([problem])

    async def _load(self) -> tuple[Settings, str]:
        """Return the settings, and the hash of their file: one that changes now is read again."""
        try:
            return await asyncio.to_thread(self._read_all)
        except SettingsError:
            await asyncio.sleep(ONCE_MORE_SECONDS)
            return await asyncio.to_thread(self._read_all)

    def _read_all(self) -> tuple[Settings, str]:
        file_hash = digest_of(self._read)
        return self.load(), file_hash

    async def _apply(self, settings: Settings, file_hash: str) -> None:
        others = await asyncio.to_thread(contents, settings)
        changed = changed_names(self._read, settings)
        changed += [path.name for path in others if others[path] != self._others.get(path)]
        wanted, kept = with_kept(self.running.bot.settings, settings)
        is_edit = bool(changed) or self.status.refused_at is not None
        is_same = not is_edit and file_hash == self.status.hash
        if changed:
            bot = await asyncio.to_thread(self.shared.build, wanted)
            await self._take_over(bot)
            self._read, self._others = settings, others
            hide(settings.secrets())
        self.status.applied(file_hash)
        self.status.reloads.labels("applied" if is_edit else "unchanged").inc()
        if not is_same:
            await self._telling.in_force(wanted, file_hash, changed, kept)

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
        version = await asyncio.to_thread(version_of, [*self.files()])
        if self.status.refused(problems, version):
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
            await follower.look()
        except Exception as error:  # noqa: BLE001 # say, the database is away: the bot goes on
            await follower.refuse_failure(error)
            asyncio.get_running_loop().call_later(RETRY_SECONDS, watch.look_now)


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
