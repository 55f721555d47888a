"""Operators and people who do what a page never does, and pages that try again."""

import asyncio
from typing import Any

import pytest
from tests.fakes.bot import ANA
from tests.features.inbox.town import Town

from domain.conversation_status import ConversationStatus
from domain.inbound import Attachment
from jobs.job_queue import Decision
from storage.tables import users

JSON = {"X-Inbox": "1", "Content-Type": "application/json"}


@pytest.mark.parametrize("text", ["", " ", "\u200b", "***", "#"])
async def test_what_shows_nothing_is_not_sent(town: Town, text: str) -> None:
    await town.say("hello")
    for act in ("reply", "note"):
        assert (await town.act(act, text=text)).status_code == 409
    assert (await town.threads())[0]["holder"] == "bot"


async def test_nul_and_half_characters_are_no_fault_of_the_database(town: Town) -> None:
    await town.say("hello")
    assert (await town.act("reply", text="a\0b", quotes="\0")).status_code == 204
    assert town.replies() == ["a\ufffdb"]
    assert (await town.act("note", text="a\0b")).status_code == 204
    for path, status in (("threads?search", 200), ("thread?key", 404), ("media?id", 404)):
        assert (await town.call("GET", f"/api/{path}=%00")).status_code == status
    half = await town.call("POST", "/api/reply?key=x", content='{"text": "\\ud800"}', headers=JSON)
    assert half.status_code == 422


async def test_a_page_that_is_not_up_to_date_unblocks_nobody(town: Town) -> None:
    await town.say("hello")
    blocked = users.change((await town.user()).key, {"status": ConversationStatus.BLOCKED})
    await town.bot.parts.queue.decide(lambda _connection, _now: Decision(None, [], [blocked]))
    for act, body in (("take", {}), ("hand-back", {}), ("reply", {"text": "Hi!"})):
        assert (await town.act(act, **body)).status_code == 409, act
    assert (await town.user()).status == ConversationStatus.BLOCKED


async def test_what_is_tried_again_is_said_once(town: Town) -> None:
    """The answer of the first attempt was lost, or both arrive at once."""
    await town.say("hello")
    town._mark_seen(ANA)
    key = (await town.user()).key

    async def reply(attempt: str) -> Any:
        body = {"text": "It left yesterday."}
        headers = {"X-Inbox": attempt}
        return await town.call("POST", f"/api/reply?key={key}", json=body, headers=headers)

    answers = await asyncio.gather(*(reply("attempt-1") for _ in range(3)), reply("attempt-2"))
    await town.settle()
    assert {one.status_code for one in answers} == {204}
    assert town.replies() == ["It left yesterday."] * 2


async def test_a_file_of_a_stranger_is_not_even_read(town: Town) -> None:
    town.cookies.clear()
    read = False

    async def body() -> Any:
        nonlocal read
        read = True
        yield b"x" * 1024

    answer = await town.call("POST", "/api/file", params={"key": "x", "name": "a"}, content=body())
    assert (answer.status_code, read) == (401, False)


@pytest.mark.parametrize(
    "given", ["audio/x\r\nSet-Cookie: a=b", "audio/é", "audio/王", "audio", "a/b/c"]
)
def test_a_type_that_is_none_is_repeated_in_no_header(given: str) -> None:
    assert Attachment("audio", "1", given).plain_type == ""
    assert Attachment("audio", "1", "Audio/OGG; codecs=opus").plain_type == "audio/ogg"
