"""The worker process: `PYTHONPATH=src python -m app.worker`. Runs the jobs of web processes."""

import asyncio
import signal
import sys
from contextlib import AbstractAsyncContextManager

from app.composition.app_state import AppState
from app.composition.process import running_bot
from app.reload.restart import Restart
from app.runtime.bootstrap import START_ERRORS, open_log, settings_or_exit, tell_warnings
from app.runtime.event_loop import run
from config.env import Settings
from utils.gc_tuning import tuned_gc
from utils.logger import logger


async def work(settings: Settings) -> Restart:
    """Run the jobs until SIGTERM, SIGUSR1 or Ctrl-C; jobs that have begun may end."""
    stop = asyncio.Event()
    restart = Restart(stop.set)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with _running(settings) as state:
        if settings.metrics_port is not None:
            state.metrics.serve(settings.host, settings.metrics_port, state.monitors)
        logger.info("worker started")
        with tuned_gc():
            await stop.wait()
        logger.info("worker stopping")
    return restart


def _running(settings: Settings) -> AbstractAsyncContextManager[AppState]:
    if settings.bot_config is None:
        return running_bot(settings)
    from app.reload.follower import following  # most processes have no such file

    return following(settings)


def main() -> None:
    """Run the worker until the process is told to stop."""
    settings = settings_or_exit()
    open_log(settings)
    tell_warnings(settings)
    try:
        restart = run(work(settings))
    except START_ERRORS as error:
        sys.exit(str(error))
    restart.start_again()


if __name__ == "__main__":
    main()
