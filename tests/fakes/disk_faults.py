"""What a full, a read-only and a dying disk do to files, SQLite's above all."""

import ctypes
import os
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

HEADER = 100
MAX_PAGES = 2**32 - 2
NOBODY = 65534
#: of prctl(2): which process may trace us, and any
PR_SET_PTRACER, PR_SET_PTRACER_ANY = 0x59616D61, ctypes.c_ulong(-1)
FLUSHES = "fsync,fdatasync"


@dataclass
class Disk:
    """What SQLite is told of its files at each transaction."""

    #: fewer than a file has: as many as it has, and no more
    pages: int = MAX_PAGES
    is_read_only: bool = False

    def become(self, other: "Disk") -> None:
        self.pages, self.is_read_only = other.pages, other.is_read_only

    def tell(self, connection: Connection) -> None:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA max_page_count={self.pages}")
            connection.exec_driver_sql(f"PRAGMA query_only={int(self.is_read_only)}")


@contextmanager
def any_disk() -> Iterator[Disk]:
    """All files are on it; there is nothing wrong with it yet."""
    disk = Disk()
    event.listen(Engine, "begin", disk.tell)
    try:
        yield disk
    finally:
        event.remove(Engine, "begin", disk.tell)


@contextmanager
def no_room_for(size: int) -> Iterator[None]:
    """No file of this process may become so large."""
    import resource  # Windows has none

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@contextmanager
def nothing_is_flushed() -> Iterator[None]:
    """Each fsync of this process fails with EIO, as on a disk that is dying: strace sees to it."""
    if (strace := shutil.which("strace")) is None:
        pytest.skip("strace is not installed")
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0)
    command = [strace, "-f", "-p", str(os.getpid()), "-o", os.devnull]
    command += ["-e", f"trace={FLUSHES}", "-e", f"inject={FLUSHES}:error=EIO"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        said = tracer.stderr.readline()
        if "attached" not in said:
            pytest.skip(f"this machine lets no process trace another: {said.strip()}")
        try:
            yield
        finally:
            tracer.terminate()


@contextmanager
def as_nobody() -> Iterator[None]:
    """Who owns nothing: permissions mean nothing to root."""
    us = os.geteuid()
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(us)


def damage_header(file: Path) -> None:
    _overwrite(file, 0, HEADER)


def damage_table(file: Path, table: str) -> None:
    """Garbage in the page where a table begins."""
    with closing(sqlite3.connect(file)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        [page] = connection.execute(query, [table]).fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
    _overwrite(file, (page - 1) * size, size)


def _overwrite(file: Path, place: int, size: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(place)
        opened.write(random.Random(20261121).randbytes(size))
