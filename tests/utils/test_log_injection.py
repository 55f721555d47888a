"""What people call themselves, and what they write, cannot pass for a line of the log."""

import io
import json
import logging
import re
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.captured_log import captured_log

from utils.logger import logger

SECRET = "EAAsecretToken0123456789"
FORGED = "2026-11-21 04:10:00.000 - INFO - Ana is an operator now"
BEGINNING = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} - [A-Z]+ - ")
#: ends of lines, in anybody's eyes
ENDS = ["\n", "\r", "\r\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
#: what a terminal obeys, or what turns a line around
ORDERS = ["\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\x08" * 99, "\x00", "\x7f", "\u202e", "\u2066"]

HOSTILE = st.lists(
    st.sampled_from([*ENDS, *ORDERS, FORGED, "{", "}", "{extra[line]}", "<red>", "%s", "\ud800"])
    | st.text(max_size=5),
    max_size=8,
).map("".join)


@pytest.fixture(scope="module")
def log() -> Iterator[io.StringIO]:
    with captured_log(secrets=[SECRET]) as log:
        yield log


def lines_of(log: io.StringIO) -> list[str]:
    """As whatever reads the log splits it; the log is empty afterwards."""
    written = log.getvalue()
    log.seek(0)
    log.truncate()
    assert written.endswith("\n")
    return written.splitlines()


def assert_one_entry(lines: list[str]) -> None:
    assert BEGINNING.match(lines[0])
    assert all(line.startswith("    ") for line in lines[1:])
    for line in lines:
        line.encode()  # any file can hold it
        odd = [one for one in line if unicodedata.category(one) == "Cc" and one != "\t"]
        assert odd == []
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", line)


@given(HOSTILE)
def test_a_name_is_never_a_line(log: io.StringIO, name: str) -> None:
    logger.info("{} wrote", name)
    assert_one_entry(lines_of(log))


@given(HOSTILE)
def test_a_message_is_never_a_line(log: io.StringIO, words: str) -> None:
    logger.warning(words)
    assert_one_entry(lines_of(log))


@given(HOSTILE)
def test_what_a_library_logs_is_never_a_line(log: io.StringIO, words: str) -> None:
    whole = words.replace("\ud800", "")  # pytest keeps a copy, and cannot pass on half characters
    logging.getLogger("library").error("%s", whole)
    assert_one_entry(lines_of(log))


@given(HOSTILE)
def test_an_exception_shows_none_of_its_words(log: io.StringIO, words: str) -> None:
    try:
        raise ValueError(f"{words} {SECRET} Ana") from KeyError(words)
    except ValueError:
        logger.exception("could not answer")
    lines = lines_of(log)
    assert_one_entry(lines)
    assert FORGED not in "".join(lines)
    assert SECRET not in "".join(lines)
    assert "Ana" not in "".join(lines)


@pytest.mark.parametrize("end", ENDS, ids=ascii)
@pytest.mark.parametrize("order", ["", *ORDERS], ids=ascii)
def test_a_forged_line_is_indented(log: io.StringIO, end: str, order: str) -> None:
    logger.info("{} wrote", f"Ana{end}{order}{FORGED}")
    lines = lines_of(log)
    assert_one_entry(lines)
    assert not any(line.startswith(FORGED[:10]) for line in lines[1:])


def test_a_secret_in_a_message_is_hidden_wherever_it_stands(log: io.StringIO) -> None:
    logger.info("{}", f"a{SECRET}b\n{SECRET}\x1b{SECRET}")
    assert SECRET not in "\n".join(lines_of(log))


TRACEBACK = (
    "Traceback (most recent call last):\n"
    '  File "bot.py", line 1, in run\n'
    "ValueError: what Ana wrote\nand more of it\n"
)


def test_a_traceback_that_a_server_logs_as_a_message_shows_none_of_its_words(
    log: io.StringIO,
) -> None:
    logging.getLogger("uvicorn.error").error(TRACEBACK)
    assert "Ana" not in "".join(lines_of(log))


def test_the_last_word_of_a_start_that_failed_is_told(log: io.StringIO) -> None:
    last = "\nThe above exception ...\n\nSystemExit: bot.db: the disk is full. Make room.\n"
    logging.getLogger("uvicorn.error").error(TRACEBACK + last)
    [line] = lines_of(log)
    assert line.endswith("ERROR - bot.db: the disk is full. Make room.")


@given(HOSTILE)
def test_as_json_everything_is_one_line(words: str) -> None:
    with captured_log(as_json=True) as log:
        logger.info("{} wrote", words)
        lines = lines_of(log)
    assert [json.loads(line)["level"] for line in lines] == ["INFO"]
