"""What the emulated number can be asked and told, and its calls."""

from typing import Any

import pytest
from tests.emulator.test_business_api import NUMBER, code
from tests.emulator.test_errors import CALLED, OFFER

from emulator.cloud_api.testing import ANA, CALL_ANSWER
from emulator.cloud_api.testing import CloudApiDouble as Meta

ANSWER = {"sdp_type": "answer", "sdp": CALL_ANSWER}


async def post(meta: Meta, name: str, **body: Any) -> dict[str, Any]:
    return dict((await meta.http.post(f"{NUMBER}/{name}", json=body)).json())


async def test_who_registers_again_can_send_again(meta: Meta) -> None:
    assert await post(meta, "deregister") == {"success": True}
    assert (await meta.http.get(NUMBER)).json()["status"] == "DISCONNECTED"
    assert (await post(meta, "register", pin="12345"))["error"]["code"] == 100
    assert await post(meta, "register", messaging_product="whatsapp", pin="123456") == {
        "success": True
    }
    assert (await meta.send("text", {"body": "hi"})).status_code == 200


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("request_code", {"code_method": "SMS", "language": "en"}, {"code_method": "PIGEON"}),
        ("verify_code", {"code": "123456"}, {"code": "12345a"}),
        ("conversational_automation", {"prompts": ["x" * 80] * 4}, {"prompts": ["x"] * 5}),
        ("conversational_automation", {"prompts": ["x" * 80]}, {"prompts": ["x" * 81]}),
        ("conversational_automation", {"commands": [{}] * 30}, {"commands": [{}] * 31}),
    ],
)
async def test_what_is_right_is_taken(
    meta: Meta, name: str, right: dict[str, Any], wrong: dict[str, Any]
) -> None:
    assert await post(meta, name, **right) == {"success": True}
    assert (await post(meta, name, **wrong))["error"]["code"] == 100


@pytest.mark.parametrize(
    "username", ["ab", "x" * 36, "1234", "a..b", ".abc", "abc.", "www.abc", "Abc"]
)
async def test_a_username_has_rules(meta: Meta, username: str) -> None:
    path = f"{NUMBER}/username"
    assert (await post(meta, "username", username="business.one"))["status"] == "approved"
    assert (await post(meta, "username", username=username))["error"]["code"] == 147001
    assert (await meta.http.get(path)).json()["username"] == "business.one"
    assert (await meta.http.delete(path)).json() == {"success": True}
    assert (await meta.http.get(path)).json() == {}


async def test_settings_are_changed_part_by_part(meta: Meta) -> None:
    before = (await meta.http.get(f"{NUMBER}/settings")).json()
    await post(meta, "settings", calling={"call_icon_visibility": "DISABLE_ALL"})
    after = (await meta.http.get(f"{NUMBER}/settings")).json()
    changed = {**before["calling"], "call_icon_visibility": "DISABLE_ALL"}
    assert after == {**before, "calling": changed}
    assert before["calling"].keys() > {"status", "callback_permission_status", "ip_addresses"}
    assert before["storage_configuration"] == {"status": "DEFAULT"}


async def test_links_with_words_filled_in(meta: Meta) -> None:
    link = await post(meta, "message_qrdls", prefilled_message="Hello")
    assert link["deep_link_url"].endswith(link["code"])
    assert (await meta.http.get(f"{NUMBER}/message_qrdls")).json()["data"] == [link]
    assert (await post(meta, "message_qrdls"))["error"]["code"] == 131008


async def test_marketing_has_an_endpoint_of_its_own(meta: Meta) -> None:
    template = {"name": "hello_world", "language": {"code": "en_US"}}
    message = {"messaging_product": "whatsapp", "to": f"+{ANA}", "type": "template"}
    answer = await post(meta, "marketing_messages", **message, template=template)
    assert answer["messages"][0]["id"].startswith("wamid.")


async def test_a_contact_is_forgotten_by_user_id(meta: Meta) -> None:
    person = meta.account.people.get(ANA)
    path = f"{NUMBER}/contact_book?messaging_product=whatsapp&bsuid={person.user_id}"
    assert (await meta.http.delete(path)).json()["deleted"] is True
    assert (await meta.http.delete(f"{path}0")).json()["deleted"] is False


async def events(meta: Meta) -> list[Any]:
    await meta.account.webhooks.idle()
    calls = [one for value in meta.webhooks for one in value.get("calls", [])]
    return [(one["event"], one.get("status")) for one in calls]


async def test_the_business_takes_a_call_and_ends_it(meta: Meta) -> None:
    call = meta.account.calls.ring(meta.account.people.get(ANA))
    await meta.account.webhooks.idle()
    [told] = meta.webhooks[-1]["calls"]
    assert (told["id"], told["from"], told["direction"]) == (call.id, ANA, "USER_INITIATED")
    assert told["session"]["sdp"].endswith("\r\n")
    for action in ("pre_accept", "accept"):
        taken = await post(meta, "calls", action=action, call_id=call.id, session=ANSWER)
        assert taken == {"messaging_product": "whatsapp", "success": True}
    meta.clock.now += 60
    await post(meta, "calls", action="terminate", call_id=call.id)
    assert await events(meta) == [("connect", None), ("terminate", "COMPLETED")]
    assert meta.webhooks[-1]["calls"][0]["duration"] == 60
    assert (await post(meta, "calls", action="accept", call_id=call.id))["error"]["code"] == 131009


