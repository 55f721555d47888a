"""Only operators get in, and only by pages of the inbox."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection
from tests.features.inbox.town import TOKEN, Town

from features.inbox import operators
from features.inbox.feature import InboxFeature
from features.inbox.operators import NameTaken, Operator, Role
from storage.engine.group_commit import Transaction


async def invited(town: Town, name: str = "Eva", role: Role = Role.AGENT) -> str:
    """The secret of the link of a new operator."""

    def invite(connection: Connection, now: float) -> str:
        at = datetime.fromtimestamp(now, UTC)
        operator = operators.add(connection, name, role, at)
        return operators.invite(connection, operator, at)

    return await town.database.submit(Transaction(invite))


async def test_a_link_signs_in_once(town: Town) -> None:
    secret = await invited(town)
    await town.call("DELETE", "/api/session")
    assert (await town.call("GET", "/api/threads")).status_code == 401
    assert (await town.sign_in(secret)).status_code == 204
    assert (await town.call("GET", "/api/threads")).json()["me"]["name"] == "Eva"
    assert (await town.sign_in(secret)).status_code == 401


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(town: Town) -> None:
    cookie = (await town.sign_in()).headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=strict", "Secure", "Path=/inbox"):
        assert part in cookie
    assert TOKEN not in cookie


async def test_a_business_of_several_has_an_inbox_of_its_own(town: Town) -> None:
    admin = town.cookies
    town.root, town.cookies = "/tenants/bakery", httpx.Cookies()
    page = await town.call("GET", "")
    assert page.headers["location"] == "/tenants/bakery/inbox/sign-in"
    assert "Path=/tenants/bakery/inbox;" in (await town.sign_in()).headers["set-cookie"]
    town.cookies = admin
    invited = await town.call("POST", "/api/operators", json={"name": "Eva"})
    assert invited.json()["path"].startswith("/tenants/bakery/inbox/sign-in#")
    for name in ("", "/sign-in", "/questions", "/numbers", "/team", "/businesses"):
        assert '="/inbox' not in (await town.call("GET", name)).text, "links lead to the same bot"


async def test_counts_of_a_business_need_its_own_session(town: Town, tmp_path: Path) -> None:
    await town.say("I want to talk to a person")
    assert (await town.call("GET", "/api/counts")).json() == {
        "waiting": 1,
        "unread": 1,
        "mentions": 0,
    }
    (tmp_path / "other").mkdir()
    other = Town(tmp_path / "other")
    await other.start()
    other.cookies = town.cookies
    assert (await other.call("GET", "/api/counts")).status_code == 401
    await other.sign_in()
    counts = (await other.call("GET", "/api/counts")).json()
    assert counts == {"waiting": 0, "unread": 0, "mentions": 0}
    await other.stop()


async def test_links_and_sessions_end(town: Town) -> None:
    late = await invited(town)
    town.clock.advance(timedelta(days=1, seconds=1))
    assert (await town.sign_in(late)).status_code == 401
    town.clock.advance(timedelta(days=30))
    assert (await town.call("GET", "/api/threads")).status_code == 401


async def test_whoever_is_revoked_is_signed_out(town: Town) -> None:
    await town.sign_in(await invited(town))

    def revoke(connection: Connection, now: float) -> Operator:
        found = operators.named(connection, "Eva")
        assert found is not None
        operators.revoke(connection, found, datetime.fromtimestamp(now, UTC))
        return found

    await town.database.submit(Transaction(revoke))
    assert (await town.call("GET", "/api/threads")).status_code == 401


async def test_two_operators_of_one_name_are_one_too_many(town: Town) -> None:
    await invited(town)
    with pytest.raises(NameTaken):
        await invited(town)


async def test_without_a_session_there_is_nothing(town: Town) -> None:
    town.cookies.clear()
    page = await town.call("GET", "")
    assert (page.status_code, page.headers["location"]) == (303, "/inbox/sign-in")
    for path in ("threads", "thread?key=x", "media?id=x", "audit", "feed"):
        assert (await town.call("GET", f"/api/{path}")).status_code == 401, path
    for name in ("reply", "note", "take", "hand-back", "assign", "read"):
        answer = await town.call("POST", f"/api/{name}?key=x", json={"text": "x", "name": "x"})
        assert answer.status_code in (401, 422), name


async def test_other_sites_can_do_nothing_with_the_cookie(town: Town) -> None:
    await town.say("hello")
    key = (await town.user()).key
    answer = await town.call(
        "POST", "/api/take", params={"key": key}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert (await town.threads())[0]["holder"] == "bot"


async def test_secrets_cannot_be_guessed_for_long(town: Town) -> None:
    answers = [(await town.sign_in(f"guess {number}")).status_code for number in range(25)]
    assert (answers[0], answers[-1]) == (401, 429)


async def test_supervisors_see_who_did_what_and_agents_do_not(town: Town) -> None:
    await town.say("hello")
    await town.act("reply", text="Hi!")
    acts = (await town.call("GET", "/api/audit")).json()["acts"]
    assert [(one["operator"], one["act"]) for one in acts] == [("Owner", "replied")]
    await town.sign_in(await invited(town))
    assert (await town.call("GET", "/api/audit")).status_code == 403


async def test_pages_load_nothing_from_elsewhere(town: Town) -> None:
    page = await town.call("GET", "")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "http" not in page.text.replace("<!doctype html>", "")
    assert (await town.call("GET", "/pages/inbox.js")).status_code == 200
    assert (await town.call("GET", "/pages/..%2Ffeature.py")).status_code == 404
    assert (await town.call("GET", "/pages/index.html")).status_code == 404


async def test_an_invitation_opens_the_inbox_of_a_running_bot(tmp_path: Path) -> None:
    town = Town(tmp_path, inbox_sign_in_token=None)
    await town.start()
    inbox = town.bot.parts.feature(InboxFeature)
    assert not town.bot.parts.context.can_hand_off
    await invited(town)
    await inbox.look()
    assert town.bot.parts.context.can_hand_off
    await town.stop()
