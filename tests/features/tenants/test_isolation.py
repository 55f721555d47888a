"""Businesses in one process: each sees, answers and keeps only what is its own."""

from importlib import import_module

import pytest
from tests.fakes.bot import ANA, JOHN
from tests.fakes.web import NUMBER
from tests.features.tenants.mall import (
    ACCOUNT,
    BAKERY,
    BAKERY_ORDERS,
    FLORIST,
    FLORIST_SECRET,
    Mall,
    app,
    body_of,
    change_of,
    client_of,
    number,
    setting,
)

from controllers.webhook_controller import Forbidden
from features.tenants.tables import StoredTenant
from jobs.job_queue import Overloaded
from storage.engine.group_commit import Transaction


async def test_each_business_answers_from_its_number_with_its_token(mall: Mall) -> None:
    """The emulator opens a number only to its own token."""
    for to in (BAKERY, BAKERY_ORDERS):
        [sent] = await mall.write("hello", to)
        assert sent["phone_number_id"] == to
    await mall.post(
        body_of(change_of(FLORIST, "wamid.f")), app="florist-app", secret=FLORIST_SECRET
    )
    assert await mall.say("hello")
    assert mall.entries()[-1].get("phone_number_id") is None


async def test_a_person_who_writes_to_all_is_a_stranger_to_each(mall: Mall) -> None:
    """Language, STOP and forms of one business mean nothing to another."""
    await mall.say("hello")
    await mall.write("STOP", BAKERY)
    await mall.write("STOP", BAKERY_ORDERS)
    assert (await mall.user()).opted_out_at is None
    assert "START" not in str(await mall.say("hello"))
    users = {tenant: mall.rows("users", tenant) for tenant in ("", "bakery", "florist")}
    assert [len(rows) for rows in users.values()] == [1, 1, 0]


async def test_a_message_of_one_business_leaves_no_row_of_another(mall: Mall) -> None:
    """Not even in the tables of jobs: chatwoot #6206 opened conversations in two installations."""
    tables = ("users", "delivery", "lane", "job", "timer", "consent")
    before = {table: mall.rows(table) for table in tables}
    await mall.write("a cake, please", BAKERY)
    assert {table: mall.rows(table) for table in tables} == before
    assert len(mall.rows("delivery", "bakery")) == 1


async def test_one_body_with_the_numbers_of_three_businesses(mall: Mall) -> None:
    """Each stores its part; the florist's comes by another app, and is not answered."""
    for to in (None, BAKERY):
        mall.account.say(mall.person(ANA), {"type": "text", "text": {"body": "hi"}}, to=to)
    await mall.settle()
    mall._mark_seen(ANA)
    changes = [change_of(NUMBER, "w.1"), change_of(BAKERY, "w.2"), change_of(FLORIST, "w.3")]
    assert await mall.post(body_of(*changes)) == "message"
    numbers = {one.get("phone_number_id") for one in mall.entries() if one["type"] != "read"}
    assert numbers == {None, BAKERY}
    assert mall.rows("users", "florist") == []
    assert f"other:{FLORIST}:" in str(mall.rows("job"))


async def test_an_app_speaks_only_for_its_own_numbers(mall: Mall) -> None:
    """Who has the secret of one app cannot forge messages to numbers of another."""
    forged = body_of(change_of(BAKERY, "w.1"), change_of(NUMBER, "w.2", JOHN))
    await mall.post(forged, app="florist-app", secret=FLORIST_SECRET)
    assert mall.replies(ANA) == mall.replies(JOHN) == []
    assert mall.rows("users", "bakery") == []


async def test_each_app_has_its_own_secret_and_verify_token(mall: Mall) -> None:
    message = body_of(change_of(FLORIST, "w.1"))
    with pytest.raises(Forbidden):
        await mall.post(message, app="florist-app", secret=ACCOUNT.app_secret)
    with pytest.raises(Forbidden):
        await mall.post(message, secret=FLORIST_SECRET)
    client = await client_of(mall)
    asked = {"hub.mode": "subscribe", "hub.challenge": "0007"}
    for token, path, status in (
        ("florist-verify", "/webhook/florist-app", 200),
        ("florist-verify", "/webhook", 403),
        ("florist-verify", "/webhook/nobody", 404),
    ):
        answer = await client.get(path, params=asked | {"hub.verify_token": token})
        assert answer.status_code == status
    assert (await client.post("/webhook/nobody", json=message)).status_code == 404
    assert (await client.post("/webhook/florist-app", json=message)).status_code == 403
    await client.aclose()


async def test_a_secret_is_replaced_without_losing_a_webhook(mall: Mall) -> None:
    await mall.change(app("florist-app", "the new one", former=FLORIST_SECRET))
    for place, secret in enumerate((FLORIST_SECRET, "the new one")):
        body = body_of(change_of(FLORIST, f"w.{place}"))
        assert await mall.post(body, app="florist-app", secret=secret) == "message"


async def test_a_token_is_replaced_while_the_bot_runs(mall: Mall) -> None:
    """Its bot goes on: no webhook finds it stopped."""
    bot = mall.bots["bakery"]
    object.__setattr__(mall.account.config, "number_tokens", {BAKERY: "renewed"})
    from tests.features.tenants.mall import VAULT

    from features.tenants.vault import Place

    sealed = VAULT.seal("renewed", Place("bakery", BAKERY, "token"))
    await mall.change(number(BAKERY, "bakery")._replace(token=sealed))
    assert mall.bots["bakery"] is bot
    assert len(await mall.write("hello", BAKERY)) == 1


