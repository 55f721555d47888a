"""Nothing private reaches the log, and what an operator needs does."""

import asyncio
import gc
import io
import logging
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flow_engine.words import as_keyword
from utils.logger import logger, pseudonym, setup_logging
from utils.masking import mask
from utils.tracing import span

PHONE = "+57 300 123 4567"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root, access = logging.getLogger(), logging.getLogger("uvicorn.access")
    before = root.handlers[:], root.level, access.disabled, warnings.showwarning
    sink = io.StringIO()
    setup_logging("INFO", sink=sink, secrets=["our verify words", "abc"])
    yield sink
    root.handlers[:], _, access.disabled, warnings.showwarning = before
    root.setLevel(before[1])
    logger.remove()
    logger.add(sys.stderr)


def last_line(log: io.StringIO) -> str:
    return log.getvalue().splitlines()[-1]


separators = st.sampled_from(["", " ", "-", ".", "/", " - ", ") ", "\u00a0", "\u2011", "%20", "  "])
groups = st.lists(st.from_regex(r"[0-9]{1,4}", fullmatch=True), min_size=3, max_size=8)


@st.composite
def phone_numbers(draw: st.DrawFn) -> str:
    """Seven digits or more, grouped as people group them."""
    parts = draw(groups)
    assume(7 <= sum(map(len, parts)) <= 15)
    spelled = parts[0] + "".join(draw(separators) + part for part in parts[1:])
    assume(not re.fullmatch(r"20[2-9]\d-[01]\d-[0-3]\d", spelled))  # a day, to any reader
    return draw(st.sampled_from(["", "+", "00", "(", "+("])) + spelled


@given(
    phone_numbers(),
    st.sampled_from(["", "from ", "wa:", "to=", '"', "tel", "in:"]),
    st.sampled_from(["", ".", " said", '"}', "\n", "@s.whatsapp.net", ":x"]),
)
def test_no_phone_number_survives_in_any_usual_spelling(
    number: str, before: str, after: str
) -> None:
    assert re.findall(r"\d", mask(f"{before}{number}{after}").replace("%20", "")) == []


@given(
    st.from_regex(
        r"EAA[0-9A-Za-z]{8,60}|sk-(proj-)?[A-Za-z0-9]{8,40}|pat[A-Za-z0-9]{14}\.[0-9a-f]{64}",
        fullmatch=True,
    ),
    st.sampled_from(["", "token ", "Bearer ", "access_token=", '"key": "']),
    st.sampled_from(["", " ", "&v=1", '"', ", done"]),
)
def test_no_token_survives(token: str, before: str, after: str) -> None:
    assert token not in mask(f"{before}{token}{after}")


@pytest.mark.parametrize(
    "text",
    [
        "GET /webhook?hub.mode=subscribe&hub.verify_token=s3cret-words&hub.challenge=1",
        "https://lookaside.example/file?access_token=s3cret-words",
        "{'Authorization': 'Bearer s3cret-words'}",
        '{"client_secret": "s3cret-words"}',
        "WP_ACCESS_TOKEN=s3cret-words",
        "postgresql+psycopg://bot:s3cret-words@db/bot",
    ],
)
def test_a_secret_is_known_by_what_stands_before_it(text: str) -> None:
    assert "s3cret" not in mask(text)


@pytest.mark.parametrize("person", ["CO.13491208655302741918", "US.ENT.11815799212886844830"])
def test_no_business_scoped_user_id_survives(person: str) -> None:
    assert mask(f"lane in:1:{person} waits") == "lane in:1:[person] waits"


def test_a_message_id_keeps_only_its_end_since_it_holds_a_phone_number() -> None:
    wamid = "wamid.HBgMNTczMDAxMjM0NTY3FQIAERgSQTdGM0FFRUQ3RkE2QUM2QgA="
    assert mask(f"read {wamid}.") == "read wamid.[...]QUM2QgA=."


