"""Restarts a process by SIGUSR1: what it has begun ends first, and no connection is refused.

The same program starts in the same process, so whoever started it notices nothing. It gets the
sockets that listen: connections wait there meanwhile.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

import uvicorn

from app.composition.features import settings_models
from config.env import SettingsError, load_settings
from utils.logger import logger

#: Environment variable with the file descriptors of the sockets that listen.
SOCKETS = "LISTENING_SOCKETS"
#: Time for the request of a connection that was accepted last to arrive.
ARRIVAL_SECONDS = 0.5


class Restart:
    """Asks a process to stop, and starts its program again once it has."""

    def __init__(self, stop: Callable[[], None]) -> None:
        """Listen for the signal; `stop` has the process end what it has begun."""
        self._stop = stop
        self.is_asked = False
        if hasattr(signal, "SIGUSR1"):
            signal.signal(signal.SIGUSR1, self._signalled)

    def ask(self) -> None:
        """Stop, to start again; not with settings that would not start."""
        if self.is_asked:
            return
        try:
            load_settings(models=settings_models())
        except SettingsError as error:
            logger.error("no restart, since the bot would not start again. {}", error)
            return
        logger.info("restarting: what has begun ends first")
        self.is_asked = True
        self._stop()

    def _signalled(self, *_: object) -> None:
        """Ask between two callbacks: a signal may come in the middle of a line of the log."""
        with suppress(RuntimeError):  # not started yet, or ending anyway
            asyncio.get_running_loop().call_soon_threadsafe(self.ask)

    def start_again(self, sockets: Sequence[socket.socket] = ()) -> None:
        """Run the same program in place of this one, if that was asked for."""
        if not self.is_asked:
            return
        for one in sockets:
            one.set_inheritable(True)
        os.environ[SOCKETS] = ",".join(str(one.fileno()) for one in sockets)
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def serve(server: uvicorn.Server) -> None:
    """Run a server until it is told to stop; SIGUSR1 starts it again."""
    kept: list[socket.socket] = []

    def stop() -> None:
        kept.extend(one.dup() for running in server.servers for one in running.sockets)
        for running in server.servers:
            running.close()
        # uvicorn closes each connection whose request it has not read yet
        asyncio.get_running_loop().call_later(ARRIVAL_SECONDS, setattr, server, "should_exit", True)

    restart = Restart(stop)
    server.run(inherited_sockets())
    restart.start_again(kept)


def inherited_sockets() -> list[socket.socket] | None:
    """Return the sockets of the program before; None if it had none."""
    found = os.environ.pop(SOCKETS, "")
    return [socket.socket(fileno=int(one)) for one in found.split(",") if one] or None
