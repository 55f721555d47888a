"""What each business has of its own: allowlist, roles, texts, country, limits, bases, keys."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from tests.fakes.bot import ANA, JOHN
from tests.features.tenants.mall import BAKERY, BAKERY_ORDERS, Mall, client_of, setting
from tests.features.tenants.test_isolation import _bearer, _key

#: Settings of the bakery, whose counterparts at the florist stay as they were.
OWN = {
    "PHONE_ALLOWLIST": ANA,
    "USERS": '[{"id": 1, "phone": "+573009998877", "first_name": "Eva", "role": "baker"}]',
    "AIRTABLE_BASE_ID": "appAbCdEf12345678",
    "TIMEZONE": "America/Bogota",
    "CURRENCY": "COP",
    "DEFAULT_LANGUAGE": "es",
    "MESSAGES_PER_SECOND": "20",
    "OPENAI_DAILY_TOKENS": "1000",
    "NOTIFICATIONS_COUNTRY": "ES",
    "NOTIFICATIONS_PER_DAY": "1",
    "MESSAGING_LIMIT": "250",
    "OPERATORS_CHAT_URL": "https://chat.example.com/bakery",
}
CONFIG = """
version: "1"
texts:
  en:
    common.fallback: "Which bread would you like?"
"""


@pytest.mark.needs("notifications", "airtable", "assistant", "bulk", "handoff")
async def test_settings_of_one_business_are_those_of_no_other(mall: Mall) -> None:
    florist = mall.bots["florist"].settings.model_dump()
    await mall.change(*(setting("bakery", name, value) for name, value in OWN.items()))
    assert await mall.tenants.health() == {}
    assert mall.bots["florist"].settings.model_dump() == florist
    bakery = mall.bots["bakery"].settings
    assert bakery.phone_allowlist == {ANA}
    assert (bakery.timezone, bakery.currency) == ("America/Bogota", "COP")
    # Only who is on its list gets an answer, and hears its language.
    assert not await mall.write("hello", BAKERY, JOHN)
    assert await mall.say("hello", JOHN)


@pytest.mark.needs("notifications")
async def test_country_and_budget_of_notifications_are_of_one_business(mall: Mall) -> None:
    await mall.change(
        *(setting("bakery", name, OWN[name]) for name in OWN if name.startswith("NOTIFICATIONS"))
    )
    client = await client_of(mall)

    async def sent(tenant: str, to: str) -> list[str]:
        answer = await client.post(
            f"/tenants/{tenant}/api/v1/notifications",
            headers=_bearer(await _key(mall, tenant)),
            json={"items": [{"to": to, "text": "Your bread is ready."}], "on_error": "partial"},
        )
        errors = answer.json().get("errors") or answer.json()["items"][0]["errors"]
        return [one["code"] for one in errors]

    # The window is closed for strangers; what counts is which number is understood.
    assert await sent("bakery", "612 345 678") == ["window_closed"]
    assert await sent("florist", "612 345 678") == ["phone_invalid"]
    assert await sent("florist", "+34 612 345 678") == ["window_closed"]
    await client.aclose()


@pytest.mark.needs("file_texts")
async def test_texts_of_a_config_file_are_of_one_business(mall: Mall, tmp_path: Path) -> None:
    (tmp_path / "bakery.yaml").write_text(CONFIG)
    await mall.change(setting("bakery", "BOT_CONFIG", str(tmp_path / "bakery.yaml")))
    await mall.write("hello", BAKERY)
    await mall.say("hello")
    assert "Which bread" in str(await mall.write("xyzzy plugh", BAKERY))
    assert "Which bread" not in str(await mall.say("xyzzy plugh"))


@pytest.mark.needs("notifications")
async def test_no_route_of_a_business_opens_for_the_key_of_another(mall: Mall) -> None:
    """Whatever routes there are: what asks for a key takes none of somebody else's."""
    from app.main import create_app

    own, other = await _key(mall, "bakery"), await _key(mall, "florist")
    client = await client_of(mall)
    walked: list[str] = []
    for method, path in _api_routes(create_app(mall.settings)):
        url = f"/tenants/bakery{path.format_map(_Anything())}"
        mine = await client.request(method, url, headers=_bearer(own), json={})
        theirs = await client.request(method, url, headers=_bearer(other), json={})
        assert mine.status_code not in (401, 403), url
        assert theirs.status_code in (401, 403), url
        walked.append(url)
    assert len(walked) > 8
    await client.aclose()


def _api_routes(application: FastAPI) -> list[tuple[str, str]]:
    """Methods and paths of the HTTP API that ask for keys."""
    found = application.openapi()["paths"].items()
    apis = ("/api/v1/notifications", "/api/v1/events")
    return [(method, path) for path, one in found if path.startswith(apis) for method in one]


class _Anything(dict[str, str]):
    """Values of the variables in paths."""

    def __missing__(self, name: str) -> str:
        return "ntf_0" if name == "id" else "po.approved"


@pytest.mark.parametrize("number", [BAKERY, BAKERY_ORDERS])
async def test_what_one_business_is_told_reaches_its_own_database(mall: Mall, number: str) -> None:
    await mall.write("hello", number)
    assert len(mall.rows("users", "bakery")) == 1
    assert mall.rows("users", "florist") == []