@pytest.mark.parametrize(
    "text",
    [
        "listening on 127.0.0.1:5000",
        "http://0.0.0.0:5000/webhook",
        "ends on 2028-07-29",
        "since 2026-11-21 04:10:00",
        "since 2026-11-21T04:10:00.123456+00:00",
        "took 0.123456789 s",
        "took 12345.678 ms",
        "job 0198f3c2-7f3a-7a12-9d3e-123456789012",
        "Python 3.11.2, 1000 jobs",
    ],
)
def test_moments_durations_and_ports_stay(text: str) -> None:
    assert mask(text) == text


def test_a_line_is_time_level_message(log: io.StringIO) -> None:
    logger.info("The bot is ready")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} - INFO - The bot is ready\n", log.getvalue()
    )


def test_lines_below_the_level_are_left_out(log: io.StringIO) -> None:
    logger.debug("details")
    assert log.getvalue() == ""


def test_messages_are_masked(log: io.StringIO) -> None:
    logger.info("{} wrote", PHONE)
    assert last_line(log).endswith("INFO - [number] wrote")


def test_configured_secrets_never_show_however_they_look(log: io.StringIO) -> None:
    logger.info("got our verify words")
    assert last_line(log).endswith("got [secret]")


def test_a_very_short_secret_does_not_blot_out_words(log: io.StringIO) -> None:
    logger.info("abc is the alphabet")
    assert last_line(log).endswith("abc is the alphabet")


def test_an_exception_is_told_by_type_and_place_without_its_text(log: io.StringIO) -> None:
    try:
        try:
            raise KeyError("what Ana wrote")
        except KeyError as error:
            raise ValueError("and her secret") from error
    except ValueError:
        logger.exception("Could not answer")
    assert re.search(
        r"ERROR - Could not answer\n    ValueError\n      at tests/utils/test_logger.py:\d+ in "
        r"test_\w+\n    caused by KeyError\n      at \S+/utils/test_logger.py:\d+ in ",
        log.getvalue(),
    )
    assert "Ana" not in log.getvalue()
    assert "secret" not in log.getvalue()


def development_log(sink: io.StringIO) -> io.StringIO:
    setup_logging("INFO", sink=sink, secrets=["our verify words"], in_development=True)
    return sink


def test_in_development_an_exception_is_shown_with_its_text_and_the_place_to_look_at(
    log: io.StringIO,
) -> None:
    development_log(log)
    try:
        as_keyword(None)
    except AttributeError:
        logger.exception("Could not answer")
    shown = log.getvalue()
    assert "AttributeError: 'NoneType' object has no attribute 'split'\n      see " in shown
    assert re.search(r"\n      see src/flow_engine/words\.py:\d+\n      at ", shown)


def test_in_development_secrets_and_control_characters_are_still_left_out(
    log: io.StringIO,
) -> None:
    development_log(log)
    error = ValueError("a table for +57 300 123 4567, our verify words\x1b[2J\nforged")
    logger.opt(exception=error).error("Failed")
    assert "ValueError: a table for +57 300 123 4567, [secret]?[2J\n    forged" in log.getvalue()


def test_in_development_further_attempts_at_a_webhook_do_not_show_it_again(
    log: io.StringIO,
) -> None:
    development_log(log)
    for trace in ("1" * 32, "2" * 32):
        with span(f"00-{trace}-{'1' * 16}-01", "message"):
            for attempt in range(5):
                error = ValueError("no seats left")
                logger.opt(exception=error).warning("job 1 failed, attempt {}", attempt + 1)
    assert log.getvalue().count("no seats left") == 2
    assert log.getvalue().count("ValueError, as shown above") == 8


