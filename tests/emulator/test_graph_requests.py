"""How the Graph API is addressed, how parameters are given, and what it says of wrong ones."""

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from tests.emulator.test_business_api import BUSINESS, NUMBER, code

from emulator.cloud_api.config import Config
from emulator.cloud_api.rules.versions import NEWEST
from emulator.cloud_api.testing import ANA
from emulator.cloud_api.testing import CloudApiDouble as Meta
from emulator.loopback import LoopbackServer

HELLO = {
    "messaging_product": "whatsapp",
    "to": f"+{ANA}",
    "type": "text",
    "text": {"body": "Hi"},
}


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("request_code?code_method=SMS&language=en_US", {}),
        ("request_code", {"data": {"code_method": "SMS", "language": "en_US"}}),
        ("verify_code", {"files": {"code": (None, "123456")}}),
        ("message_qrdls?prefilled_message=hi&generate_qr_image=png", {}),
        (
            "media?messaging_product=whatsapp",
            {"files": {"file": ("a.png", b"\x89PNG", "image/png")}},
        ),
        ("messages", {"json": {**HELLO, "text": '{"body": "Hi"}'}}),
        ("messages", {"data": {**HELLO, "text": '{"body": "Hi"}'}}),
        (
            "messages",
            {
                "json": {
                    **HELLO,
                    "type": "contacts",
                    "contacts": '[{"name": {"formatted_name": "Ana"}}]',
                }
            },
        ),
        ("conversational_automation", {"json": {"commands": '[{"command_name": "a"}]'}}),
    ],
)
async def test_parameters_come_from_query_form_and_text(
    meta: Meta, path: str, given: dict[str, Any]
) -> None:
    answer = await meta.http.post(f"{NUMBER}/{path}", **given)
    assert answer.status_code == 200, answer.text


async def test_a_token_may_be_a_parameter(meta: Meta) -> None:
    token = meta.config.access_token
    path = f"{NUMBER}?fields=id&access_token={token}"
    assert (await meta.http.get(path, headers={"Authorization": ""})).status_code == 200
    assert token not in str(meta.account.traffic_log.all())


@pytest.mark.parametrize(
    "path",
    [
        f"/{Config().phone_number_id}/messages",
        f"/v16.0/{Config().phone_number_id}/messages/",
        f"/v{NEWEST}.0/{Config().phone_number_id}/messages",
    ],
)
async def test_versions_and_slashes_are_optional(meta: Meta, path: str) -> None:
    answer = await meta.http.post(path, json=HELLO)
    assert answer.status_code == 200
    assert answer.headers["facebook-api-version"].startswith("v")
    assert answer.headers["x-fb-trace-id"]


@pytest.mark.parametrize(
    ("method", "path", "expected", "words"),
    [
        ("GET", f"{NUMBER}/nothing", 2500, "Unknown path components: /nothing"),
        ("GET", f"{BUSINESS}/nothing/more", 2500, "Unknown path components: /nothing/more"),
        ("GET", f"/v99.0/{Config().phone_number_id}", 2500, "Unknown path components: /v99.0"),
        ("DELETE", f"{NUMBER}/messages", 100, "Unsupported delete request"),
        ("GET", "/v25.0/1/messages", 100, "Unsupported get request"),
        ("POST", "/v25.0/1", 100, "Unsupported post request"),
        ("POST", f"{BUSINESS}/flows", 100, "Not emulated: flows"),
        ("GET", f"{BUSINESS}?fields=id,analytics.start(1)", 100, "Not emulated: analytics"),
    ],
)
async def test_other_addresses_are_errors_in_json(
    meta: Meta, method: str, path: str, expected: int, words: str
) -> None:
    answer = await meta.http.request(method, path)
    assert (answer.status_code, code(answer)) == (400, expected)
    assert words in answer.json()["error"]["message"]
    anonymous = await meta.http.request(method, path, headers={"Authorization": ""})
    assert code(anonymous) == 190


