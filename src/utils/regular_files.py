"""Reads regular files only: a pipe or a device in their place would block, or never end."""

import os
import stat
from pathlib import Path

#: Largest file that people write settings into, in bytes.
MAX_BYTES = 1_000_000


class Unreadable(Exception):
    """A file cannot be read; says why, and never quotes its path or content."""


def read_regular(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the content of a file of at most `max_bytes`. Raise Unreadable."""
    try:
        _check(path.stat(), max_bytes)  # first: opening a device can do something
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            _check(os.fstat(file.fileno()), max_bytes)  # another may be there by now
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise Unreadable(error.strerror or type(error).__name__) from None
    except ValueError:
        raise Unreadable("its name has a character that no file can have") from None
    if len(content) > max_bytes:  # it grew
        raise Unreadable(_too_large(max_bytes))
    return content


def _check(found: os.stat_result, max_bytes: int) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise Unreadable("it is not a regular file")
    if found.st_size > max_bytes:
        raise Unreadable(_too_large(max_bytes))


def _too_large(max_bytes: int) -> str:
    return f"it has more than {max_bytes} bytes"
