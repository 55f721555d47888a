"""What operators do with a person: close, block, react, start a flow, write for later, erase."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, union_all
from tests.fakes.bot import ANA, CONSOLE
from tests.fakes.operators import sync
from tests.features.inbox.test_access import invited
from tests.features.inbox.town import Town

from domain.conversation_status import ConversationStatus
from emulator.airtable.testing import AirtableDouble
from features.inbox.tables.cases import inbox_case
from features.inbox.tables.messages import inbox_message
from services.agent import AgentReply, AgentRequest, ChatTurn
from storage.tables.users import user as people


class Colleague:
    """An agent that always answers the same, and sums it up."""

    async def reply(self, asked: AgentRequest) -> AgentReply:
        assert ChatTurn("user", "where is my parcel?") in asked.history
        if "Sum up" in asked.text:
            return AgentReply("They miss a parcel.", tokens=7)
        return AgentReply("It left yesterday, and arrives on [day].", tokens=7)


async def cases(town: Town) -> list[tuple[Any, ...]]:
    of = inbox_case.c
    query = select(of.opened_at, of.answered_at, of.answered_by, of.closed_at)
    rows = await town.database.reader.run(
        lambda c, _: c.execute(query.order_by(of.opened_at)).all()
    )
    return [tuple(row) for row in rows]


async def test_a_blocked_person_gets_nothing_until_unblocked(town: Town) -> None:
    await town.say("I want to talk to a person")
    assert (await town.act("block")).status_code == 204
    assert await town.threads(show="waiting") == []
    assert await town.say("hello?") == []
    assert (await town.act("reply", text="Hi!")).status_code == 409
    assert (await town.act("unblock")).status_code == 204
    assert (await town.act("unblock")).status_code == 409
    assert await town.say("hello") != []


async def test_what_is_done_is_closed_and_the_bot_answers_again(town: Town) -> None:
    await town.say("I want to talk to a person")
    await town.wait(60)
    await town.act("reply", text="It left yesterday.")
    await town.wait(60)
    await town.act("reply", text="Anything else?")
    await town.wait(60)
    await town.act("close")
    assert (await town.threads())[0]["status"] == ConversationStatus.CLOSED
    [(opened, answered, who, closed)] = await cases(town)
    assert (answered - opened, closed - opened) == (timedelta(minutes=1), timedelta(minutes=3))
    assert who == "Owner"
    assert await town.say("hello") != []
    await town.say("I want to talk to a person")
    assert [closed for *_, closed in await cases(town)][1:] == [None]


async def test_a_reaction_is_on_the_message_and_takes_nothing_over(town: Town) -> None:
    await town.say("hello")
    written = (await town.thread())["messages"][0]["id"]
    assert (await town.act("react", message_id=written, emoji="👍")).status_code == 204
    assert (await town.threads())[0]["holder"] == "bot"
    assert [one["reaction"]["emoji"] for one in town.entries() if one["type"] == "reaction"] == [
        "👍"
    ]
    for bad in (
        {"message_id": "wamid.other", "emoji": "👍"},
        {"message_id": written, "emoji": "x"},
    ):
        assert (await town.act("react", **bad)).status_code == 409


async def test_the_bot_starts_a_flow_for_an_operator(town: Town) -> None:
    await town.say("I want to talk to a person")
    assert "registration" in (await town.thread())["flows"]
    assert (await town.act("flow", name="nothing")).status_code == 409
    assert (await town.act("flow", name="registration")).status_code == 204
    assert "name" in "".join(town.replies()).lower()
    assert (await town.threads())[0]["holder"] == "bot"


async def test_a_message_for_later_is_sent_then_and_signed(town: Town) -> None:
    await town.say("hello")
    at = town.clock() + timedelta(hours=2)
    for text, when in (("Second.", at + timedelta(hours=1)), ("First.", at)):
        body = {"text": text, "at": when.isoformat()}
        assert (await town.act("later", **body)).status_code == 204
    assert (
        await town.act("later", text="Too late.", at=town.clock().isoformat())
    ).status_code == 409
    assert [one["text"] for one in (await town.thread())["later"]] == ["First.", "Second."]
    await town.restart()
    await town.wait(2 * 3600 + 1)
    assert town.replies()[-1:] == ["First."]
    shown = await town.thread()
    assert (shown["messages"][-1]["author"], len(shown["later"])) == ("Owner", 1)
    key = (await town.user()).key
    gone = {"key": key, "id": shown["later"][0]["id"]}
    assert (await town.call("DELETE", "/api/later", params=gone)).status_code == 204
    await town.wait(3600)
    assert ("out", "Second.") not in await town.lines()


async def test_a_message_for_later_that_whatsapp_would_refuse_becomes_a_note(town: Town) -> None:
    await town.say("hello")
    at = town.clock() + timedelta(hours=25)
    await town.act("later", text="Still there?", at=at.isoformat())
    await town.wait(25 * 3600 + 1)
    way, text = (await town.lines())[-1]
    assert (way, "24 hours" in (text or ""), "Still there?" in (text or "")) == ("note", True, True)


async def test_erasing_needs_the_name_and_a_supervisor(town: Town) -> None:
    await town.say("hello")
    name = (await town.thread())["person"]["name"]
    assert (await town.act("erase", name="Somebody else")).status_code == 409
    owner = town.cookies
    await town.sign_in(await invited(town))
    assert (await town.act("erase", name=name)).status_code == 403
    town.cookies = owner
    key = (await town.user()).key
    erased = await town.call("POST", "/api/erase", params={"key": key}, json={"name": name})
    assert erased.json() == {"is_done": True}
    assert await town.threads() == []
    query = union_all(select(people.c.key), select(inbox_message.c.id))
    assert await town.database.reader.run(lambda c, _: c.execute(query).all()) == []
    acts = (await town.call("GET", "/api/audit")).json()["acts"]
    assert [(one["act"], one["key"]) for one in acts] == [("erased a person", "")]


async def test_airtable_erases_its_copy_too(tmp_path: Path, airtable: AirtableDouble) -> None:
    town = Town(tmp_path, airtable=airtable, **CONSOLE)
    await town.start()
    await town.sign_in()
    await town.say("hello")
    await sync(town)
    assert len(airtable.rows("Contacts")) == 1
    name = (await town.thread())["person"]["name"]
    assert (await town.act("erase", name=name)).json() == {"is_done": False}
    await town.wait(2)
    await sync(town)
    assert airtable.rows("Contacts") == []
    assert await town.threads() == []
    await town.stop()


async def test_the_assistant_drafts_an_answer(tmp_path: Path) -> None:
    town = Town(tmp_path, agent=Colleague())
    await town.start()
    await town.sign_in()
    await town.say("I want to talk to a person")
    await town.say("where is my parcel?")
    assert (await town.thread())["has_drafts"] is True
    draft = await town.act("draft")
    assert draft.json() == {"text": "It left yesterday, and arrives on [day]."}
    assert (await town.act("summary")).json() == {"text": "They miss a parcel."}
    assert town.replies() == []
    await town.stop()


@pytest.mark.parametrize("act", ["close", "block", "unblock", "draft"])
async def test_strangers_change_nothing(town: Town, act: str) -> None:
    await town.say("hello", ANA)
    town.cookies.clear()
    assert (await town.act(act)).status_code == 401
