"""The emulator refuses what Meta refuses, and tells what became of what it took."""

import asyncio
import base64
import hashlib
from datetime import timedelta
from typing import Any

import httpx
import pytest

from emulator.airtable.config import AirtableConfig
from emulator.app import create_app
from emulator.cloud_api.config import Config
from emulator.cloud_api.http.phone_api import PAGES
from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.rules.media import MAX_BYTES, check_media
from emulator.cloud_api.state.people import user_id_of
from emulator.cloud_api.testing import ANA
from emulator.cloud_api.testing import CloudApiDouble as Meta

CONFIG = Config()
MESSAGES = f"/v25.0/{CONFIG.phone_number_id}/messages"


def buttons(count: int = 1, title: int = 1, identifier: int = 1, fill: str = "x") -> dict[str, Any]:
    replies = [
        {"id": f"{n}".ljust(identifier, fill), "title": f"{n}".ljust(title, "x")}
        for n in range(count)
    ]
    return {"buttons": [{"type": "reply", "reply": reply} for reply in replies]}


def interactive(kind: str, action: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": kind, "body": {"text": "?"}, "action": action} | more


def rows(count: int = 1, **lengths: int) -> dict[str, Any]:
    made = [
        {
            "id": f"{n}".ljust(lengths.get("id", 1), "x"),
            "title": "x" * lengths.get("title", 1),
            "description": "x" * lengths.get("description", 0),
        }
        for n in range(count)
    ]
    return {"button": "x" * lengths.get("button", 1), "sections": [{"title": "s", "rows": made}]}


def sections(count: int, title: int = 1) -> dict[str, Any]:
    made = [
        {"title": "x" * title, "rows": [{"id": str(n), "title": "r"}] if n < 10 else []}
        for n in range(count)
    ]
    return {"button": "x", "sections": made}


def named(name: str, **parameters: Any) -> dict[str, Any]:
    return {"name": name, "parameters": parameters}


def link(text: str) -> dict[str, Any]:
    return named("cta_url", display_text=text, url="https://e.org")


CONTACT = [{"name": {"formatted_name": "Ana"}}]
FLOW = {"flow_message_version": "3", "flow_id": "1"}
LABELS: list[tuple[str, dict[str, str]]] = [("footer", {}), ("header", {"type": "text"})]

#: what, at the limit, one past it
LIMITS: list[tuple[str, tuple[str, Any], tuple[str, Any]]] = [
    ("text", ("text", {"body": "x" * 4096}), ("text", {"body": "x" * 4097})),
    ("emoji", ("text", {"body": "🎉" * 2048}), ("text", {"body": "🎉" * 2049})),
    (
        "caption",
        ("image", {"link": "https://e.org/a", "caption": "x" * 1024}),
        ("image", {"link": "https://e.org/a", "caption": "x" * 1025}),
    ),
    (
        "buttons",
        ("interactive", interactive("button", buttons(3))),
        ("interactive", interactive("button", buttons(4))),
    ),
    (
        "button title",
        ("interactive", interactive("button", buttons(title=20))),
        ("interactive", interactive("button", buttons(title=21))),
    ),
    (
        "button id",
        ("interactive", interactive("button", buttons(identifier=256))),
        ("interactive", interactive("button", buttons(identifier=257))),
    ),
    (
        "rows",
        ("interactive", interactive("list", rows(10))),
        ("interactive", interactive("list", rows(11))),
    ),
    *(
        (
            f"row {name}",
            ("interactive", interactive("list", rows(**{name: most}))),
            ("interactive", interactive("list", rows(**{name: most + 1}))),
        )
        for name, most in (("id", 200), ("title", 24), ("description", 72), ("button", 20))
    ),
    *(
        (
            name,
            ("interactive", interactive("button", buttons(), **{name: {**more, "text": "x" * 60}})),
            ("interactive", interactive("button", buttons(), **{name: {**more, "text": "x" * 61}})),
        )
        for name, more in LABELS
    ),
    (
        "list body",
        ("interactive", interactive("list", rows(), body={"text": "x" * 4096})),
        ("interactive", interactive("list", rows(), body={"text": "x" * 4097})),
    ),
    (
        "section title",
        ("interactive", interactive("list", sections(2, title=24))),
        ("interactive", interactive("list", sections(2, title=25))),
    ),
    (
        "sections",
        ("interactive", interactive("list", sections(10))),
        ("interactive", interactive("list", sections(11))),
    ),
    (
        "display_text",
        ("interactive", interactive("cta_url", link("x" * 20))),
        ("interactive", interactive("cta_url", link("x" * 21))),
    ),
    (
        "flow_cta",
        ("interactive", interactive("flow", named("flow", **FLOW, flow_cta="x" * 30))),
        ("interactive", interactive("flow", named("flow", **FLOW, flow_cta="x" * 31))),
    ),
    (
        "payload of a call",
        ("interactive", interactive("voice_call", named("voice_call", payload="x" * 512))),
        ("interactive", interactive("voice_call", named("voice_call", payload="x" * 513))),
    ),
    ("contacts", ("contacts", CONTACT * 257), ("contacts", CONTACT * 258)),
    (
        "latitude",
        ("location", {"latitude": -90, "longitude": 180}),
        ("location", {"latitude": -90.1, "longitude": 180}),
    ),
]


@pytest.mark.parametrize(("_", "within", "beyond"), LIMITS, ids=[one[0] for one in LIMITS])
async def test_each_limit_at_the_bound_and_one_past_it(
    meta: Meta, _: str, within: tuple[str, Any], beyond: tuple[str, Any]
) -> None:
    assert (await meta.send(*within)).status_code == 200
    refused = await meta.send(*beyond)
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] in (131008, 131009)


