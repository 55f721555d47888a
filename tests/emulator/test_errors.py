"""Each code with which the emulator refuses by its own rules, and how to get it."""

import ast
import math
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.emulator.test_business_api import BUSINESS, NUMBER, REVIEW, create, send

from emulator import cloud_api
from emulator.cloud_api.config import Config
from emulator.cloud_api.rules.error_codes import CODES
from emulator.cloud_api.state.voice_calls import MAX_OPEN_CALLS
from emulator.cloud_api.testing import ANA, CALL_OFFER
from emulator.cloud_api.testing import CloudApiDouble as Meta

Provoke = Callable[[Meta], Awaitable[httpx.Response]]
HELLO = {"body": "hi"}
OFFER = {"sdp_type": "offer", "sdp": CALL_OFFER}
CALLED = {"messaging_product": "whatsapp", "action": "connect", "to": f"+{ANA}", "session": OFFER}


def sending(kind: str, content: Any, **more: Any) -> Provoke:
    return lambda meta: meta.send(kind, content, **more)


async def blocked(meta: Meta) -> httpx.Response:
    meta.account.people.get(ANA).is_blocked = True
    return await meta.send("text", HELLO)


async def too_late(meta: Meta) -> httpx.Response:
    meta.clock.advance(timedelta(days=1, seconds=1))
    return await meta.send("text", HELLO)


async def too_fast(meta: Meta) -> httpx.Response:
    for _ in range(meta.config.messages_per_second):  # messages of both sides count
        meta.account.say(meta.account.people.get(ANA), {"type": "text", "text": HELLO})
    return await meta.send("text", HELLO)


async def too_many_to_one(meta: Meta) -> httpx.Response:
    for _ in range(45):
        assert (await meta.send("text", HELLO)).status_code == 200
    return await meta.send("text", HELLO)


async def code_by_user_id(meta: Meta) -> httpx.Response:
    parts = [{"type": "BODY"}, {"type": "BUTTONS", "buttons": []}]
    await approved(meta, category="AUTHENTICATION", components=parts)
    person = meta.account.people.get(ANA)
    text = [{"type": "text", "text": "123456"}]
    button = {"type": "button", "sub_type": "url", "index": 0, "parameters": text}
    body = {"type": "body", "parameters": text}
    template = {"name": "order", "language": {"code": "en"}, "components": [body, button]}
    return await meta.send("template", template, to=None, recipient=person.user_id)


async def opted_out(meta: Meta) -> httpx.Response:
    await approved(meta, category="MARKETING")
    meta.account.people.get(ANA).wants_offers = False
    return await send(meta, "order")


async def approved(meta: Meta, body: str = "Hi", **more: Any) -> None:
    assert (await create(meta, body=body, **more)).status_code == 200
    meta.clock.advance(REVIEW)


async def too_few_parameters(meta: Meta) -> httpx.Response:
    await approved(meta, "Hi {{1}}.")
    return await send(meta, "order")


async def too_long_once_filled(meta: Meta) -> httpx.Response:
    await approved(meta, "Hi {{1}}.")
    return await send(meta, "order", "x" * 1022)


