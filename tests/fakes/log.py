"""What the program logs, as it would be read by an operator."""

import io
import logging
import sys
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from utils.logger import logger, setup_logging


@contextmanager
def captured_log(*, secrets: Collection[str] = (), as_json: bool = False) -> Iterator[io.StringIO]:
    """The lines; everything is as it was afterwards."""
    root, access = logging.getLogger(), logging.getLogger("uvicorn.access")
    handlers, level, disabled = root.handlers[:], root.level, access.disabled
    show_warning = warnings.showwarning
    lines = io.StringIO()
    setup_logging("INFO", sink=lines, secrets=secrets, as_json=as_json)
    try:
        yield lines
    finally:
        setup_logging("INFO")
        root.handlers[:], access.disabled, warnings.showwarning = handlers, disabled, show_warning
        root.setLevel(level)
        logger.remove()
        logger.add(sys.stderr)
