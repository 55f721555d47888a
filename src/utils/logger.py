"""The log: one place, "time - level - message", and nothing private in it.

An exception is told by its type and where it came from, never by its text, which may quote what a
person wrote: what a reader of the log needs to know belongs in the message.
"""

import hashlib
import hmac
import json
import logging
import re
import secrets as random
import sys
import warnings
from collections.abc import Collection
from typing import TYPE_CHECKING, TextIO

from loguru import logger

from utils.exception_origin import describe_origin, short_path
from utils.masking import mask
from utils.tracing import trace_id

if TYPE_CHECKING:
    from loguru import Record

__all__ = ["logger", "pseudonym", "redact", "setup_logging"]

#: below WARNING these show URLs, parameters and bodies
TALKATIVE = ("aiohttp", "alembic", "httpcore", "httpx", "httpx2", "openai", "sqlalchemy")
#: a shorter one would blot out ordinary words
SHORTEST_SECRET = 6

#: and what turns text around, and halves of characters, which not every file can hold
_CONTROL_CHARACTERS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_hidden: list[str] = []
_pseudonym_key = bytearray(random.token_bytes(32))


def setup_logging(
    level: str = "INFO",
    *,
    sink: TextIO | None = None,
    secrets: Collection[str] = (),
    pseudonym_key: bytes | None = None,
    as_json: bool = False,
) -> None:
    """Send every line of the program and its libraries to `sink` (default: stderr), masked.

    As text, or as one JSON object per line: `time`, `level`, `message`, `origin` and, of whatever
    belongs to a webhook, `trace_id`; `exception` is a list of lines.

    `secrets` never show, whatever they look like. Processes with the same `pseudonym_key` call
    a person the same.
    """
    _hidden[:] = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]

    write = _json_line if as_json else _line

    def format_line(record: "Record") -> str:
        record["extra"]["line"] = write(record)
        return "{extra[line]}\n"

    logger.remove()
    logger.add(sink or sys.stderr, level=level, format=format_line, colorize=False)
    _take_over_standard_logging(level)
    warnings.showwarning = _log_warning
    if pseudonym_key is not None:
        _pseudonym_key[:] = pseudonym_key


def redact(text: str) -> str:
    """The same without secrets, tokens, phone numbers and control characters."""
    for secret in _hidden:
        text = text.replace(secret, "[secret]")
    return _CONTROL_CHARACTERS.sub("?", mask(text))


def pseudonym(identifier: str) -> str:
    """A short name for a person, which nobody without the key can turn back."""
    digest = hmac.digest(_pseudonym_key, identifier.encode(), hashlib.sha256)
    # letters only, since a run of digits would be masked as a phone number
    return "person-" + "".join(chr(ord("a") + byte % 26) for byte in digest[:8])


def _line(record: "Record") -> str:
    message = redact(record["message"])
    if trace := trace_id():
        message += f" [trace {trace[:8]}]"
    lines = [f"{record['time']:YYYY-MM-DD HH:mm:ss.SSS} - {record['level'].name} - {message}"]
    lines += _exception(record)
    # indented, so that no text can pass for a line of its own
    return "\n    ".join("\n".join(lines).splitlines())


def _json_line(record: "Record") -> str:
    line = {
        "time": record["time"].isoformat(timespec="milliseconds"),
        "level": record["level"].name,
        "message": redact(record["message"]),
        "origin": f"{record['name']}:{record['line']}",
        "trace_id": trace_id(),
        "exception": _exception(record),
    }
    return json.dumps({name: value for name, value in line.items() if value}, ensure_ascii=True)


def _exception(record: "Record") -> list[str]:
    found = record["exception"]
    return describe_origin(found.value) if found is not None and found.value is not None else []


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
        message = _without_quotes(record.name, record.getMessage())
        standard = min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL)
        logger.opt(exception=record.exc_info).log(logging.getLevelName(standard), message)


def _without_quotes(library: str, message: str) -> str:
    """A library's message without the texts of exceptions."""
    if library == "asyncio":
        return message.partition("\n")[0]  # the rest is the repr of tasks and exceptions
    if message.startswith("Traceback "):  # starlette's, of a start that failed: our own last word
        _, is_exit, sentence = message.rpartition("\nSystemExit: ")
        return sentence.strip() if is_exit else "failed"
    return message


def _log_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    logger.warning("{} at {}:{}", category.__name__, short_path(filename), lineno)
