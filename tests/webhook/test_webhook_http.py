"""The webhook over HTTP: what is refused, what is stored, and that nothing is lost in between."""

import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fakes.web import TOKEN, Web, running_web, text_message, webhook

from schemas.webhook_schema import WebhookMessage

PATHS = ["/webhook", "/webhooks/whatsapp", "/whatsapp", "/api/v1/whatsapp/webhook", "/"]


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    async with running_web(tmp_path) as web:
        yield web


@pytest.mark.parametrize("path", PATHS)
async def test_metas_handshake_is_answered_on_every_path(web: Web, path: str) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": "0007abc"}
    answer = await web.client.get(path, params=asked)
    assert (answer.status_code, answer.text) == (200, "0007abc")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "changed",
    [{"hub.mode": "other"}, {"hub.verify_token": "wrong"}, {"hub.verify_token": "é\ud83d"}],
    ids=["mode", "token", "odd-token"],
)
async def test_a_wrong_handshake_is_forbidden(web: Web, changed: dict[str, str]) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": TOKEN, "hub.challenge": "1"}
    query = {
        key: value.encode("utf-8", "replace").decode() for key, value in (asked | changed).items()
    }
    assert (await web.client.get("/webhook", params=query)).status_code == 403


async def test_the_bare_address_has_a_friendly_word(web: Web) -> None:
    answer = await web.client.get("/")
    assert answer.json() == {"message": "Nothing to see here. Checkout README.md to start."}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/webhook/", 403), ("GET", "/webhookx", 404), ("PUT", "/webhook", 405)],
)
async def test_other_paths_and_methods(web: Web, method: str, path: str, status: int) -> None:
    assert (await web.client.request(method, path)).status_code == status


@pytest.mark.parametrize("path", PATHS)
async def test_a_message_is_stored_before_it_is_acknowledged(web: Web, path: str) -> None:
    answer = await web.post(webhook(text_message("wamid.1")), path)
    assert answer.json() == {"status": "ok", "type": "message"}
    assert [body["message"] for body in web.stored()] == [text_message("wamid.1")]


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "sha1=" + "0" * 40,
        "junk sha256=" + "0" * 64,
        "sha256=" + "é" * 64,
    ],
    ids=["none", "empty", "no-digest", "wrong", "sha1", "junk-before", "not-ascii"],
)
async def test_a_bad_signature_is_forbidden(web: Web, signature: str | None) -> None:
    headers = {} if signature is None else {"X-Hub-Signature-256": signature.encode()}
    answer = await web.client.post("/webhook", content=b"{not json", headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 403
    assert web.stored() == []


async def test_the_signature_is_over_the_raw_bytes(web: Web) -> None:
    raw = json.dumps(webhook(text_message("wamid.1", "¡olé! 🎉"))).encode()
    assert b"\\u" in raw
    assert (await web.post(raw)).status_code == 200
    assert web.stored()[0]["message"]["text"]["body"] == "¡olé! 🎉"


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"[" * 100_000], ids=str)
async def test_what_is_not_json_is_a_bad_request(web: Web, raw: bytes) -> None:
    assert (await web.post(raw)).status_code == 400


async def test_a_body_over_3_mb_is_refused(web: Web) -> None:
    raw = b'{"a":"' + b"x" * (3 * 1024 * 1024) + b'"}'
    assert (await web.post(raw)).status_code == 413

    async def chunks() -> AsyncIterator[bytes]:
        yield raw

    assert (await web.client.post("/webhook", content=chunks())).status_code == 413


async def test_below_a_root_path_all_is_as_above(tmp_path: Path) -> None:
    async with running_web(tmp_path, root_path="/bot") as web:
        answer = await web.post(webhook(text_message("wamid.1")), "/bot/webhook")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok", "type": "message"})
        assert len(web.stored()) == 1
        unsigned = await web.client.post("/bot/webhook", content=b"{}")
        assert unsigned.status_code == 403
        assert (await web.client.get("/bot/health/live")).status_code == 200


async def test_a_redelivery_is_stored_once(web: Web) -> None:
    for _ in range(3):
        await web.post(webhook(text_message("wamid.1")))
    assert len(web.stored()) == 1


async def test_everything_in_a_body_is_taken(web: Web) -> None:
    body = webhook(text_message("wamid.1"), text_message("wamid.2"))
    body["entry"] += webhook(text_message("wamid.3"))["entry"]
    body["entry"][0]["changes"] += webhook(text_message("wamid.4"))["entry"][0]["changes"]
    await web.post(body)
    assert {body["message"]["id"] for body in web.stored()} == {f"wamid.{n}" for n in range(1, 5)}


