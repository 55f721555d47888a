"""Operators as a team: turns, who is away, hidden numbers, invitations, and who saw what."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from tests.fakes.bot import ANA, JOHN
from tests.features.inbox.test_access import invited
from tests.features.inbox.town import TOKEN, Town

from features.inbox import operators
from features.inbox.masks import SHOWS_ALL, Mask
from features.inbox.operators import Role
from features.inbox.tables.operators import HERE, inbox_operator
from storage.engine.group_commit import Transaction

ASKS = "I want to talk to a person"


async def are_here(town: Town, *names: str) -> None:
    """The pages of these operators are open."""
    of = inbox_operator.c
    seen = update(inbox_operator).where(of.name.in_(names)).values(seen_at=town.clock())
    await town.database.submit(Transaction(lambda c, _: c.execute(seen)))


async def assigned(town: Town, who: str) -> str | None:
    await town.say(ASKS, who)
    name: str | None = (await town.thread(who))["thread"]["assigned_to"]
    return name


async def test_people_are_given_to_operators_in_turn(tmp_path: Path) -> None:
    town = Town(tmp_path, inbox_round_robin=True)
    await town.start()
    await town.sign_in()
    people = [ANA, JOHN, "573001110001", "573001110002"]
    assert await assigned(town, people.pop()) is None, "nobody is here"
    eva, luis = await invited(town, "Eva"), await invited(town, "Luis")
    await invited(town, "Zoe")
    await are_here(town, "Eva", "Luis")
    assert {await assigned(town, people.pop()) for _ in range(2)} == {"Eva", "Luis"}
    await town.act("hand-back", JOHN)
    await town.sign_in(luis)
    await town.call("POST", "/api/away", json={"is_away": True})
    assert (await town.answer())["me"]["is_away"] is True
    assert await assigned(town, JOHN) == "Eva"
    assert (await town.answer())["waiting_for_me"] == 1, "what nobody has, and not Eva's"
    town.clock.advance(HERE + timedelta(seconds=1))
    await town.sign_in(eva)
    assert await assigned(town, people.pop()) is None, "their pages are closed"
    await town.stop()


async def test_a_page_that_is_open_says_so(town: Town) -> None:
    await invited(town)
    staff = town.state.by_name()["inbox"].staff
    eva = await town.database.reader.run(lambda c, _: operators.named(c, "Eva"))
    for seconds in (0, 1, 60):  # not at each event
        town.clock.advance(timedelta(seconds=seconds))
        await staff.see(eva, town.clock())
    rows = await town.database.reader.run(lambda c, _: operators.all_operators(c))
    assert [one.seen_at for one in rows] == [town.clock()]


async def hide(town: Town, *, is_on: bool = True) -> None:
    assert (await town.call("POST", "/api/masks", json={"is_on": is_on})).status_code == 204


async def test_agents_see_no_numbers_where_supervisors_hide_them(town: Town) -> None:
    await town.say("hello")
    await hide(town)
    assert ANA in str(await town.thread()), "supervisors see them"
    await town.sign_in(await invited(town))
    [thread] = await town.threads()
    assert ANA not in str(await town.answer())
    assert (await town.user()).key not in str(await town.answer())
    answer = await town.call("GET", "/api/thread", params={"key": thread["key"]})
    found = answer.json()
    assert (found["person"]["phone"], ANA in answer.text) == ("···67", False)
    assert await town.threads(search=ANA[:6]) == [], "digits would tell the number"
    sent = {"text": "Hi", "quotes": found["messages"][0]["id"]}
    reply = await town.call("POST", "/api/reply", params={"key": thread["key"]}, json=sent)
    await town.settle()
    assert (reply.status_code, town.replies()[-1:]) == (204, ["Hi"])
    quoted = (await town.call("GET", "/api/thread", params={"key": thread["key"]})).json()
    [hi] = [one for one in quoted["messages"] if one["text"] == "Hi"]
    assert hi["quotes"] == found["messages"][0]["id"]
    assert (await town.call("POST", "/api/masks", json={"is_on": False})).status_code == 403


@pytest.mark.parametrize("text", ["573001234567", "CO.1234567890123", "wamid.HBgM=", "ñandú", ""])
def test_what_is_hidden_can_be_turned_back(text: str) -> None:
    mask = Mask(b"secret")
    assert mask.plain(mask.hide(text)) == text
    assert mask.hide(text) == mask.hide(text) != text
    assert (SHOWS_ALL.hide(text), Mask(b"other").plain(mask.hide(text)) == text) == (text, False)


@pytest.mark.parametrize("text", ["~", "~abc", "~!!", "~" + "A" * 40, "plain"])
def test_what_was_never_hidden_stays_as_it_is(text: str) -> None:
    assert Mask(b"secret").plain(text) == text


async def test_admins_invite_and_remove_operators(town: Town) -> None:
    body = {"name": " Eva  Luz ", "role": "supervisor"}
    path: str = (await town.call("POST", "/api/operators", json=body)).json()["path"]
    assert (
        await town.call("POST", "/api/operators", json=body | {"role": "agent"})
    ).status_code == 409
    assert "Eva Luz" in (await town.call("GET", "/team")).text
    await town.sign_in(path.partition("#")[2])
    assert (await town.answer())["me"] == {
        "name": "Eva Luz",
        "role": "supervisor",
        "is_away": False,
    }
    assert (await town.call("POST", "/api/operators", json=body)).status_code == 403
    assert "Make a link" not in (await town.call("GET", "/team")).text
    eva = town.cookies
    await town.sign_in(TOKEN)
    await town.call("DELETE", "/api/operators", params={"name": "Eva Luz"})
    town.cookies = eva
    assert (await town.call("GET", "/api/threads")).status_code == 401


async def test_supervisors_see_who_read_what_once_an_hour(town: Town) -> None:
    await town.say("hello")
    for _ in range(3):
        await town.thread()
    town.clock.advance(timedelta(hours=1))
    await town.thread()
    acts: list[dict[str, Any]] = (await town.call("GET", "/api/audit")).json()["acts"]
    assert [(one["operator"], one["act"]) for one in acts] == [("Owner", "saw")] * 2
    page = (await town.call("GET", "/team")).text
    assert "Who saw and did what" in page
    assert ">saw<" in page
    await town.sign_in(await invited(town, role=Role.AGENT))
    for path in ("/team", "/api/audit"):
        assert (await town.call("GET", path)).status_code == 403
