"""What the program logs, as it would be read by an operator."""

import io
import logging
import sys
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from utils.logger import logger, setup_logging


@contextmanager
def captured_log(
    level: str = "INFO", *, secrets: Collection[str] = (), as_json: bool = False
) -> Iterator[io.StringIO]:
    """The lines; everything is as it was afterwards."""
    root, access = logging.getLogger(), logging.getLogger("uvicorn.access")
    handlers, of_root, disabled = root.handlers[:], root.level, access.disabled
    show_warning = warnings.showwarning
    lines = io.StringIO()
    setup_logging(level, sink=lines, secrets=secrets, as_json=as_json)
    try:
        yield lines
    finally:
        setup_logging("INFO")
        root.handlers[:], access.disabled, warnings.showwarning = handlers, disabled, show_warning
        root.setLevel(of_root)
        logger.remove()
        logger.add(sys.stderr)