async def test_what_comes_back_with_statuses_has_a_limit(meta: Meta) -> None:
    for length, status in ((512, 200), (513, 400)):
        answer = await meta.send("text", {"body": "hi"}, biz_opaque_callback_data="x" * length)
        assert answer.status_code == status


@pytest.mark.parametrize(("mime_type", "largest"), MAX_BYTES.items())
def test_the_largest_file_of_each_type(mime_type: str, largest: int) -> None:
    animated = b"RIFF....WEBPVP8X....\x02"
    check_media(animated.ljust(largest, b"x"), mime_type)
    with pytest.raises(GraphError, match="131053"):
        check_media(animated.ljust(largest + 1, b"x"), mime_type)


def test_a_sticker_that_stands_still_is_smaller() -> None:
    check_media(b"x" * 100 * 1024, "image/webp")
    with pytest.raises(GraphError, match="131053"):
        check_media(b"x" * (100 * 1024 + 1), "image/webp")


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("text", {"body": ""}, 131008),
        ("text", "hello", 100),
        ("dance", {}, 131051),
        ("image", {}, 131009),
        ("image", {"id": "1", "link": "https://e.org"}, 131009),
        ("image", {"id": "404"}, 131009),
        ("audio", {"link": "https://e.org", "caption": "x"}, 100),
        ("contacts", [{"name": {}}], 131008),
        ("contacts", [], 131009),
        ("interactive", interactive("button", buttons(identifier=2, fill=" ")), 131009),
        ("reaction", {"message_id": "x", "emoji": "👍"}, 131009),
        ("template", {"name": "hello"}, 131008),
        ("interactive", {"type": "button", "body": {"text": "?"}}, 131008),
        ("interactive", interactive("button", {"buttons": []}), 131009),
        ("interactive", interactive("cta_url", {"parameters": {"display_text": "x"}}), 131009),
    ],
)
async def test_what_meta_refuses(meta: Meta, kind: str, content: Any, code: int) -> None:
    error = (await meta.send(kind, content)).json()["error"]
    assert error["code"] == code
    assert error["message"].startswith(f"(#{code}) ")
    assert error["error_data"]["messaging_product"] == "whatsapp"
    assert error["fbtrace_id"]


async def test_a_wrong_token_is_unauthorised(meta: Meta) -> None:
    answer = await meta.http.post(MESSAGES, json={}, headers={"Authorization": "Bearer no"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 190)


async def test_another_number_is_unknown(meta: Meta) -> None:
    answer = await meta.http.post("/v25.0/1/messages", json={})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["error_subcode"]) == (400, 100, 33)


async def test_an_accepted_message_is_reported_in_order(meta: Meta) -> None:
    answer = await meta.send("text", {"body": "hi"}, biz_opaque_callback_data="7.0")
    [sent] = answer.json()["messages"]
    statuses = await meta.statuses()
    assert [status["status"] for status in statuses] == ["sent", "delivered", "read"]
    for status in statuses:
        assert (status["id"], status["recipient_id"]) == (sent["id"], ANA)
        assert status["biz_opaque_callback_data"] == "7.0"
        assert status["recipient_user_id"] == user_id_of(ANA)


