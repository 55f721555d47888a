"""Templates, profile, subscriptions and blocks of the emulated account."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.emulator.test_emulator import CONFIG

from emulator.cloud_api.testing import ANA, completed
from emulator.cloud_api.testing import CloudApiDouble as Meta

BUSINESS = f"/v25.0/{CONFIG.business_account_id}"
NUMBER = f"/v25.0/{CONFIG.phone_number_id}"
REVIEW = timedelta(seconds=10)


async def create(
    meta: Meta, name: str = "order", body: str = "Hi {{1}}, it is {{2}}.", **more: Any
) -> httpx.Response:
    components = more.pop("components", [{"type": "BODY", "text": body}])
    given = {"name": name, "language": "en", "category": "UTILITY", "components": components}
    shape_is_right = isinstance(components, list)
    template = completed(given | more) if shape_is_right else given | more
    return await meta.http.post(f"{BUSINESS}/message_templates", json=template)


async def send(meta: Meta, name: str, *parameters: str, language: str = "en") -> httpx.Response:
    texts = [{"type": "text", "text": one} for one in parameters]
    components = [{"type": "body", "parameters": texts}] if texts else []
    template = {"name": name, "language": {"code": language}, "components": components}
    return await meta.send("template", template)


def code(answer: httpx.Response) -> int:
    return int(answer.json()["error"]["code"])


async def test_a_template_can_be_sent_once_it_is_approved(meta: Meta) -> None:
    created = (await create(meta)).json()
    assert (created["status"], created["category"]) == ("PENDING", "UTILITY")
    early = await send(meta, "order", "Ana", "soon")
    assert (early.status_code, code(early)) == (404, 132001)
    meta.clock.advance(REVIEW)
    assert (await meta.http.get(f"/v25.0/{created['id']}")).json()["status"] == "APPROVED"
    assert (await send(meta, "order", "Ana", "soon")).status_code == 200
    assert code(await send(meta, "order", "Ana", "soon", language="es")) == 132001
    assert code(await send(meta, "nothing")) == 132001


@pytest.mark.parametrize("parameters", [(), ("Ana",), ("Ana", "soon", "more")])
async def test_each_variable_needs_a_parameter(meta: Meta, parameters: tuple[str, ...]) -> None:
    await create(meta)
    meta.clock.advance(REVIEW)
    refused = await send(meta, "order", *parameters)
    assert code(refused) == 132000
    details = refused.json()["error"]["error_data"]["details"]
    assert f"localizable_params ({len(parameters)})" in details


async def test_named_variables_need_their_names(meta: Meta) -> None:
    await create(meta, body="Hi {{name}}.", parameter_format="NAMED")
    meta.clock.advance(REVIEW)
    assert code(await send(meta, "order", "Ana")) == 132012
    named = {"type": "text", "parameter_name": "name", "text": "Ana"}
    parts = [{"type": "body", "parameters": [named]}]
    template = {"name": "order", "language": {"code": "en"}, "components": parts}
    assert (await meta.send("template", template)).status_code == 200


async def test_a_link_with_a_variable_needs_its_end(meta: Meta) -> None:
    buttons = [{"type": "URL", "text": "Open", "url": "https://e.org/{{1}}"}]
    await create(meta, components=[BODY, {"type": "BUTTONS", "buttons": buttons}])
    meta.clock.advance(REVIEW)
    assert code(await send(meta, "order")) == 131008
    end = {"type": "text", "text": "42"}
    button = {"type": "button", "sub_type": "url", "index": "0", "parameters": [end]}
    template = {"name": "order", "language": {"code": "en"}, "components": [button]}
    assert (await meta.send("template", template)).status_code == 200


async def test_a_picture_fills_the_header_that_asks_for_one(meta: Meta) -> None:
    await create(meta, components=[{"type": "HEADER", "format": "IMAGE"}, BODY])
    meta.clock.advance(REVIEW)
    picture = {"type": "image", "image": {"link": "https://e.org/a.png"}}
    parts = [{"type": "header", "parameters": [picture]}]
    template = {"name": "order", "language": {"code": "en"}, "components": parts}
    assert (await meta.send("template", template)).status_code == 200


async def test_a_rejected_template_is_not_sent(meta: Meta) -> None:
    await create(meta, "please_reject_me", "Hi")
    meta.clock.advance(REVIEW)
    listed = await meta.http.get(f"{BUSINESS}/message_templates?status=REJECTED")
    assert [one["name"] for one in listed.json()["data"]] == ["please_reject_me"]
    assert code(await send(meta, "please_reject_me")) == 132001


async def test_an_edit_is_reviewed_again(meta: Meta) -> None:
    template_id = (await create(meta, body="Hi")).json()["id"]
    path = f"/v25.0/{template_id}"
    changed = {
        "components": [
            {"type": "BODY", "text": "Hello {{1}}.", "example": {"body_text": [["Ana"]]}}
        ]
    }
    assert code(await meta.http.post(path, json=changed)) == 100  # under review
    meta.clock.advance(REVIEW)
    assert (await meta.http.post(path, json=changed)).json() == {"success": True}
    assert code(await send(meta, "order")) == 132001
    meta.clock.advance(REVIEW)
    assert code(await send(meta, "order")) == 132000
    assert (await send(meta, "order", "Ana")).status_code == 200


async def test_a_name_goes_with_all_its_languages(meta: Meta) -> None:
    await create(meta, body="Hi")
    spanish = (await create(meta, body="Hola", language="es")).json()["id"]
    path = f"{BUSINESS}/message_templates?name=order"
    assert (await meta.http.delete(f"{path}&hsm_id={spanish}")).json() == {"success": True}
    listed = (await meta.http.get(path)).json()["data"]
    assert [one["language"] for one in listed] == ["en"]
    await meta.http.delete(path)
    assert code(await meta.http.delete(path)) == 100


async def test_templates_come_in_pages(meta: Meta) -> None:
    for number in range(4):
        await create(meta, f"order_{number}")
    seen, url = [], f"{BUSINESS}/message_templates?limit=2"
    while url:
        page = (await meta.http.get(url)).json()
        seen.append([one["name"] for one in page["data"]])
        url = page["paging"].get("next", "")
    assert seen == [["hello_world", "order_0"], ["order_1", "order_2"], ["order_3"]]


def button(length: int = 1) -> dict[str, Any]:
    return {"type": "QUICK_REPLY", "text": "x" * length}


def link(length: int = 20) -> dict[str, Any]:
    return {"type": "URL", "text": "Open", "url": "https://e.org/".ljust(length, "x")}


def phone(length: int = 5) -> dict[str, Any]:
    return {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "1" * length}


BODY = {"type": "BODY", "text": "Hi"}


@pytest.mark.parametrize(
    ("fits", "too_much"),
    [
        ({"name": "x" * 512}, {"name": "x" * 513}),
        (
            {"components": [{"type": "BODY", "text": "x" * 1024}]},
            {"components": [{"type": "BODY", "text": "x" * 1025}]},
        ),
        *(
            (
                {"components": [BODY, {"type": part, "text": "x" * 60}]},
                {"components": [BODY, {"type": part, "text": "x" * 61}]},
            )
            for part in ("HEADER", "FOOTER")
        ),
        (
            {"components": [BODY, {"type": "BUTTONS", "buttons": [button(25)] * 10}]},
            {"components": [BODY, {"type": "BUTTONS", "buttons": [button()] * 11}]},
        ),
        *(
            (
                {"components": [BODY, {"type": "BUTTONS", "buttons": fits}]},
                {"components": [BODY, {"type": "BUTTONS", "buttons": too_much}]},
            )
            for fits, too_much in (
                ([button(25)], [button(26)]),
                ([link()] * 2, [link()] * 3),
                ([link(2000)], [link(2001)]),
                ([phone(20)], [phone(21)]),
                ([phone()], [phone()] * 2),
                ([{"type": "COPY_CODE"}], [{"type": "COPY_CODE"}] * 2),
            )
        ),
        (
            {"components": [BODY, {"type": "HEADER", "text": "{{1}}"}]},
            {"components": [BODY, {"type": "HEADER", "text": "{{1}} {{2}}"}]},
        ),
    ],
)
async def test_limits_of_templates(
    meta: Meta, fits: dict[str, Any], too_much: dict[str, Any]
) -> None:
    assert (await create(meta, **fits)).status_code == 200
    assert code(await create(meta, **({"name": "another"} | too_much))) == 100


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Order"},
        {"category": "OTHER"},
        {"language": ""},
        {"components": "Hi"},
        {"components": []},
        {"components": [BODY, BODY]},
    ],
)
async def test_what_is_no_template_is_refused(meta: Meta, wrong: dict[str, Any]) -> None:
    assert code(await create(meta, **wrong)) == 100


@pytest.mark.parametrize(("name", "most"), [("about", 139), ("description", 512)])
async def test_the_profile_has_limits(meta: Meta, name: str, most: int) -> None:
    path = f"{NUMBER}/whatsapp_business_profile"
    assert (await meta.http.post(path, json={name: "x" * most})).json() == {"success": True}
    assert code(await meta.http.post(path, json={name: "x" * (most + 1)})) == 100
    assert code(await meta.http.post(path, json={"websites": ["a", "b", "c"]})) == 100
    [profile] = (await meta.http.get(path)).json()["data"]
    assert profile == {"messaging_product": "whatsapp", name: "x" * most}


async def test_the_number_describes_itself(meta: Meta) -> None:
    [listed] = (await meta.http.get(f"{BUSINESS}/phone_numbers")).json()["data"]
    assert listed == (await meta.http.get(NUMBER)).json()
    assert listed["id"] == CONFIG.phone_number_id
    asked = (await meta.http.get(f"{NUMBER}?fields=quality_rating,status")).json()
    assert asked.keys() == {"id", "quality_rating", "status"}


async def test_an_app_subscribes_and_unsubscribes(meta: Meta) -> None:
    path = f"{BUSINESS}/subscribed_apps"
    assert len((await meta.http.get(path)).json()["data"]) == 1
    await meta.http.delete(path)
    assert (await meta.http.get(path)).json()["data"] == []
    await meta.http.post(path)
    assert len((await meta.http.get(path)).json()["data"]) == 1


async def test_nothing_is_heard_of_who_is_blocked(meta: Meta) -> None:
    path = f"{NUMBER}/block_users"
    asked = {"messaging_product": "whatsapp", "block_users": [{"user": ANA}, {"user": "999999"}]}
    answer = (await meta.http.post(path, json=asked)).json()["block_users"]
    assert answer == {
        "added_users": [{"input": ANA, "wa_id": ANA}],
        "failed_users": [{"input": "999999", "errors": answer["failed_users"][0]["errors"]}],
    }
    assert [one["wa_id"] for one in (await meta.http.get(path)).json()["data"]] == [ANA]
    asked["block_users"] = [{"user": ANA}]
    ana = meta.account.people.get(ANA)
    meta.account.say(ana, {"type": "text", "text": {"body": "hello?"}})
    await meta.http.request("DELETE", path, json=asked)
    meta.account.say(ana, {"type": "text", "text": {"body": "heard"}})
    await meta.account.webhooks.idle()
    said = [value["messages"][0]["text"]["body"] for value in meta.webhooks]
    assert said == ["heard"]


@pytest.mark.parametrize("name", ["message_templates", "phone_numbers", "subscribed_apps"])
async def test_another_business_is_unknown(meta: Meta, name: str) -> None:
    refused = await meta.http.get(f"/v25.0/123/{name}")
    assert (refused.status_code, refused.json()["error"]["error_subcode"]) == (400, 33)
