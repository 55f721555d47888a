"""The log: one place, "time - level - message", and nothing private in it.

An exception is told by its type and where it came from, never by its text, which may quote what a
person wrote: what a reader of the log needs to know belongs in the message.
"""

import hashlib
import hmac
import logging
import re
import secrets as random
import sys
import warnings
from collections.abc import Collection
from typing import TYPE_CHECKING, TextIO

from loguru import logger

from utils.masking import mask
from utils.origin import describe_origin, short_path

if TYPE_CHECKING:
    from loguru import Record

__all__ = ["logger", "pseudonym", "setup_logging"]

#: below WARNING these show URLs, parameters and bodies
TALKATIVE = ("aiohttp", "alembic", "httpcore", "httpx", "httpx2", "openai", "sqlalchemy")
#: a shorter one would blot out ordinary words
SHORTEST_SECRET = 6

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_pseudonym_key = bytearray(random.token_bytes(32))


def setup_logging(
    level: str = "INFO",
    *,
    sink: TextIO | None = None,
    secrets: Collection[str] = (),
    pseudonym_key: bytes | None = None,
) -> None:
    """Send every line of the program and its libraries to `sink` (default: stderr), masked.

    `secrets` never show, whatever they look like. Processes with the same `pseudonym_key` call
    a person the same.
    """
    hidden = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]

    def format_line(record: "Record") -> str:
        record["extra"]["line"] = _line(record, hidden)
        return "{extra[line]}\n"

    logger.remove()
    logger.add(sink or sys.stderr, level=level, format=format_line, colorize=False)
    _take_over_standard_logging(level)
    warnings.showwarning = _log_warning
    if pseudonym_key is not None:
        _pseudonym_key[:] = pseudonym_key


def pseudonym(identifier: str) -> str:
    """A short name for a person, which nobody without the key can turn back."""
    digest = hmac.digest(_pseudonym_key, identifier.encode(), hashlib.sha256)
    # letters only, since a run of digits would be masked as a phone number
    return "person-" + "".join(chr(ord("a") + byte % 26) for byte in digest[:8])


def _line(record: "Record", hidden: Collection[str]) -> str:
    message = record["message"]
    for secret in hidden:
        message = message.replace(secret, "[secret]")
    message = _CONTROL_CHARACTERS.sub("?", mask(message))
    lines = [f"{record['time']:YYYY-MM-DD HH:mm:ss.SSS} - {record['level'].name} - {message}"]
    if record["exception"] is not None and record["exception"].value is not None:
        lines += describe_origin(record["exception"].value)
    # indented, so that no text can pass for a line of its own
    return "\n    ".join("\n".join(lines).splitlines())


def _take_over_standard_logging(level: str) -> None:
    for name in logging.root.manager.loggerDict:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    logging.basicConfig(handlers=[_ToLoguru()], level=level, force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # it prints query strings, and the webhook's holds the verify token
    logging.getLogger("uvicorn.access").disabled = True


class _ToLoguru(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.name == "asyncio":
            message = message.partition("\n")[0]  # the rest is the repr of tasks and exceptions
        standard = min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL)
        logger.opt(exception=record.exc_info).log(logging.getLevelName(standard), message)


def _log_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    logger.warning("{} at {}:{}", category.__name__, short_path(filename), lineno)