async def test_actions_have_an_order_and_one_sdp(meta: Meta) -> None:
    call = meta.account.calls.ring(meta.account.people.get(ANA))

    async def act(action: str, sdp: str = CALL_ANSWER) -> int:
        session = {"sdp_type": "answer", "sdp": sdp}
        done = await post(meta, "calls", action=action, call_id=call.id, session=session)
        return int(done.get("error", {}).get("code", 0))

    other = CALL_ANSWER.replace("emulatedemulated", "another1another2")
    assert await act("pre_accept") == 0
    assert await act("pre_accept") == 0  # of a bot that got no answer
    assert await act("accept", other) == 100
    assert await act("accept") == 0
    assert [await act(one) for one in ("accept", "pre_accept", "reject")] == [131009] * 3
    assert await act("terminate") == 0
    assert await act("terminate") == 131009


async def test_nobody_answers_for_a_minute(meta: Meta) -> None:
    meta.account.calls.ring(meta.account.people.get(ANA))
    meta.clock.now += 59
    meta.account.calls.end_unanswered()
    assert await events(meta) == [("connect", None)]
    meta.clock.now += 1
    meta.account.calls.end_unanswered()
    assert await events(meta) == [("connect", None), ("terminate", "FAILED")]
    [shown] = [one["call"] for one in meta.account.people.get(ANA).entries if one["type"] == "call"]
    assert (shown["outcome"], shown["seconds"]) == ("missed", None)


async def test_a_rejected_call_has_no_duration(meta: Meta) -> None:
    call = meta.account.calls.ring(meta.account.people.get(ANA))
    await post(meta, "calls", action="reject", call_id=call.id)
    assert await events(meta) == [("connect", None), ("terminate", "FAILED")]
    assert "duration" not in meta.webhooks[-1]["calls"][0]


async def test_a_call_opens_the_window(meta: Meta) -> None:
    meta.clock.now += 25 * 3600
    meta.account.calls.ring(meta.account.people.get(ANA))
    assert (await meta.send("text", {"body": "You called?"})).status_code == 200


@pytest.mark.parametrize(
    "session",
    [
        None,
        OFFER,
        {"sdp_type": "answer", "sdp": None},
        {"sdp_type": "answer", "sdp": CALL_ANSWER + "a=x:" + "y" * 16_384 + "\r\n"},
        *(
            {"sdp_type": "answer", "sdp": CALL_ANSWER.replace(good, bad)}
            for good, bad in (
                ("v=0", "V=0"),
                ("\r\n", "\n"),
                ("sha-256", "sha-512"),
                ("a=setup", "a=fingerprint:sha-1 00\r\na=setup"),
                ("setup:active", "setup:passive"),
                ("setup:active", "setup:actpass"),
                ("m=audio 9", "m=audio 0"),
                ("m=audio", "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nm=audio"),
                ("opus/48000/2", "PCMU/8000"),
                ("a=candidate", "a=candidat"),
                ("a=ice-ufrag", "a=ufrag"),
            )
        ),
    ],
)
async def test_an_answer_must_fit_the_offer(meta: Meta, session: Any) -> None:
    call = meta.account.calls.ring(meta.account.people.get(ANA))
    asked = {"action": "accept", "call_id": call.id, "session": session}
    assert (await post(meta, "calls", **asked))["error"]["code"] == 100


async def test_the_permission_to_call_is_asked_for_once_a_day_and_twice_a_week(meta: Meta) -> None:
    ask = {"type": "call_permission_request", "action": {"name": "call_permission_request"}}

    async def asked() -> int:
        meta.open_window(ANA)
        answer = (await meta.send("interactive", ask)).json()
        return int(answer.get("error", {}).get("code", 0))

    assert [await asked(), await asked()] == [0, 138009]
    path = f"{NUMBER}/call_permissions?user_wa_id={ANA}"
    [action, _] = (await meta.http.get(path)).json()["actions"]
    assert action["can_perform_action"] is False
    assert action["limits"][0] == {
        "time_period": "PT24H",
        "max_allowed": 1,
        "current_usage": 1,
        "limit_expiration_time": int(meta.clock.now) + 24 * 3600,
    }
    meta.clock.now += 24 * 3600
    assert await asked() == 0
    meta.clock.now += 24 * 3600
    assert await asked() == 138009
    call = meta.account.calls.ring(meta.account.people.get(ANA))
    await post(meta, "calls", action="accept", call_id=call.id, session=ANSWER)
    assert await asked() == 0  # they talked


async def test_who_allows_it_can_be_called(meta: Meta) -> None:
    path = f"{NUMBER}/call_permissions?user_wa_id={ANA}"
    assert (await meta.http.get(path)).json()["permission"] == {"status": "no_permission"}
    kind = "call_permission_reply"
    reply = {"type": "interactive", "interactive": {"type": kind, kind: {"response": "accept"}}}
    meta.account.say(meta.account.people.get(ANA), reply)
    permission = (await meta.http.get(path)).json()["permission"]
    assert permission["status"] == "temporary"
    assert int(permission["expiration_time"]) == meta.clock.now + 7 * 24 * 3600
    made = await post(meta, "calls", **CALLED)
    await post(meta, "calls", action="terminate", call_id=made["calls"][0]["id"])
    assert await events(meta) == [("connect", None), ("terminate", "COMPLETED")]
    statuses = [one["status"] for one in await meta.statuses()]
    assert statuses == ["RINGING", "ACCEPTED"]
    meta.clock.now += 7 * 24 * 3600
    assert code(await meta.http.post(f"{NUMBER}/calls", json=CALLED)) == 138006
