"""The log: one place, "time - level - message", and nothing private in it.

In production an exception is told by its type and where it came from, never by its text, which may
quote what a person wrote: what a reader of the log needs to know belongs in the message. In
development its text is shown, once for all attempts at the same webhook.
"""

import hashlib
import hmac
import json
import logging
import os
import secrets as random
import sys
import warnings
from collections import OrderedDict
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from loguru import logger

from utils.exception_origin import describe_origin, place_of, short_path, title_of
from utils.masking import mask
from utils.private_files import FILE_MODE, make_private_folder
from utils.terminal import coloured, takes_colours, without_control_characters
from utils.tracing import trace_id

if TYPE_CHECKING:
    from loguru import Record

__all__ = ["logger", "pseudonym", "redact", "setup_logging"]

#: Libraries that show URLs, parameters and bodies below WARNING.
TALKATIVE = (
    "aiohttp",
    "alembic",
    "httpcore",
    "httpx",
    "httpx2",
    "markdown_it",
    "openai",
    "sqlalchemy",
)
#: Length of the shortest secret that is hidden; shorter ones would hide ordinary words.
MIN_SECRET_CHARS = 6
#: Exceptions that were shown with their text, and are not shown again.
MAX_REMEMBERED_EXCEPTIONS = 1_000

#: Name of the file of a day, and for how many days files are kept.
LOG_FILE, LOG_FILE_DAYS = "webhook_{time:YYYYMMDD}.log", 30

_hidden: list[str] = []
#: Where this module writes: loguru's own place at first.
_sinks = [0]
_pseudonym_key = bytearray(random.token_bytes(32))


def setup_logging(
    level: str = "INFO",
    *,
    sink: TextIO | None = None,
    secrets: Collection[str] = (),
    pseudonym_key: bytes | None = None,
    as_json: bool = False,
    in_development: bool = False,
    folder: Path | None = None,
) -> None:
    """Send every line of the program and its libraries to `sink` (default: stderr), masked.

    With a `folder`, also to a file in it for each day, `webhook_YYYYMMDD.log`; those of more than
    30 days ago are deleted. Only their owner may read them.

    As text, or as one JSON object per line: `time`, `level`, `message`, `origin` and, of whatever
    belongs to a webhook, `trace_id`; `exception` is a list of lines.

    `secrets` never show, whatever they look like. Processes with the same `pseudonym_key` call
    a person the same. `in_development` shows the texts of exceptions, and colours on a terminal.
    """
    _hidden[:] = [secret for secret in secrets if len(secret) >= MIN_SECRET_CHARS]

    stream = sink or sys.stderr
    write = _json_line if as_json else _line
    has_colours = in_development and not as_json and takes_colours(stream)
    describe = _ShownOnce() if in_development else describe_origin
    formatter = _formatter(write, describe, has_colours=has_colours)
    while _sinks:  # its own: others listen to the log as well, and go on
        with suppress(ValueError):
            logger.remove(_sinks.pop())
    _sinks.append(logger.add(stream, level=level, format=formatter, colorize=False))
    if folder is not None:
        plain = _formatter(write, describe_origin, has_colours=False)
        _sinks.append(_add_daily_file(folder, level, plain))
    _take_over_standard_logging(level)
    warnings.showwarning = _log_warning
    if pseudonym_key is not None:
        _pseudonym_key[:] = pseudonym_key


def _add_daily_file(folder: Path, level: str, formatter: Callable[["Record"], str]) -> int:
    make_private_folder(folder)
    return logger.add(
        folder / LOG_FILE,
        level=level,
        format=formatter,
        colorize=False,
        rotation="00:00",
        retention=timedelta(days=LOG_FILE_DAYS),
        encoding="utf-8",
        opener=partial(os.open, mode=FILE_MODE),
    )


def hide(secrets: Collection[str]) -> None:
    """Never show these secrets either."""
    known = {*_hidden}
    _hidden.extend(one for one in secrets if len(one) >= MIN_SECRET_CHARS and one not in known)


def redact(text: str) -> str:
    """The same without secrets, tokens, phone numbers and control characters."""
    return without_control_characters(mask(_without_secrets(text)))


def pseudonym(identifier: str) -> str:
    """A short name for a person, which nobody without the key can turn back."""
    digest = hmac.digest(_pseudonym_key, identifier.encode(), hashlib.sha256)
    # letters only, since a run of digits would be masked as a phone number
    return "person-" + "".join(chr(ord("a") + byte % 26) for byte in digest[:8])


def _without_secrets(text: str) -> str:
    for secret in _hidden:
        text = text.replace(secret, "[secret]")
    return text


#: Returns the lines that say what was raised.
Describe = Callable[[BaseException], list[str]]


def _formatter(
    write: Callable[["Record", Describe], str], describe: Describe, *, has_colours: bool
) -> Callable[["Record"], str]:
    """Return a format of loguru; `has_colours` shows errors in red."""

    def format_line(record: "Record") -> str:
        line = write(record, describe)
        is_error = record["exception"] is not None or record["level"].no >= logging.ERROR
        record["extra"]["line"] = coloured(line, "red") if has_colours and is_error else line
        return "{extra[line]}\n"

    return format_line


def _line(record: "Record", describe: Describe) -> str:
    message = redact(record["message"])
    if trace := trace_id():
        message += f" [trace {trace[:8]}]"
    if tenant := record["extra"].get("tenant"):
        message += f" [tenant {tenant}]"
    lines = [f"{record['time']:YYYY-MM-DD HH:mm:ss.SSS} - {record['level'].name} - {message}"]
    lines += _exception(record, describe)
    # indented, so that no text can pass for a line of its own
    return "\n    ".join("\n".join(lines).splitlines())


def _json_line(record: "Record", describe: Describe) -> str:
    line = {
        "time": record["time"].isoformat(timespec="milliseconds"),
        "level": record["level"].name,
        "message": redact(record["message"]),
        "origin": f"{record['name']}:{record['line']}",
        "trace_id": trace_id(),
        "tenant": record["extra"].get("tenant"),
        "exception": _exception(record, describe),
    }
    return json.dumps({name: value for name, value in line.items() if value}, ensure_ascii=True)


def _exception(record: "Record", describe: Describe) -> list[str]:
    found = record["exception"]
    return describe(found.value) if found is not None and found.value is not None else []


class _ShownOnce:
    """Describes exceptions with their texts; those of further attempts in one line."""

    def __init__(self) -> None:
        self._shown: OrderedDict[tuple[str | None, str, str], None] = OrderedDict()

    def __call__(self, error: BaseException) -> list[str]:
        key = (trace_id(), title_of(error), place_of(error))
        if key in self._shown:
            return [f"{type(error).__name__}, as shown above"]
        self._shown[key] = None
        while len(self._shown) > MAX_REMEMBERED_EXCEPTIONS:
            self._shown.popitem(last=False)
        described = describe_origin(error, with_text=True)
        return [without_control_characters(_without_secrets(line)) for line in described]


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