async def test_a_thousand_messages_in_one_body(web: Web) -> None:
    messages = [text_message(f"wamid.{n}", wa_id=f"57300{n:07}") for n in range(1000)]
    assert (await web.post(webhook(*messages))).status_code == 200
    assert len(web.stored()) == 1000


async def test_statuses_are_acknowledged(web: Web) -> None:
    status = {"id": "wamid.1", "status": "delivered", "timestamp": "1", "recipient_id": "57300"}
    answer = await web.post(webhook(statuses=[status]))
    assert answer.json() == {"status": "ok", "type": "status"}


async def test_messages_and_statuses_come_together(web: Web) -> None:
    status = {"id": "wamid.1", "status": "read", "timestamp": "1"}
    answer = await web.post(webhook(text_message("wamid.2"), statuses=[status]))
    assert answer.json()["type"] == "message"


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "text",
        5,
        None,
        {"entry": None},
        {"entry": [{"changes": []}]},
        {"object": "page", "entry": [{"id": "1", "changes": [{"field": "feed", "value": 5}]}]},
        webhook(statuses=[{"id": "wamid.1", "status": "warning"}]),
        webhook({"id": "wamid.nobody", "type": "text"}),
        webhook(text_message("wamid.group") | {"group_id": "G1"}),
        webhook(errors=[{"code": 130429}]),
    ],
    ids=str,
)
async def test_what_we_do_not_act_upon_is_kept(web: Web, body: Any) -> None:
    for _ in range(2):
        answer = await web.post(body)
        assert answer.json() == {"status": "ok", "type": "unknown_type"}
    assert len(web.stored("other")) == 1


async def test_an_odd_message_does_not_cost_its_neighbour(web: Web) -> None:
    odd = text_message("wamid.odd") | {
        "text": 5,
        "timestamp": None,
        "context": "x",
        "new": {"a": 1},
    }
    await web.post(webhook(odd, None, 7, text_message("wamid.2")))
    stored = web.stored()
    assert [body["message"]["id"] for body in stored] == ["wamid.odd", "wamid.2"]
    assert stored[0]["message"]["unfit:text"] == 5
    assert stored[0]["message"]["new"] == {"a": 1}


async def test_odd_characters_are_stored(web: Web) -> None:
    body = webhook(text_message("wamid.1", "nul \0 and half \ud83d"))
    assert (await web.post(body)).status_code == 200
    assert web.stored()[0]["message"]["text"]["body"] == "nul \0 and half \ud83d"


@pytest.mark.parametrize("field", ["from", "from_user_id", "id"])
async def test_names_that_no_database_can_hold_are_stored_all_the_same(
    web: Web, field: str
) -> None:
    message = text_message("wamid.1") | {field: "nul \0"}
    status = {"id": "wamid.2 \0", "status": "read", "biz_opaque_callback_data": "\0"}
    contact = {"wa_id": "573001234567", "profile": {"name": "Ana \0"}}
    body = webhook(message, statuses=[status], contacts=[contact])
    for _ in range(2):  # new people first, then known ones
        assert (await web.post(body)).status_code == 200
    assert len(web.stored()) == 1


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "from", "type", "text", "messages", "errors", "value", "changes"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    mutated=st.dictionaries(st.sampled_from([*text_message("w"), "interactive"]), anything),
    more=st.dictionaries(st.sampled_from(["contacts", "statuses", "metadata", "errors"]), anything),
)
async def test_no_mutation_is_refused_or_costs_its_neighbour(
    web: Web, mutated: dict[str, Any], more: dict[str, Any]
) -> None:
    wamid = f"wamid.{hashlib.sha256(repr((mutated, more)).encode()).hexdigest()}"
    body = webhook(text_message("wamid.x") | mutated, text_message(wamid), **more)
    assert (await web.post(body)).status_code == 200
    assert wamid in {stored["message"]["id"] for stored in web.stored()}


async def test_health_and_metrics(web: Web) -> None:
    assert (await web.client.get("/health/live")).json() == {"status": "ok"}
    ready = await web.client.get("/health/ready")
    assert (ready.status_code, ready.json()["checks"]["migrations"]) == (200, "ok")
    await web.post(webhook(text_message("wamid.1")))
    shown = (await web.client.get("/metrics")).text
    assert 'bot_webhooks_total{result="stored"} 1.0' in shown
    assert 'bot_received_total{kind="message"} 1.0' in shown


def test_the_printed_example_of_reading_a_webhook() -> None:
    parsed = WebhookMessage.parse_obj(webhook(text_message("wamid.1")))
    value = parsed.entry[0].changes[0].value
    assert value is not None
    assert value.messages is not None
    assert value.messages[0].text is not None
    assert value.messages[0].text.body == "hola"
