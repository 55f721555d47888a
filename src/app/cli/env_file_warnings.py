"""Warnings about lines of .env that cannot be read: the file is read more than once."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LOGGER = logging.getLogger("dotenv.main")


@contextmanager
def each_warned_once() -> Iterator[None]:
    """Print each warning the first time only."""
    seen: set[str] = set()

    def is_new(record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if text in seen:
            return False
        seen.add(text)
        return True

    with _filtered(is_new):
        yield


@contextmanager
def no_warnings() -> Iterator[None]:
    """Print none of them, where a program reports such lines in its own words."""
    with _filtered(lambda _: False):
        yield


@contextmanager
def _filtered(passes: Callable[[logging.LogRecord], bool]) -> Iterator[None]:
    _LOGGER.addFilter(passes)
    try:
        yield
    finally:
        _LOGGER.removeFilter(passes)
