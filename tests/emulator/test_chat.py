"""What the terminal shows of each type of message."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from emulator.cli.chat import MARKS, NOT_RUNNING, Chat
from emulator.cloud_api.testing import ANA, CloudApiDouble
from emulator.loopback import LoopbackServer


@pytest.fixture
async def chat() -> Any:
    async with aiohttp.ClientSession() as session:
        yield Chat(session, "http://emulator", "15551234567", "Ana")


def shown(chat: Chat, kind: str, content: Any = None) -> list[str]:
    return list(chat._show({"from": "bot", "type": kind, kind: content}))


async def test_marks_of_formatting_are_left_out(chat: Chat) -> None:
    assert shown(chat, "text", {"body": "*Bold*, _italic_ and ~gone~; 2*3*4, snake_case_name"}) == [
        "Bold, italic and gone; 2*3*4, snake_case_name"
    ]


async def test_rows_are_numbered_with_what_they_are_about(chat: Chat) -> None:
    rows = [{"id": "a", "title": "One", "description": "the first"}, {"id": "b", "title": "Two"}]
    action = {"button": "Choose", "sections": [{"rows": rows}]}
    listed = {"type": "list", "body": {"text": "Which?"}, "action": action}
    listed["footer"] = {"text": "Any time"}
    assert shown(chat, "interactive", listed) == [
        "Which?",
        "  1. One: the first",
        "  2. Two",
        "  Any time",
    ]


@pytest.mark.parametrize(
    ("kind", "content", "line"),
    [
        (
            "document",
            {"caption": "Our events", "filename": "a.pdf"},
            "[document] Our events, a.pdf",
        ),
        ("location", {"latitude": 4.6, "name": "Here"}, "[location] Here, 4.6"),
        ("contacts", [{"name": {"formatted_name": "Eva"}}], "[contacts] Eva"),
        ("typing", None, "  (typing…)"),
        (
            "refused",
            {
                "message": "(#131047) Re-engagement message",
                "details": "",
                "remedy": "Send a template.",
            },
            "  ✗ (#131047) Re-engagement message: Send a template.",
        ),
        (
            "refused",
            {
                "message": "(#131009) Parameter value is not valid",
                "details": "text is too long.",
                "remedy": "Look at the details.",
            },
            "  ✗ (#131009) Parameter value is not valid: text is too long. Look at the details.",
        ),
    ],
)
async def test_other_types_are_summed_up(chat: Chat, kind: str, content: Any, line: str) -> None:
    assert shown(chat, kind, content) == [line]


async def test_read_marks_are_not_shown(chat: Chat) -> None:
    assert shown(chat, "read") == []


@pytest.fixture
async def served(cloud_api: CloudApiDouble) -> AsyncIterator[Chat]:
    """Against an emulator whose bot does what the test has it do."""
    server = LoopbackServer(cloud_api.app)
    await server.start()
    async with aiohttp.ClientSession() as session:
        yield Chat(session, server.url, ANA, "Ana")
    await server.stop()


async def replies(chat: Chat) -> list[str]:
    return [one async for one in chat.replies(0, 0, silence="(no reply)")]


async def test_a_bot_that_does_not_run_is_told_in_place_of_silence(
    cloud_api: CloudApiDouble, served: Chat
) -> None:
    bot = cloud_api.account.bot
    bot.note_delivery(is_answered=False)
    assert await replies(served) == [NOT_RUNNING]
    error = {"text": "RuntimeError: no seats.", "place": "src/flows/booking.py:31", "hint": "Save."}
    bot.change({"state": "stopped", "error": error})
    assert await replies(served) == [
        "(the bot is not running: src/flows/booking.py:31: RuntimeError: no seats. Save.)"
    ]
    bot.change({"state": "running", "error": None})
    assert await replies(served) == ["(no reply)"]


async def test_silence_is_told_though_the_message_was_read(
    cloud_api: CloudApiDouble, served: Chat
) -> None:
    await served.say("hello")
    assert await replies(served) == ["(no reply)"]
    heard = cloud_api.account.people.get(ANA).entries[-1]["id"]
    cloud_api.account.mark_read({"message_id": heard, "typing_indicator": {"type": "text"}})
    assert await replies(served) == ["  (typing…)", "(no reply)"]


async def test_a_refusal_by_meta_is_told(cloud_api: CloudApiDouble, served: Chat) -> None:
    await cloud_api.send("text", {"body": "x" * 4097})
    [told] = await replies(served)
    assert told.startswith("  ✗ (#131009)")


async def test_a_number_answers_the_last_question_only(
    cloud_api: CloudApiDouble, served: Chat
) -> None:
    person = cloud_api.open_window(ANA)
    button = {"type": "reply", "reply": {"id": "events", "title": "Events"}}
    menu = {"type": "button", "body": {"text": "?"}, "action": {"buttons": [button]}}
    await cloud_api.send("interactive", menu)
    await replies(served)
    await served.say("1")
    await cloud_api.send("text", {"body": "For how many?"})
    await replies(served)
    await served.say("1")
    heard = [one for one in person.entries if one["from"] != "bot" and one["type"] not in MARKS][
        -2:
    ]
    assert [one["type"] for one in heard] == ["interactive", "text"]
