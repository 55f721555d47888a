"""The error that ended a bot is read from what it wrote to standard error."""

from pathlib import Path

import pytest

from app.development.last_words import HINT, read_error

SOURCE = Path("/srv/bot/src")
TIME = "2026-11-26 18:24:48.111"
STARTUP_FAILED = f"{TIME} - ERROR - Application startup failed. Exiting."

IMPORT = """\
Traceback (most recent call last):
  File "<frozen runpy>", line 198, in _run_module_as_main
  File "/srv/bot/src/app/web.py", line 9, in <module>
    from app.main import create_app
  File "/srv/bot/src/services/message_handler.py", line 263
    def (
        ^
SyntaxError: invalid syntax
"""
IN_A_LIBRARY = """\
Traceback (most recent call last):
  File "/srv/bot/src/features/faq/search.py", line 3, in <module>
    import snowball
  File "/usr/lib/python3.11/importlib.py", line 12, in load
    raise error
ModuleNotFoundError: No module named 'snowball'
"""
FLOW = f"{TIME} - ERROR - /srv/bot/src/flows/menu.py:58: ZeroDivisionError: division by zero"
TEXTS = f"""\
{TIME} - INFO - the bot starts
{TIME} - ERROR - The texts in src/texts do not fit the flows:
    en: "registration.finished" is missing (src/flows/registration.py:29)
"""
TEXT_FAULT = f"""\
{TIME} - ERROR - Flows, texts and features have 2 problems:
    src/texts/en.toml:471: registration.done names {{name}}; src/flows/registration.py:40 uses it
    src/texts/en.toml:533: events.event.options.open_day.title has 46 characters
"""
EXCEPTION = f"""\
{TIME} - ERROR - the bot cannot start or stop
    RuntimeError: no workers today
      see src/app/composition/workers.py:47
      at src/app/main.py:33 in lifespan
      at lib/python3.11/contextlib.py:210 in __aenter__
      at app/composition/workers.py:47 in make_workers
{TIME} - ERROR - failed
"""


@pytest.mark.parametrize(
    ("stderr", "text", "place"),
    [
        (IMPORT, "SyntaxError: invalid syntax", "src/services/message_handler.py:263"),
        (
            IN_A_LIBRARY,
            "ModuleNotFoundError: No module named 'snowball'",
            "src/features/faq/search.py:3",
        ),
        (
            TEXT_FAULT,
            "Flows, texts and features have 2 problems:\n"
            "src/texts/en.toml:471: registration.done names {name}; "
            "src/flows/registration.py:40 uses it\n"
            "src/texts/en.toml:533: events.event.options.open_day.title has 46 characters",
            "src/texts/en.toml:471",
        ),
        (
            FLOW,
            "ZeroDivisionError: division by zero",
            "src/flows/menu.py:58",
        ),
        (
            TEXTS,
            "The texts in src/texts do not fit the flows:\n"
            'en: "registration.finished" is missing (src/flows/registration.py:29)',
            "src/flows/registration.py:29",
        ),
        (EXCEPTION, "RuntimeError: no workers today", "src/app/composition/workers.py:47"),
        (
            f"\x1b[31m{FLOW}\x1b[0m",
            "ZeroDivisionError: division by zero",
            "src/flows/menu.py:58",
        ),
        ("These settings are wrong:\n  - PORT", "These settings are wrong:\n  - PORT", ""),
    ],
)
def test_the_text_and_the_place_of_the_error(stderr: str, text: str, place: str) -> None:
    error = read_error(f"{stderr}\n{STARTUP_FAILED}\n", source=SOURCE)
    assert error is not None
    assert (error.text, error.place, error.hint) == (text, place, HINT)


@pytest.mark.parametrize("stderr", ["", "\n", f"{TIME} - INFO - worker stopping\n", STARTUP_FAILED])
def test_without_an_error_there_is_none(stderr: str) -> None:
    assert read_error(stderr, source=SOURCE) is None
