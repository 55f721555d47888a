"""Output that another program reads, such as `head`."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: Exit code that shells report for programs ended by SIGPIPE.
SIGPIPE_EXIT_CODE = 128 + 13


@contextmanager
def exit_quietly() -> Iterator[None]:
    """Exit without an error message if the reader of the output has closed it."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # The rest of the buffer would raise the error again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(SIGPIPE_EXIT_CODE)
