"""One line for each message, in colours only where a terminal shows them."""

import io
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from app.development.console import MAX_TEXT_CHARS, DevConsole, place_of
from domain.state_change import StateChange

AT = datetime(2026, 11, 26, 10, 2, 3).astimezone()
HELLO = StateChange(
    at=AT.timestamp(),
    event="message",
    message_id="wamid.1",
    user_id="US.1",
    wa_id="15551234567",
    before={},
    after={"menu": "main_menu"},
    replies=1,
    name="Ana",
    text="hello",
    took_ms=12.4,
)
NO_NAME = {"name": "", "wa_id": None, "user_id": None}


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def line_of(change: StateChange) -> str:
    stream = io.StringIO()
    DevConsole(stream)(change)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "10:02:03 Ana › hello → main_menu · 1 reply · 12 ms\n"),
        (
            {"replies": 0, "stage": "waiting_for_operator"},
            "10:02:03 Ana › hello → waiting for operator · 0 replies · 12 ms\n",
        ),
        (
            {"text": "asdf", "before": {"menu": "main_menu"}, "stage": "fallback"},
            "10:02:03 Ana › asdf → fallback · 1 reply · 12 ms\n",
        ),
        ({"name": ""}, "10:02:03 15551234567 › hello → main_menu · 1 reply · 12 ms\n"),
        (NO_NAME, "10:02:03 Someone › hello → main_menu · 1 reply · 12 ms\n"),
        ({"text": ""}, "10:02:03 Ana › (not text) → main_menu · 1 reply · 12 ms\n"),
        (
            {"event": "timer", "text": "", "after": {}},
            "10:02:03 Ana › (a timer ended) → no flow · 1 reply · 12 ms\n",
        ),
        (
            {"text": "when?", "after": {}, "stage": "faq_answer"},
            "10:02:03 Ana › when? → faq answer · 1 reply · 12 ms\n",
        ),
        (
            {"event": "record_status", "text": "", "before": {"menu": "main_menu"}},
            "10:02:03 Ana › (an operator set a status) → no flow · 1 reply · 12 ms\n",
        ),
        (
            {"event": "answer", "text": "", "replies": 2},
            "10:02:03 Ana › (the assistant answered) → main_menu · 2 replies · 12 ms\n",
        ),
    ],
)
def test_who_wrote_what_where_it_led_and_how_long_it_took(
    changes: dict[str, Any], line: str
) -> None:
    assert line_of(replace(HELLO, **changes)) == line


def test_a_flow_is_named_with_its_step() -> None:
    flow = {"flow": "registration", "step": "full_name", "answers": {}}
    led = replace(HELLO, after={"flow": flow, "menu": "main_menu"})
    assert place_of(led) == "registration: full_name"


def test_a_message_is_one_line_that_moves_no_cursor() -> None:
    line = line_of(replace(HELLO, text="a\n\x1b[2Jb " + "x" * 100, name="A\u202ena"))
    assert line.count("\n") == 1
    assert "\x1b" not in line
    assert "A?na › a ?[2Jb xxx" in line
    assert "x… →" in line
    assert len(line) < MAX_TEXT_CHARS + 60


def test_colours_are_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    DevConsole(stream)(HELLO)
    assert "\x1b[1mAna\x1b[0m › hello → \x1b[36mmain_menu\x1b[0m" in stream.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    DevConsole(stream)(HELLO)
    assert "\x1b" not in stream.getvalue()
