"""Hands over each exception that is logged, while the bot is developed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from loguru import logger

from app.development.errors import DevError
from jobs.model import RetryLater
from utils.exception_origin import place_of, title_of

if TYPE_CHECKING:
    from loguru import Message


@contextmanager
def reported_errors(report: Callable[[DevError], None]) -> Iterator[None]:
    """Report each exception that is logged inside the block, from whichever thread."""

    def listen(message: "Message") -> None:
        found = message.record["exception"]
        error = found.value if found else None
        if error is not None and not isinstance(error, RetryLater):
            report(DevError(title_of(error), place_of(error)))

    listener = logger.add(listen, level="WARNING", format="{message}")
    try:
        yield
    finally:
        logger.remove(listener)