async def no_picture_for_the_header(meta: Meta) -> httpx.Response:
    parts = [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Hi"}]
    await approved(meta, components=parts)
    return await send(meta, "order")


async def long_coupon(meta: Meta) -> httpx.Response:
    buttons = [{"type": "COPY_CODE", "example": "CODE"}]
    parts = [{"type": "BODY", "text": "Hi"}, {"type": "BUTTONS", "buttons": buttons}]
    await approved(meta, components=parts)
    coupon = {"type": "coupon_code", "coupon_code": "x" * 16}
    button = {"type": "button", "sub_type": "copy_code", "index": "0", "parameters": [coupon]}
    template = {"name": "order", "language": {"code": "en"}, "components": [button]}
    return await meta.send("template", template)


async def deregistered(meta: Meta) -> httpx.Response:
    assert (await meta.http.post(f"{NUMBER}/deregister")).json() == {"success": True}
    return await meta.send("text", HELLO)


async def wrong_pin(meta: Meta) -> httpx.Response:
    assert (await meta.http.post(f"{NUMBER}/register", json={"pin": "123456"})).status_code == 200
    return await meta.http.post(f"{NUMBER}/register", json={"pin": "654321"})


async def many_wrong_pins(meta: Meta) -> httpx.Response:
    await wrong_pin(meta)
    for _ in range(4):
        await meta.http.post(f"{NUMBER}/register", json={"pin": "654321"})
    return await meta.http.post(f"{NUMBER}/register", json={"pin": "123456"})


async def calling_switched_off(meta: Meta) -> httpx.Response:
    await meta.http.post(f"{NUMBER}/settings", json={"calling": {"status": "DISABLED"}})
    return await meta.http.post(f"{NUMBER}/calls", json=CALLED)


async def called_twice(meta: Meta) -> httpx.Response:
    reply = {"response": "accept", "is_permanent": True}
    kind = "call_permission_reply"
    content = {"type": "interactive", "interactive": {"type": kind, kind: reply}}
    meta.account.say(meta.account.people.get(ANA), content)
    assert (await meta.http.post(f"{NUMBER}/calls", json=CALLED)).status_code == 200
    return await meta.http.post(f"{NUMBER}/calls", json=CALLED)


ASK = {"type": "call_permission_request", "action": {"name": "call_permission_request"}}


async def asked_twice(meta: Meta) -> httpx.Response:
    assert (await meta.send("interactive", ASK)).status_code == 200
    return await meta.send("interactive", ASK)


async def asked_in_vain(meta: Meta) -> httpx.Response:
    meta.account.people.get(ANA).may_be_called_until = math.inf
    return await meta.send("interactive", ASK)


async def called_all_day(meta: Meta) -> httpx.Response:
    meta.account.people.get(ANA).may_be_called_until = math.inf
    for _ in range(100):
        made = (await meta.http.post(f"{NUMBER}/calls", json=CALLED)).json()
        ended = {"action": "terminate", "call_id": made["calls"][0]["id"]}
        assert (await meta.http.post(f"{NUMBER}/calls", json=ended)).status_code == 200
    return await meta.http.post(f"{NUMBER}/calls", json=CALLED)


async def too_many_calls(meta: Meta) -> httpx.Response:
    meta.account.people.get(ANA).may_be_called_until = math.inf
    for number in range(MAX_OPEN_CALLS):
        person = meta.account.people.get(f"4915110{number:06}")
        person.is_blocked = True  # whose calls nobody is told of
        meta.account.calls.ring(person)
    return await meta.http.post(f"{NUMBER}/calls", json=CALLED)


async def upload(meta: Meta) -> httpx.Response:
    files = {"file": ("a.png", b"x" * (5 * 1024 * 1024 + 1), "image/png")}
    return await meta.http.post(
        f"{NUMBER}/media", files=files, data={"messaging_product": "whatsapp"}
    )


PROVOKED: dict[int, Provoke] = {
    100: sending("text", "hello"),
    190: lambda meta: meta.http.get(NUMBER, headers={"Authorization": "Bearer wrong"}),
    130403: blocked,
    130429: too_fast,
    131008: sending("text", {}),
    131009: sending("text", {"body": "x" * 4097}),
    131021: sending("text", HELLO, to=f"+{Config().display_phone_number}"),
    131047: too_late,
    131050: opted_out,
    131051: sending("dance", {}),
    131053: upload,
    131055: lambda meta: meta.http.post(f"{NUMBER}/marketing_messages", json={"type": "text"}),
    131056: too_many_to_one,
    131062: code_by_user_id,
    132000: too_few_parameters,
    132001: sending("template", {"name": "nothing", "language": {"code": "en"}}),
    132005: too_long_once_filled,
    132012: no_picture_for_the_header,
    132018: long_coupon,
    133005: wrong_pin,
    133008: many_wrong_pins,
    133010: deregistered,
    138000: calling_switched_off,
    138002: too_many_calls,
    138003: called_twice,
    138009: asked_twice,
    138012: called_all_day,
    138017: asked_in_vain,
    138006: lambda meta: meta.http.post(f"{NUMBER}/calls", json=CALLED),
    147001: lambda meta: meta.http.post(f"{NUMBER}/username", json={"username": "a..b"}),
    2200: lambda meta: meta.http.post(
        f"{BUSINESS}/subscribed_apps", json={"override_callback_uri": "http://127.0.0.1:9/hook"}
    ),
    2500: lambda meta: meta.http.get(f"{NUMBER}/nothing"),
    139100: lambda meta: meta.http.post(
        f"{NUMBER}/block_users",
        json={"messaging_product": "whatsapp", "block_users": [{"user": "+573009999999"}]},
    ),
}


@pytest.mark.parametrize("code", PROVOKED)
async def test_each_code_can_be_provoked(meta: Meta, code: int) -> None:
    answer = await PROVOKED[code](meta)
    assert answer.status_code == CODES[code].http
    error = answer.json()["error"]
    assert error["code"] == code
    assert error["error_data"]["details"]
    assert error["fbtrace_id"]


def test_no_code_is_forgotten_here() -> None:
    raised = set()
    for module in Path(cloud_api.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            match node:
                case ast.Call(func=ast.Name("GraphError"), args=[ast.Constant(int(code)), *_]):
                    raised.add(code)
    # the allowed recipients and the chances of chaos are tested by themselves
    assert raised == {*PROVOKED, 131030}


async def test_test_numbers_write_only_to_whom_they_may() -> None:
    meta = Meta(Config(allowed_recipients=frozenset({ANA})))
    assert (await meta.send("text", HELLO)).status_code == 200
    error = (await meta.send("text", HELLO, to="+573009999999")).json()["error"]
    assert (error["code"], error["error_subcode"]) == (131030, 2655007)
    await meta.account.webhooks.idle()
    await meta.close()


async def test_a_token_expires() -> None:
    meta = Meta(Config(token_life_seconds=24 * 3600))
    assert (await meta.http.get(NUMBER)).status_code == 200
    meta.clock.advance(timedelta(days=1))
    answer = await meta.http.get(NUMBER)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["error_subcode"]) == (401, 190, 463)
    assert "expired" in error["message"]
    await meta.close()


async def test_the_status_of_rate_limits_can_be_that_of_metas_pages() -> None:
    meta = Meta(Config(rate_limit_status=400))
    assert (await too_fast(meta)).status_code == 400
    await meta.account.webhooks.idle()
    await meta.close()


@pytest.mark.parametrize("number", ["+5730", "+57300999999999"])
async def test_who_is_not_on_whatsapp_gets_nothing(meta: Meta, number: str) -> None:
    template = {"name": "hello_world", "language": {"code": "en_US"}}
    assert (await meta.send("template", template, to=f"{number}0")).status_code == 200
    [status] = await meta.statuses()
    assert (status["status"], status["errors"][0]["code"]) == ("failed", 131026)
    [shown] = [one for one in meta.account.people.recent(1)[0].entries if one["type"] == "refused"]
    assert shown["refused"]["remedy"]


@pytest.mark.parametrize("number", ["+5215512347788", "+525512347799"])
async def test_mexican_mobiles_are_on_whatsapp_with_and_without_their_one(
    meta: Meta, number: str
) -> None:
    template = {"name": "hello_world", "language": {"code": "en_US"}}
    await meta.send("template", template, to=number)
    assert [one["status"] for one in await meta.statuses()] == ["sent", "delivered", "read"]


async def test_somebody_can_be_said_not_to_be_on_whatsapp(meta: Meta) -> None:
    given = {"wa_id": ANA, "name": "Ana", "is_on_whatsapp": False}
    assert (await meta.http.post("/emulator/contacts", json=given)).json()["name"] == "Ana"
    await meta.send("text", HELLO)
    assert [one["status"] for one in await meta.statuses()] == ["failed"]


async def test_what_is_disputed_is_taken_and_noted(meta: Meta) -> None:
    body = "x" * 1025
    rows = {"button": "x", "sections": [{"rows": [{"id": "1", "title": "1"}]}]}
    content = {"type": "list", "body": {"text": body}, "action": rows}
    assert (await meta.send("interactive", content, to=ANA)).status_code == 200
    action = {"name": "request_contact_info"}
    content = {"type": "contact_request", "body": {"text": "?"}, "action": action}
    assert (await meta.send("interactive", content)).status_code == 200
    contacts = [{"name": {"formatted_name": "Ana"}}]
    assert (await meta.send("contacts", contacts * 6)).status_code == 200
    profile = {"description": "x" * 257}
    await meta.http.post(f"{NUMBER}/whatsapp_business_profile", json=profile)
    await meta.http.get(NUMBER.replace("v25.0", "v19.0"))
    await meta.send("text", HELLO)
    notes = [
        " ".join(one["notes"]) for one in meta.account.traffic_log.all() if one["kind"] == "graph"
    ]
    for words, note in zip(
        ("no +", "contact_request", "5 contacts", "256", "expired"), notes, strict=False
    ):
        assert words in note
    assert "1,024" in notes[0]
    assert notes[-1] == ""


async def test_reviews_are_told(meta: Meta) -> None:
    await create(meta, body="Hi")
    await create(meta, "please_reject_me", "Hi")
    meta.account.tell_reviews()
    assert meta.webhooks == []
    meta.clock.advance(REVIEW)
    meta.account.tell_reviews()
    meta.account.tell_reviews()
    await meta.account.webhooks.idle()
    told = [(one["message_template_name"], one["event"]) for one in meta.webhooks]
    assert sorted(told) == [("order", "APPROVED"), ("please_reject_me", "REJECTED")]
    [first] = meta.account.traffic_log.all()[-1]["request"]["entry"]
    assert first["changes"][0]["field"] == "message_template_status_update"
    assert BUSINESS.endswith(first["id"])