def interactive(**parts: Any) -> dict[str, Any]:
    whole = {"type": "button", "body": {"text": "?"}, "action": {"buttons": []}}
    return {**HELLO, "type": "interactive", "interactive": {**whole, **parts}}


def template(**parts: Any) -> dict[str, Any]:
    whole = {"name": "hello_world", "language": {"code": "en_US"}}
    return {**HELLO, "type": "template", "template": {**whole, **parts}}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        *(("messages", interactive(**{part: "x"})) for part in ("body", "header", "footer")),
        *(
            ("messages", interactive(action=action))
            for action in (
                {"buttons": ["x"]},
                {"buttons": "x"},
                {"sections": ["x"]},
                {"cards": ["a", "b"]},
                {"parameters": "x"},
            )
        ),
        *(("messages", template(components=components)) for components in ("x", ["x"])),
        ("messages", template(components=[{"type": "body", "parameters": ["x"]}])),
        ("messages", {**HELLO, "type": ["text"]}),
        ("messages", {**HELLO, "type": "image", "image": {"id": ["1"]}}),
        ("messages", {**HELLO, "text": {"body": {"a": 1}}}),
        ("messages", ["x"]),
        ("block_users", {"messaging_product": "whatsapp", "block_users": ["x"]}),
        ("whatsapp_business_profile", {"websites": 5}),
        ("calls", {"action": "connect", "to": "1", "session": "x"}),
        ("conversational_automation", {"prompts": 5}),
        ("settings", {"calling": "x"}),
    ],
)
async def test_a_value_of_a_wrong_type_is_an_error_of_the_request(
    meta: Meta, path: str, body: Any
) -> None:
    answer = await meta.http.post(f"{NUMBER}/{path}", json=body)
    assert (answer.status_code, code(answer)) in ((400, 100), (400, 131008))


async def test_a_template_of_wrong_types_is_an_error_of_the_request(meta: Meta) -> None:
    components = [{"type": "BODY", "text": "Hi"}, {"type": "BUTTONS", "buttons": "x"}]
    given = {"name": "a", "language": "en", "category": "UTILITY", "components": components}
    answer = await meta.http.post(f"{BUSINESS}/message_templates", json=given)
    assert (answer.status_code, code(answer)) == (400, 100)
    assert "must be an array" in answer.json()["error"]["message"]


async def test_the_account_and_the_number_can_be_read_and_changed(meta: Meta) -> None:
    described = (await meta.http.get(BUSINESS)).json()
    assert described.keys() >= {"id", "name", "timezone_id", "message_template_namespace"}
    assert (await meta.http.post(NUMBER, json={"pin": "654321"})).json() == {"success": True}
    wrong = await meta.http.post(f"{NUMBER}/register", json={"pin": "123456"})
    assert code(wrong) == 133005
    assert code(await meta.http.post(NUMBER, json={"nothing": 1})) == 100


async def test_webhooks_go_to_the_callback_url_that_overrides(meta: Meta) -> None:
    heard: list[Any] = []

    async def elsewhere(request: Request) -> Response:
        heard.append(await request.body())
        return PlainTextResponse(request.query_params.get("hub.challenge", ""))

    server = LoopbackServer(Starlette(routes=[Route("/hook", elsewhere, methods=["GET", "POST"])]))
    await server.start()
    override = {"override_callback_uri": f"{server.url}/hook", "verify_token": "token"}
    path = f"{BUSINESS}/subscribed_apps"
    assert (await meta.http.post(path, json=override)).json() == {"success": True}
    [app] = (await meta.http.get(path)).json()["data"]
    assert app["override_callback_uri"] == override["override_callback_uri"]
    meta.account.say(meta.account.people.get(ANA), {"type": "text", "text": {"body": "hello"}})
    await meta.account.webhooks.idle()
    assert (len(heard), meta.webhooks) == (2, [])
    await meta.account.callbacks.close()
    await server.stop()