def test_in_development_a_terminal_shows_errors_in_red(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    development_log(log)
    logger.info("calm")
    logger.error("wrong")
    calm, wrong = log.getvalue().splitlines()
    assert "\x1b" not in calm
    assert (wrong[:5], wrong[-4:]) == ("\x1b[31m", "\x1b[0m")
    monkeypatch.setenv("NO_COLOR", "1")
    development_log(log)
    logger.error("wrong")
    assert not last_line(log).startswith("\x1b")


def test_members_of_an_exception_group_are_told(log: io.StringIO) -> None:
    group = ExceptionGroup("what Ana wrote", [ValueError("her words")])
    logger.opt(exception=group).error("Failed")
    assert "among them ValueError" in log.getvalue()
    assert "words" not in log.getvalue()


def test_a_long_chain_of_exceptions_is_cut(log: io.StringIO) -> None:
    error = ValueError()
    for _ in range(100):
        outer = ValueError()
        outer.__cause__ = error
        error = outer
    logger.opt(exception=error).error("Failed")
    assert log.getvalue().count("ValueError") == 10


def test_text_cannot_pass_for_a_line_of_its_own(log: io.StringIO) -> None:
    logger.info("name\r\n2026-11-21 04:10:00.000 - INFO - forged\x1b[2J")
    assert all(line.startswith("    ") for line in log.getvalue().splitlines()[1:])
    assert "\x1b" not in log.getvalue()


def test_braces_in_a_message_are_only_text(log: io.StringIO) -> None:
    logger.info('{"a": 1} <red>')
    assert last_line(log).endswith('INFO - {"a": 1} <red>')


def test_libraries_log_into_the_same_place(log: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info("Started for %s", PHONE)
    assert last_line(log).endswith("INFO - Started for [number]")


def test_exceptions_of_libraries_are_told_without_text(log: io.StringIO) -> None:
    try:
        raise ValueError("what Ana wrote")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Failed")
    assert "ValueError" in log.getvalue()
    assert "Ana" not in log.getvalue()


def test_a_level_of_a_library_s_own_is_rounded_down(log: io.StringIO) -> None:
    logging.getLogger("library").log(25, "notice")
    assert last_line(log).endswith("INFO - notice")


@pytest.mark.parametrize("library", ["httpx", "openai._base_client", "sqlalchemy.engine.Engine"])
def test_libraries_that_show_bodies_speak_only_to_warn(log: io.StringIO, library: str) -> None:
    logging.getLogger(library).info("body: hola")
    assert log.getvalue() == ""


def test_the_access_log_is_off_since_it_shows_query_strings(log: io.StringIO) -> None:
    logging.getLogger("uvicorn.access").error("GET /webhook?hub.challenge=1")
    assert log.getvalue() == ""


def test_a_warning_is_told_by_kind_and_place(log: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("input_value='what Ana wrote'", stacklevel=1)
    assert "WARNING - UserWarning at " in log.getvalue()
    assert "Ana" not in log.getvalue()


def test_a_task_that_nobody_awaited_shows_no_values(log: io.StringIO) -> None:
    async def fail() -> None:
        raise ValueError("what Ana wrote")

    async def forget() -> None:
        task = asyncio.create_task(fail())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del task
        gc.collect()

    asyncio.run(forget())
    assert "Task exception was never retrieved" in log.getvalue()
    assert "Ana" not in log.getvalue()


def test_a_person_has_one_pseudonym() -> None:
    assert pseudonym("573001234567") == pseudonym("573001234567") != pseudonym("573001234568")


def test_a_pseudonym_survives_masking() -> None:
    assert mask(pseudonym(PHONE)) == pseudonym(PHONE)


def test_processes_with_one_key_call_a_person_the_same(log: io.StringIO) -> None:
    setup_logging(sink=log, pseudonym_key=b"shared")
    first = pseudonym(PHONE)
    setup_logging(sink=log, pseudonym_key=b"other")
    assert pseudonym(PHONE) != first
    setup_logging(sink=log, pseudonym_key=b"shared")
    assert pseudonym(PHONE) == first


def test_a_file_for_each_day_has_the_lines_too(log: io.StringIO, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    setup_logging(sink=log, secrets=["our verify words"], folder=folder)
    logger.info("the words are: our verify words")
    [file] = folder.iterdir()
    assert re.fullmatch(r"webhook_\d{8}\.log", file.name)
    assert file.read_text() == log.getvalue()
    assert "our verify" not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_whoever_listens_to_the_log_goes_on_listening_when_its_level_changes() -> None:
    heard: list[str] = []
    listener = logger.add(lambda message: heard.append(message.record["message"]), level="INFO")
    setup_logging("DEBUG", sink=io.StringIO())
    setup_logging("INFO", sink=io.StringIO())
    logger.info("a flow raised")
    logger.remove(listener)
    assert heard == ["a flow raised"]
