"""Webhooks of taps name the message that was tapped, and blocking tells nobody's number."""

from typing import Any

import pytest
from tests.emulator.test_business_api import NUMBER, REVIEW, create, send
from tests.emulator.test_interactive import QUICK, REPLY, buttons, carousel, flow, message

from emulator.cloud_api.testing import ANA
from emulator.cloud_api.testing import CloudApiDouble as Meta

ROWS = {"button": "x", "sections": [{"title": "a", "rows": [{"id": "r", "title": "R"}]}]}
ASKED = {"name": "call_permission_request"}


def reply(kind: str, **content: Any) -> dict[str, Any]:
    return {"type": "interactive", "interactive": {"type": kind, kind: content}}


@pytest.mark.parametrize(
    ("offer", "tap"),
    [
        (buttons(REPLY), {"button": {"id": "a", "title": "A"}}),
        (message("list", ROWS), {"row": {"id": "r", "title": "R"}}),
        (
            carousel(*[{"action": {"buttons": [QUICK]}}] * 2),
            {"button": {"id": "a", "title": "A"}},
        ),
        (flow(), reply("nfm_reply", name="flow", body="Sent", response_json="{}")),
        (
            message("call_permission_request", ASKED),
            reply("call_permission_reply", response="accept"),
        ),
    ],
)
async def test_a_tap_names_its_message(
    meta: Meta, offer: dict[str, Any], tap: dict[str, Any]
) -> None:
    sent = (await meta.send("interactive", offer)).json()["messages"][0]["id"]
    await meta.send("text", {"body": "something else"})
    await meta.http.post(f"/emulator/contacts/{ANA}/messages", json=tap)
    await meta.account.webhooks.idle()
    [tapped] = meta.webhooks[-1]["messages"]
    assert tapped["context"] == {"from": meta.config.display_phone_number, "id": sent}


async def test_a_tap_on_a_template_names_it(meta: Meta) -> None:
    quick = {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes"}]}
    await create(meta, components=[{"type": "BODY", "text": "Coming?"}, quick])
    meta.clock.advance(REVIEW)
    sent = (await send(meta, "order")).json()["messages"][0]["id"]
    tap = {"type": "button", "button": {"payload": "Yes", "text": "Yes"}}
    await meta.http.post(f"/emulator/contacts/{ANA}/messages", json=tap)
    await meta.account.webhooks.idle()
    assert meta.webhooks[-1]["messages"][0]["context"]["id"] == sent


async def block(meta: Meta, method: str, **who: str) -> Any:
    body = {"messaging_product": "whatsapp", "block_users": [who]}
    return (await meta.http.request(method, f"{NUMBER}/block_users", json=body)).json()


async def test_who_hides_the_number_is_blocked_by_user_id(meta: Meta) -> None:
    person = meta.account.people.get(ANA)
    person.hides_phone = True
    named = {"input": person.user_id, "user_id": person.user_id}
    blocked = await block(meta, "POST", user_id=person.user_id)
    assert blocked["block_users"] == {"added_users": [named]}
    listed = (await meta.http.get(f"{NUMBER}/block_users?limit=1")).json()
    assert ANA not in str(listed)
    assert listed["paging"]["cursors"]["after"]
    removed = await block(meta, "DELETE", user_id=person.user_id)
    assert removed["block_users"] == {"removed_users": [named]}


async def test_who_wrote_long_ago_is_not_blocked(meta: Meta) -> None:
    meta.clock.now += 24 * 3600 + 1
    refused = await block(meta, "POST", user=ANA)
    [failed] = refused["block_users"]["failed_users"]
    assert (refused["error"]["code"], failed["errors"][0]["code"]) == (139100, 131047)
    body = {"block_users": [{"user": ANA}]}
    nameless = (await meta.http.post(f"{NUMBER}/block_users", json=body)).json()
    assert "messaging_product is required" in nameless["error"]["message"]


async def test_links_are_changed_and_deleted_by_their_code(meta: Meta) -> None:
    path = f"{NUMBER}/message_qrdls"
    given = {"prefilled_message": "Hi", "generate_qr_image": "SVG"}
    link = (await meta.http.post(path, json=given)).json()
    assert link["qr_image_url"]
    changed = {"code": link["code"], "prefilled_message": "Bye"}
    await meta.http.post(path, json=changed)
    assert (await meta.http.get(f"{path}/{link['code']}")).json()["data"][0]["code"] == link["code"]
    [only] = (await meta.http.get(path)).json()["data"]
    assert only["prefilled_message"] == "Bye"
    for wrong in ({"prefilled_message": "x" * 141}, {**given, "generate_qr_image": "gif"}):
        assert (await meta.http.post(path, json=wrong)).status_code == 400
    assert (await meta.http.delete(f"{path}/{link['code']}")).json() == {"success": True}
    assert (await meta.http.get(f"{path}/{link['code']}")).status_code == 400