async def test_a_user_id_reaches_somebody_who_wrote(meta: Meta) -> None:
    person = meta.account.people.get(ANA)
    person.hides_phone = True
    answer = await meta.send("text", {"body": "hi"}, to=None, recipient=person.user_id)
    assert answer.json()["contacts"] == [{"input": person.user_id, "user_id": person.user_id}]
    assert all("recipient_id" not in status for status in await meta.statuses())


async def test_webhooks_are_delivered_again_until_they_are_taken() -> None:
    waits: list[float] = []
    meta = Meta()

    async def no_sleep(seconds: float) -> None:
        waits.append(seconds)

    meta.account.webhooks._sleep = no_sleep
    meta.answers = [500, 503, 404]
    meta.account.say(meta.account.people.get(ANA), {"type": "text", "text": {"body": "¡hola!"}})
    await meta.account.webhooks.idle()
    assert [value["messages"][0]["text"]["body"] for value in meta.webhooks] == ["¡hola!"]
    assert waits == sorted(waits)
    assert len(waits) == 3


async def test_one_person_may_be_sent_45_at_once_and_then_one_in_six_seconds(meta: Meta) -> None:
    codes = [(await meta.send("text", {"body": "hi"})).status_code for _ in range(45)]
    assert set(codes) == {200}
    assert (await meta.send("text", {"body": "hi"})).json()["error"]["code"] == 131056
    meta.clock.now += 6
    assert (await meta.send("text", {"body": "hi"})).status_code == 200


