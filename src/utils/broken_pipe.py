"""Programs whose output is read by another program."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: As a shell tells of programs that SIGPIPE has ended.
SIGPIPE_EXIT_CODE = 128 + 13


@contextmanager
def exit_quietly() -> Iterator[None]:
    """One that has read enough, as `head` has, ends this program, too, and silently."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # what is still to be written would be an error once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(SIGPIPE_EXIT_CODE)