async def test_settings_of_the_process_that_name_people_or_accounts_are_not_inherited(
    mall: Mall,
) -> None:
    bakery, florist = (mall.bots[one].settings for one in ("bakery", "florist"))
    assert (bakery.timezone, florist.timezone) == ("America/Bogota", "UTC")
    assert (bakery.default_language, florist.default_language) == ("en", "pt")
    assert bakery.phone_allowlist == frozenset()
    assert not any("patOfTheFirst" in one for one in bakery.secrets())


@pytest.mark.needs("notifications")
async def test_every_route_below_a_business_is_its_own(mall: Mall) -> None:
    """Keys of one business open nothing of another, whatever the path says."""
    keys = {one: await _key(mall, one) for one in ("", "bakery", "florist")}
    client = await client_of(mall)
    for owner, key in keys.items():
        for asked in keys:
            answer = await client.get(
                f"{_prefix(asked)}/api/v1/notifications", headers=_bearer(key)
            )
            assert answer.status_code == (200 if owner == asked else 401), (owner, asked)
    assert (await client.get("/tenants/nobody/health")).status_code == 404
    await client.aclose()


@pytest.mark.needs("notifications")
async def test_an_id_of_another_business_is_not_found(mall: Mall) -> None:
    keys = {one: await _key(mall, one) for one in ("bakery", "florist")}
    client = await client_of(mall)
    await mall.write("hello", BAKERY)
    sent = await client.post(
        "/tenants/bakery/api/v1/notifications",
        headers=_bearer(keys["bakery"]),
        json={"items": [{"to": f"+{ANA}", "text": "Your bread is ready."}]},
    )
    [item] = sent.json()["items"]
    paths = [
        ("GET", f"/api/v1/notifications/{item['id']}"),
        ("DELETE", f"/api/v1/notifications/{item['id']}"),
        ("POST", f"/api/v1/notifications/{item['id']}/retry"),
    ]
    for method, path in paths:
        other = await client.request(
            method, f"/tenants/florist{path}", headers=_bearer(keys["florist"])
        )
        assert other.status_code == 404, path
    own = await client.get(f"/tenants/bakery{paths[0][1]}", headers=_bearer(keys["bakery"]))
    assert own.status_code == 200
    await client.aclose()


async def test_what_is_wrong_with_one_business_stops_no_other(mall: Mall) -> None:
    """Meta sends the messages of that business again; the operator reads why."""
    await mall.change(setting("bakery", "TIMEZONE", "Nowhere/Atall"))
    with pytest.raises(Overloaded):
        await mall.post(body_of(change_of(BAKERY, "w.1")))
    assert await mall.say("hello")
    assert "time zone" in (await mall.tenants.health())["tenants: bakery"]
    await mall.change(setting("bakery", "TIMEZONE", "Europe/Madrid"))
    assert await mall.post(body_of(change_of(BAKERY, "w.1"))) == "message"
    assert await mall.tenants.health() == {}


async def test_a_disabled_business_is_silent_and_keeps_nothing(mall: Mall) -> None:
    await mall.change(StoredTenant("bakery", "The bakery", is_disabled=True))
    assert await mall.post(body_of(change_of(BAKERY, "w.1"))) == "unknown_type"
    assert "bakery" not in mall.bots
    assert not any(BAKERY in str(row) for row in mall.rows("job"))
    await mall.change(StoredTenant("bakery", "The bakery"))
    assert len(await mall.write("hello", BAKERY)) == 1


async def test_a_row_that_is_copied_to_another_business_is_of_no_use(mall: Mall) -> None:
    stolen = number(BAKERY, "bakery").token
    await mall.change(number(FLORIST, "florist", "florist-app")._replace(token=stolen))
    assert "florist" not in mall.bots
    assert "copied from another place" in (await mall.tenants.health())["tenants: florist"]
    assert len(await mall.write("hello", BAKERY)) == 1


@pytest.mark.needs("templates")
async def test_news_of_an_account_reach_the_businesses_that_have_it(mall: Mall) -> None:
    """Such as of a template: they name no number."""
    paused = {
        "field": "message_template_status_update",
        "value": {"event": "PAUSED", "message_template_name": "roses"},
    }
    await mall.post(
        body_of(paused, account="200000000000009"), app="florist-app", secret=FLORIST_SECRET
    )
    news = "message_template_status_update"
    assert news in str(mall.rows("job", "florist"))
    assert news not in str(mall.rows("job")) + str(mall.rows("job", "bakery"))
    await mall.post(body_of(paused, account=ACCOUNT.business_account_id))
    assert news in str(mall.rows("job", "bakery"))  # it shares the account of the settings
    assert news in str(mall.rows("job"))


async def test_the_log_names_the_business_and_no_secret(mall: Mall) -> None:
    from tests.fakes.captured_log import captured_log

    with captured_log() as lines:
        await mall.change(setting("bakery", "DEFAULT_LANGUAGE", "es"))
    assert "[tenant bakery]" in lines.getvalue()
    assert not any(secret in lines.getvalue() for secret in ("bakery-token", FLORIST_SECRET))


async def _key(mall: Mall, tenant: str) -> str:
    """A key of the notifications of a business."""
    database = mall.bots[tenant].parts.database if tenant else mall.database
    api_keys = import_module("features.notifications.api_keys")
    scopes = list(api_keys.Scope)
    create = Transaction(lambda c, _: str(api_keys.create(c, "erp", scopes, mall.clock())))
    return await database.submit(create)


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _prefix(tenant: str) -> str:
    return f"/tenants/{tenant}" if tenant else ""