async def test_the_number_has_a_speed_limit() -> None:
    meta = Meta(Config(messages_per_second=2, window_seconds=0))
    answers = [await meta.send("text", {"body": "hi"}, to=f"+57300{n:07}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["error"]["code"] == 130429


async def test_media_makes_the_round_trip_and_its_url_expires(meta: Meta) -> None:
    files = {"file": ("a.pdf", b"%PDF-1.4", "application/pdf")}
    upload = f"/v25.0/{CONFIG.phone_number_id}/media"
    data = {"messaging_product": "whatsapp"}
    media_id = (await meta.http.post(upload, files=files, data=data)).json()["id"]
    found = (await meta.http.get(f"/v25.0/{media_id}")).json()
    # Clients download from where they reach the emulator: another port, or the name of a container.
    assert found["url"].startswith("http://meta/media-content/")
    digest = base64.b64encode(hashlib.sha256(b"%PDF-1.4").digest()).decode()
    assert (found["mime_type"], found["sha256"]) == ("application/pdf", digest)
    assert (await meta.http.get(found["url"])).content == b"%PDF-1.4"
    assert (await meta.http.get(found["url"], headers={"Authorization": ""})).status_code == 401
    forged = found["url"].replace("expires=1", "expires=2")
    assert (await meta.http.get(forged)).status_code == 404
    meta.clock.now += 301
    assert (await meta.http.get(found["url"])).status_code == 404
    assert (await meta.http.delete(f"/v25.0/{media_id}")).json() == {"success": True}
    assert (await meta.http.get(f"/v25.0/{media_id}")).json()["error"]["code"] == 100


@pytest.mark.parametrize(
    ("mime_type", "size", "code"),
    [("image/gif", 1, 100), ("image/png", 5 * 1024 * 1024 + 1, 131053)],
)
async def test_files_that_meta_does_not_take(
    meta: Meta, mime_type: str, size: int, code: int
) -> None:
    files = {"file": ("a", b"x" * size, mime_type)}
    upload = f"/v25.0/{CONFIG.phone_number_id}/media"
    data = {"messaging_product": "whatsapp"}
    answer = await meta.http.post(upload, files=files, data=data)
    assert answer.json()["error"]["code"] == code


DAY = timedelta(days=1)


async def test_free_messages_end_a_day_after_the_person_wrote(meta: Meta) -> None:
    meta.clock.advance(DAY)
    assert (await meta.send("text", {"body": "hi"})).status_code == 200
    meta.clock.advance(timedelta(seconds=1))
    refused = await meta.send("text", {"body": "hi"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, 131047)
    template = {"name": "hello_world", "language": {"code": "en_US"}}
    assert (await meta.send("template", template)).status_code == 200
    meta.account.say(meta.account.people.get(ANA), {"type": "text", "text": {"body": "back"}})
    assert (await meta.send("text", {"body": "hi"})).status_code == 200
    await meta.account.webhooks.idle()


async def test_who_never_wrote_gets_templates_only(meta: Meta) -> None:
    refused = await meta.send("text", {"body": "hi"}, to="+573009999999")
    assert refused.json()["error"]["code"] == 131047


async def test_the_clock_moves_on_when_asked_to(meta: Meta) -> None:
    moved = await meta.http.post("/emulator/clock", json={"seconds": 25 * 3600})
    assert moved.json()["now"] == meta.clock.now + 25 * 3600
    assert (await meta.send("text", {"body": "hi"})).json()["error"]["code"] == 131047


async def test_a_refusal_stands_in_the_conversation_with_its_remedy(meta: Meta) -> None:
    await meta.send("text", {"body": "x" * 4097})
    [entry] = meta.account.people.get(ANA).entries
    assert entry["refused"]["code"] == 131009
    assert "too long" in entry["refused"]["details"]
    assert entry["refused"]["remedy"]


async def test_a_file_of_a_person_reaches_the_bot_and_can_be_fetched(meta: Meta) -> None:
    content = b"\x89PNG\r\n\x1a\n"
    path = f"/emulator/contacts/{ANA}/files?caption=look"
    entry = (
        await meta.http.post(path, content=content, headers={"Content-Type": "image/png"})
    ).json()
    await meta.account.webhooks.idle()
    [message] = meta.webhooks[-1]["messages"]
    assert message["image"] == entry["image"]
    assert message["image"]["caption"] == "look"
    media_id = message["image"]["id"]
    assert (await meta.http.get(f"/emulator/media/{media_id}")).content == content
    described = (await meta.http.get(f"/v25.0/{media_id}")).json()
    assert described["sha256"] == message["image"]["sha256"]
    assert (await meta.http.get(message["image"]["url"])).content == content


@pytest.mark.parametrize(
    ("mime_type", "kind", "more"),
    [
        ("audio/ogg; codecs=opus", "audio", {"voice": True}),
        ("video/mp4", "video", {}),
        ("application/pdf", "document", {"filename": "menu.pdf"}),
    ],
)
async def test_files_are_sent_as_what_they_are(
    meta: Meta, mime_type: str, kind: str, more: dict[str, Any]
) -> None:
    path = f"/emulator/contacts/{ANA}/files?name=menu.pdf&voice=1"
    await meta.http.post(path, content=b"x", headers={"Content-Type": mime_type})
    await meta.account.webhooks.idle()
    [message] = meta.webhooks[-1]["messages"]
    assert message["type"] == kind
    assert message[kind].items() >= {"mime_type": mime_type, **more}.items()


async def test_a_number_that_is_none_is_no_contact(meta: Meta) -> None:
    for asked in (
        meta.http.post("/emulator/contacts", json={"wa_id": "12", "name": "Eve"}),
        meta.http.post("/emulator/contacts/abc/messages", json={"text": "hello"}),
        meta.http.get("/emulator/contacts/abc/messages"),
        meta.http.post("/emulator/contacts/1234/files", content=b"x"),
    ):
        answer = await asked
        assert answer.status_code == 400
        assert "digits" in answer.json()["error"]
    assert [one.wa_id for one in meta.account.people.recent(9)] == [ANA]


async def test_people_are_listed_with_what_the_phone_needs(meta: Meta) -> None:
    given = {"wa_id": "+1 555 765 4321", "name": "Kim", "hides_phone": True}
    await meta.http.post("/emulator/contacts", json=given)
    known = (await meta.http.get("/emulator/contacts")).json()
    assert known["window_seconds"] == 24 * 3600
    kim, ana = known["contacts"]
    assert (kim["wa_id"], kim["name"], kim["hides_phone"]) == ("15557654321", "Kim", True)
    assert ana["wrote_at"] == meta.clock.now
    await meta.send("text", {"body": "hi"})
    await say_hello(meta)
    people = (await meta.http.get("/emulator/contacts")).json()["contacts"]
    last = {one["name"]: one["last_entry"] for one in people}
    assert last["Kim"] is None
    assert last[ana["name"]]["text"] == {"body": "hello"}


async def test_the_feed_goes_on_where_a_page_left_off(meta: Meta) -> None:
    feed = meta.account.feed
    for text in ("one", "two", "three"):
        await meta.send("text", {"body": text})
    events = feed.since(1)
    seen = [await anext(events), await anext(events)]
    assert [number for number, _ in seen] == [2, 3]
    assert [event["entry"]["text"]["body"] for _, event in seen] == ["two", "three"]
    waiting = asyncio.ensure_future(anext(events))
    await meta.send("text", {"body": "four"})
    assert (await waiting)[1]["entry"]["text"]["body"] == "four"


@pytest.mark.parametrize(
    ("seen", "is_ours"),
    [
        ("0", True),
        ("{run}.0", True),
        ("{run}.1", True),
        ("{run}.2", False),
        ("0123abcd.1", False),
        ("2", False),
        ("rubbish", False),
    ],
)
async def test_a_page_that_followed_an_emulator_before_this_one_begins_anew(
    meta: Meta, seen: str, is_ours: bool
) -> None:
    await meta.send("text", {"body": "one"})
    last = (await meta.http.get("/emulator/contacts")).json()["last_event"]
    place = seen.format(run=last.removesuffix(".1"))
    meta.account.close()  # or the answers would not end
    for asked in (
        meta.http.get("/emulator/events", params={"after": place}),
        meta.http.get("/emulator/events", headers={"Last-Event-ID": place}),
    ):
        told = (await asked).text
        assert (f"id: {last}\nevent: restarted\n" in told) is not is_ours


async def test_people_of_stories_are_listed_behind_the_others(meta: Meta) -> None:
    for number in range(60):
        given = {"wa_id": f"15550000{number:03}", "name": "hello-en", "is_in_story": True}
        await meta.http.post("/emulator/contacts", json=given)
    known = (await meta.http.get("/emulator/contacts")).json()["contacts"]
    assert [one["wa_id"] for one in known[:2]] == [ANA, "15550000059"]
    await meta.http.post("/emulator/contacts/15550000059/messages", json={"text": "hello"})
    [(_, event)] = [await anext(meta.account.feed.since(0))]
    assert (event["name"], event["is_in_story"]) == ("hello-en", True)


async def test_the_address_alone_leads_to_the_phone(meta: Meta) -> None:
    answer = await meta.http.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (307, "/phone")


async def test_three_people_are_on_the_phone_from_the_start() -> None:
    app = create_app(CONFIG, AirtableConfig())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://e") as http:
        known = (await http.get("/emulator/contacts")).json()["contacts"]
    assert [one["name"] for one in known] == ["Ana", "Lucía", "Kim"]
    assert [one["hides_phone"] for one in known] == [False, False, True]


def test_the_pages_are_small() -> None:
    assert sum(page.stat().st_size for page in PAGES.iterdir()) < 150 * 1024


async def say_hello(meta: Meta) -> dict[str, Any]:
    """The exchange of a webhook with one message of Ana."""
    meta.account.say(meta.account.people.get(ANA), {"type": "text", "text": {"body": "hello"}})
    await meta.account.webhooks.idle()
    return dict((await meta.http.get("/emulator/exchanges")).json()["exchanges"][-1])


async def test_webhooks_and_calls_are_kept_without_secrets(meta: Meta) -> None:
    webhook = await say_hello(meta)
    assert (webhook["kind"], webhook["status"], webhook["wa_ids"]) == ("webhook", 200, [ANA])
    await meta.send("text", {"body": "hi"})
    await meta.send("text", {"body": ""})
    await meta.http.get(f"/v25.0/debug_token?input_token={CONFIG.access_token}")
    answer = await meta.http.get("/emulator/exchanges")
    calls = [one for one in answer.json()["exchanges"] if one["kind"] == "graph"]
    assert [call["status"] for call in calls] == [200, 400, 200]
    assert calls[0]["request"]["text"] == {"body": "hi"}
    assert calls[0]["response"]["messages"][0]["id"].startswith("wamid.")
    assert calls[1]["response"]["error"]["code"] == 131008
    assert calls[1]["wa_ids"] == [ANA]
    for secret in (CONFIG.access_token, CONFIG.app_secret, CONFIG.verify_token):
        assert secret not in answer.text


async def test_a_webhook_that_was_not_taken_is_kept_for_each_attempt() -> None:
    meta = Meta()
    meta.answers = [503, 200]
    await say_hello(meta)
    kept = (await meta.http.get("/emulator/exchanges")).json()["exchanges"]
    assert [one["status"] for one in kept] == [503, 200]


async def test_a_replay_has_the_same_ids_and_one_as_new_has_others(meta: Meta) -> None:
    exchange = await say_hello(meta)
    path = f"/emulator/exchanges/{exchange['number']}/replay"
    assert (await meta.http.post(path)).json() == {"status": 200}
    await meta.http.post(path, json={"as_new": True})
    first, again, renewed = [value["messages"][0] for value in meta.webhooks]
    assert again == first
    assert renewed["id"] != first["id"]
    assert {**renewed, "id": first["id"]} == first
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": renewed["id"]}
    assert (await meta.http.post(MESSAGES, json=read)).status_code == 200


async def test_a_webhook_can_be_changed_and_sent(meta: Meta) -> None:
    exchange = await say_hello(meta)
    path = f"/emulator/exchanges/{exchange['number']}/replay"
    odd = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": []}]}
    assert (await meta.http.post(path, json={"body": odd})).json() == {"status": 200}
    kept = (await meta.http.get("/emulator/exchanges")).json()["exchanges"]
    assert kept[-1]["request"] == odd


async def test_only_webhooks_are_replayed(meta: Meta) -> None:
    await meta.send("text", {"body": "hi"})
    for number in (1, 99):
        answer = await meta.http.post(f"/emulator/exchanges/{number}/replay")
        assert answer.status_code == 404


async def test_a_recipient_that_is_none_is_no_person(meta: Meta) -> None:
    before = len(meta.account.people.recent(99))
    for to in ("abc", "", 5, None):
        await meta.send("text", {"body": "hi"}, to=to)
    assert len(meta.account.people.recent(99)) == before


def products(count: int, sections: int = 1) -> dict[str, Any]:
    items = [{"product_retailer_id": str(number)} for number in range(count)]
    shelves = [{"title": "s", "product_items": items if n == 0 else []} for n in range(sections)]
    return {"catalog_id": "1", "sections": shelves}


TITLED = {"header": {"type": "text", "text": "h"}}


@pytest.mark.parametrize(
    ("kind", "fits", "does_not", "more"),
    [
        ("cta_url", named("cta_url", display_text="x" * 20, url="https://e.org"), named("url"), {}),
        ("flow", named("flow", **FLOW, flow_cta="x" * 30), named("flow", **FLOW), {}),
        (
            "flow",
            named("flow", **FLOW, flow_cta="x"),
            named("flow", **FLOW, flow_cta="x", flow_name="both"),
            {},
        ),
        ("location_request_message", named("send_location"), named("location"), {}),
        ("address_message", named("address_message", country="IN"), named("address_message"), {}),
        ("product", {"catalog_id": "1", "product_retailer_id": "2"}, {"catalog_id": "1"}, {}),
        ("product_list", products(30), products(31), TITLED),
        ("product_list", products(1, sections=10), products(1, sections=11), TITLED),
        ("catalog_message", named("catalog_message"), {}, {}),
        ("call_permission_request", named("call_permission_request"), named("call"), {}),
        (
            "voice_call",
            named("voice_call", ttl_minutes=43_200),
            named("voice_call", ttl_minutes=43_201),
            {},
        ),
        ("request_contact_info", named("request_contact_info"), named("contact"), {}),
        ("contact_request", named("request_contact_info"), named("contact_request"), {}),
    ],
)
async def test_actions_of_interactive_messages(
    meta: Meta, kind: str, fits: dict[str, Any], does_not: dict[str, Any], more: dict[str, Any]
) -> None:
    taken = await meta.send("interactive", interactive(kind, fits, **more))
    assert taken.status_code == 200, taken.text
    refused = await meta.send("interactive", interactive(kind, does_not, **more))
    assert refused.json()["error"]["code"] in (131008, 131009)


@pytest.mark.parametrize(
    ("kind", "action", "more"),
    [
        ("button", buttons(), {"header": {"type": "sticker"}}),
        ("list", rows(), {"header": {"type": "image", "image": {"id": "1"}}}),
        ("product_list", products(1), {}),
        ("catalog_message", named("catalog_message"), TITLED),
        ("location_request_message", named("send_location"), {"footer": {"text": "f"}}),
        ("poll", {}, {}),
    ],
)
async def test_what_may_not_stand_around_an_action(
    meta: Meta, kind: str, action: dict[str, Any], more: dict[str, Any]
) -> None:
    refused = await meta.send("interactive", interactive(kind, action, **more))
    assert refused.json()["error"]["code"] in (131008, 131009)
