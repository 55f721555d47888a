"""Calls of the phone page: what it posts, what it is told, and what the business hears of it."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.emulator.test_business_api import NUMBER

from emulator.cloud_api.testing import ANA, CALL_ANSWER
from emulator.cloud_api.testing import CloudApiDouble as Meta

CALLS = "/emulator/phone/calls"
HASH = ":".join(["0A"] * 32)
#: an offer as Chromium makes it, in short
OFFER = "\r\n".join(
    (
        "v=0",
        "o=- 4 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "a=extmap-allow-mixed",
        "a=msid-semantic: WMS 7d",
        "m=audio 41000 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126",
        "c=IN IP4 192.0.2.9",
        "a=candidate:1 1 udp 2122260223 192.0.2.9 41000 typ host generation 0",
        "a=candidate:2 1 tcp 1518280447 192.0.2.9 9 typ host tcptype active generation 0",
        "a=candidate:3 1 udp 2122194687 0f1e.local 41001 typ host generation 0",
        "a=ice-ufrag:oB3D",
        "a=ice-pwd:tZ8F1mXhN0eVx8YhF7fJ3a2k",
        "a=ice-options:trickle",
        f"a=fingerprint:sha-256 {HASH}",
        "a=setup:actpass",
        "a=mid:0",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        "a=rtpmap:111 opus/48000/2",
        "a=rtcp-fb:111 transport-cc",
        "a=fmtp:111 minptime=10;useinbandfec=1",
        "a=rtpmap:63 red/48000/2",
        "a=fmtp:63 111/111",
        "a=rtpmap:9 G722/8000",
        "a=rtpmap:110 telephone-event/48000",
        "a=rtpmap:126 telephone-event/8000",
        "",
    )
)


async def post(meta: Meta, path: str = "", **body: Any) -> dict[str, Any]:
    return dict((await meta.http.post(f"{CALLS}{path}", json=body)).json())


async def act(meta: Meta, **body: Any) -> dict[str, Any]:
    return dict((await meta.http.post(f"{NUMBER}/calls", json=body)).json())


async def events(meta: Meta) -> list[Any]:
    """What the business was told of calls."""
    await meta.account.webhooks.idle()
    calls = [one for value in meta.webhooks for one in value.get("calls", [])]
    statuses = [one for value in meta.webhooks for one in value.get("statuses", [])]
    return [(one["event"], one.get("status")) for one in calls] + [
        one["status"] for one in statuses
    ]


def told_to_pages(meta: Meta) -> list[dict[str, Any]]:
    return [event["call"] for _, event in meta.account.feed._events if "call" in event]


async def test_an_offer_of_a_browser_looks_like_one_of_meta(meta: Meta) -> None:
    made = await meta.http.post(CALLS, json={"from": ANA, "sdp": OFFER, "cta_payload": "help"})
    assert made.status_code == 202
    await meta.account.webhooks.idle()
    [told] = meta.webhooks[-1]["calls"]
    lines = told["session"]["sdp"].split("\r\n")
    assert (told["id"], told["cta_payload"]) == (made.json()["id"], "help")
    of_stream = ("m=", "a=mid", "a=group", "a=ice-lite")
    assert [line for line in lines if line.startswith(of_stream)] == [
        "a=group:BUNDLE audio",
        "a=ice-lite",
        "m=audio 41000 UDP/TLS/RTP/SAVPF 111 126",
        "a=mid:audio",
    ]
    assert [line.split()[4] for line in lines if line.startswith("a=candidate")] == [
        "192.0.2.9",
        "127.0.0.1",  # the name that only the browser knows
    ]
    assert not [line for line in lines if " tcp " in line or ":110 " in line or "rsize" in line]


async def test_the_page_hears_how_its_call_goes(meta: Meta) -> None:
    call = (await post(meta, **{"from": ANA, "sdp": OFFER}))["id"]
    session = {"sdp_type": "answer", "sdp": CALL_ANSWER}
    await act(meta, action="pre_accept", call_id=call, session=session)
    await act(meta, action="accept", call_id=call, session=session)
    meta.clock.now += 5
    await post(meta, f"/{call}/hang-up")
    assert await events(meta) == [("connect", None), ("terminate", "COMPLETED")]
    pages = told_to_pages(meta)
    assert [one["state"] for one in pages] == ["ringing", "prepared", "talking", "ended"]
    assert "sdp" not in pages[0]
    assert "a=mid:0\r\n" in pages[1]["sdp"]
    assert (pages[3]["outcome"], pages[3]["seconds"]) == ("completed", 5)
    assert (await post(meta, f"/{call}/hang-up"))["state"] == "ended"


async def test_a_call_of_the_business_rings_where_somebody_holds_the_phone(meta: Meta) -> None:
    person = meta.account.people.get(ANA)
    person.may_be_called_until = meta.clock.now + 60
    await post(meta, "/phones")
    offer = CALL_ANSWER.replace("active", "actpass")
    asked = {"action": "connect", "to": f"+{ANA}", "session": {"sdp_type": "offer", "sdp": offer}}
    call = (await act(meta, **asked))["calls"][0]["id"]
    assert told_to_pages(meta)[-1]["sdp"] == offer
    assert await events(meta) == []
    answer = OFFER.replace("actpass", "active")
    assert (await post(meta, f"/{call}/answer"))["error"] == "The call does not ring."
    assert (await post(meta, f"/{call}/join", sdp=answer))["state"] == "ringing"
    assert await events(meta) == [("connect", None), "RINGING"]
    await post(meta, f"/{call}/answer")
    assert (await events(meta))[-1] == "ACCEPTED"
    await act(meta, action="terminate", call_id=call)
    assert told_to_pages(meta)[-1]["outcome"] == "completed"


async def test_a_person_declines_the_call_of_the_business(meta: Meta) -> None:
    meta.account.people.get(ANA).may_be_called_until = meta.clock.now + 60
    await post(meta, "/phones")
    session = {"sdp_type": "offer", "sdp": CALL_ANSWER.replace("active", "actpass")}
    made = await act(meta, action="connect", to=f"+{ANA}", session=session)
    call = made["calls"][0]["id"]
    await post(meta, f"/{call}/join", sdp=OFFER.replace("actpass", "active"))
    await post(meta, f"/{call}/hang-up")
    assert await events(meta) == [
        ("connect", None), ("terminate", "FAILED"), "RINGING", "REJECTED"
    ]  # fmt: skip
    assert told_to_pages(meta)[-1]["outcome"] == "declined"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda sdp: "", "one stream"),
        (lambda sdp: sdp + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n", "one stream"),
        (lambda sdp: sdp.replace("opus", "pcm"), "no Opus"),
        (lambda sdp: sdp.replace("a=candidate", "a=candidat"), "no address"),
    ],
)
async def test_an_offer_that_cannot_be_one_is_explained(
    meta: Meta, spoil: Callable[[str], str], said: str
) -> None:
    answer = await meta.http.post(CALLS, json={"from": ANA, "sdp": spoil(OFFER)})
    assert answer.status_code == 400
    assert said in answer.json()["error"]


async def test_one_call_at_a_time_and_none_where_calling_is_off(meta: Meta) -> None:
    await post(meta, **{"from": ANA, "sdp": OFFER})
    assert "busy" in (await post(meta, **{"from": ANA, "sdp": OFFER}))["error"]
    meta.account.number.settings["calling"]["status"] = "DISABLED"
    assert "takes no calls" in (await post(meta, **{"from": "447700900123", "sdp": OFFER}))["error"]
    assert "no such call" in (await post(meta, "/wacid.nothing/hang-up"))["error"]


async def test_audio_before_the_answer_is_a_violation(meta: Meta) -> None:
    call = (await post(meta, **{"from": ANA, "sdp": OFFER}))["id"]
    await post(meta, f"/{call}/report", early_packets=0)
    assert (await meta.http.get(CALLS)).json() == {"violations": []}
    await post(meta, f"/{call}/report", early_packets=3)
    [violation] = (await meta.http.get(CALLS)).json()["violations"]
    assert violation.startswith("3 packets")


async def test_a_phone_without_audio_rings_too(meta: Meta) -> None:
    call = await post(meta, **{"from": ANA})
    assert call["state"] == "ringing"
    await post(meta, f"/{call['id']}/report", keys="1")
    await post(meta, f"/{call['id']}/report", keys="#")
    await post(meta, f"/{call['id']}/hang-up")
    [entry] = [one for one in meta.account.people.get(ANA).entries if one["type"] == "call"]
    assert entry["call"]["keys"] == "1#"
