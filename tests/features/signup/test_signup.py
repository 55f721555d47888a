"""Businesses connect their own numbers: each step is stored, and done again if it failed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.features.tenants.mall import ACCOUNT, BAKERY, FLORIST, Mall, client_of, number, setting

from emulator.cloud_api.state.access_token import APP
from features.signup.links import id_of, new_link
from features.signup.signup_commands import store_invitation
from features.signup.tables import StoredSignup, find_signup
from features.tenants.tables import StoredTenant
from storage.engine.group_commit import Transaction

OTHER_ACCOUNT = "200000000000009"
EMULATED = replace(ACCOUNT, number_accounts={FLORIST: OTHER_ACCOUNT})


class Reception:
    """A bot with links, the emulator of several accounts, and a browser."""

    def __init__(self, mall: Mall, browser: httpx.AsyncClient) -> None:
        self.mall = mall
        self.browser = browser

    async def invite(self, tenant: str = "florist") -> str:
        """Return the path of a new link."""
        link = new_link()
        invite = partial(store_invitation, link, tenant, f"The {tenant}")
        now = self.mall.clock()
        await self.mall.database.submit(Transaction(lambda c, _: invite(c, now)))
        return f"/signup/{link}"

    async def share(self, shared: str = FLORIST) -> dict[str, Any]:
        """Somebody shares a number in the dialog; returns what the browser gets."""
        answer = await self.mall.http.post(f"{ACCOUNT.base_url}/emulator/signup/{shared}")
        told = answer.json()
        return {
            "code": told["code"],
            "account_id": told["data"]["waba_id"],
            "number_id": told["data"]["phone_number_id"],
        }

    async def stored(self, path: str) -> StoredSignup:
        id_ = id_of(path.rpartition("/")[2])
        found = await self.mall.database.submit(
            Transaction(lambda c, _: find_signup(c, id_, self.mall.clock()))
        )
        assert found is not None
        return found


@pytest.fixture
async def reception(tmp_path: Path, migrated_url: str) -> AsyncIterator[Reception]:
    """On both databases."""
    mall = Mall(
        tmp_path,
        migrated_url=migrated_url,
        emulated=EMULATED,
        signup_app_id=APP["id"],
        signup_app_secret=ACCOUNT.app_secret,
    )
    await mall.start()
    async with await client_of(mall) as browser:
        yield Reception(mall, browser)
    await mall.stop()


async def test_a_number_of_another_account_is_live_in_one_go(reception: Reception) -> None:
    path = await reception.invite()
    assert "Connect a number" in (await reception.browser.get(path)).text
    answer = await reception.browser.post(f"{path}/connect", json=await reception.share())
    assert answer.json() == {"step": "live", "problem": ""}
    assert "hidden" not in (await reception.browser.get(path)).text.partition('id="live"')[2][:12]
    await reception.mall.change(setting("florist", "BURST_PAUSE_SECONDS", "0"))
    assert len(await reception.mall.write("hello", FLORIST)) == 1
    one = await reception.stored(path)
    assert (one.token, one.pin) == (None, None)
    assert one.account_id == OTHER_ACCOUNT


async def test_a_step_that_fails_is_told_and_done_again(
    reception: Reception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chatwoot #13154 and #12488: what was done stays done, in the order that Meta asks for."""
    path, shared = await reception.invite(), await reception.share()
    for step in ("connected", "subscribed"):
        _fail_after(monkeypatch, step)
        route, body = ("connect", shared) if step == "connected" else ("continue", {})
        answer = await reception.browser.post(f"{path}/{route}", json=body)
        assert (answer.status_code, answer.json()["step"]) == (409, step)
        assert "Try again" in (await reception.browser.get(path)).text
    monkeypatch.undo()
    done = await reception.browser.post(f"{path}/continue")
    assert done.json() == {"step": "live", "problem": ""}


def _fail_after(patch: pytest.MonkeyPatch, step: str) -> None:
    """Let Meta refuse the request that follows a step."""
    from features.signup.steps import SignupProblem, SignupSteps

    async def refuse(self: SignupSteps, one: StoredSignup) -> None:
        raise SignupProblem("Meta has a bad day.")

    patch.undo()
    patch.setattr(SignupSteps, {"connected": "_subscribe", "subscribed": "_register"}[step], refuse)


async def test_a_number_that_stays_in_the_app_is_not_registered_anew(reception: Reception) -> None:
    """Coexistence: its contacts and chats are asked for instead, within a day."""
    path, shared = await reception.invite(), await reception.share()
    shared["is_coexistent"] = True
    answer = await reception.browser.post(f"{path}/connect", json=shared)
    assert answer.json()["step"] == "live"
    asked = [
        one["request"]["sync_type"]
        for one in reception.mall.account.traffic_log.all()
        if one["url"].endswith("/smb_app_data")
    ]
    assert sorted(asked) == ["history", "smb_app_state_sync"]


async def test_a_code_is_worth_something_once_and_for_half_a_minute(reception: Reception) -> None:
    path, shared = await reception.invite(), await reception.share()
    reception.mall.clock.advance(timedelta(seconds=31))
    late = await reception.browser.post(f"{path}/connect", json=shared)
    assert (late.status_code, late.json()["step"]) == (409, "invited")
    assert "expired" in late.json()["problem"]
    again = await reception.browser.post(f"{path}/connect", json=await reception.share())
    assert again.json()["step"] == "live"


async def test_nobody_connects_a_number_that_is_not_theirs(reception: Reception) -> None:
    """Neither one of another account, nor one that another business has here."""
    path, shared = await reception.invite(), await reception.share()
    foreign = {**shared, "number_id": BAKERY}
    answer = await reception.browser.post(f"{path}/connect", json=foreign)
    assert answer.json()["step"] == "invited"
    await reception.mall.change(StoredTenant("other", "Other"), number(FLORIST, "other"))
    taken = await reception.browser.post(f"{path}/connect", json=await reception.share())
    assert (taken.json()["step"], "another business" in taken.json()["problem"]) == (
        "registered",
        True,
    )


async def test_a_link_ends_after_a_week(reception: Reception) -> None:
    path = await reception.invite()
    reception.mall.clock.advance(timedelta(days=8))
    assert (await reception.browser.get(path)).status_code == 404
    assert (await reception.browser.get(f"/signup/{new_link()}")).status_code == 404


async def test_without_an_app_there_is_no_page(tmp_path: Path) -> None:
    mall = Mall(tmp_path)
    await mall.start()
    async with await client_of(mall) as browser:
        assert (await browser.get(f"/signup/{new_link()}")).status_code == 404
    await mall.stop()
