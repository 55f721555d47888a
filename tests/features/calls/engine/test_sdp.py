"""Offers: what is refused, what is taken, and what becomes of it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.cloud_api.rules.call_sdp import check_offer
from features.calls.engine.sdp import (
    MAX_OFFER_BYTES,
    BadOffer,
    Candidate,
    Side,
    read_answer,
    read_offer,
)
from features.calls.engine.sdp_writing import (
    write_answer,
    write_invitation,
    write_offer,
    write_reply,
)

HASH = ":".join(["0A"] * 32)
GOOD = "\r\n".join(
    (
        "v=0",
        "o=- 1790000000 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE audio",
        "a=msid-semantic: WMS 0d5e",
        "a=ice-lite",
        "m=audio 3480 UDP/TLS/RTP/SAVPF 111 126",
        "c=IN IP4 203.0.113.7",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=candidate:1 1 udp 2113937151 203.0.113.7 3480 typ host generation 0 network-cost 50",
        "a=candidate:2 1 udp 2113939711 2001:db8::7 3480 typ host generation 0",
        "a=ice-ufrag:6O8Hn3H7",
        "a=ice-pwd:u/Ky8XWVrjYQX7pNzAb41eC2",
        f"a=fingerprint:sha-256 {HASH}",
        "a=setup:actpass",
        "a=mid:audio",
        "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=rtcp-fb:111 transport-cc",
        "a=fmtp:111 maxaveragebitrate=20000;maxplaybackrate=16000;minptime=20;useinbandfec=1",
        "a=rtpmap:126 telephone-event/8000",
        "a=ssrc:1 cname:x",
        "",
    )
)
VIDEO = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n"
AUDIO = GOOD[GOOD.index("m=audio") :]

BAD = {
    "empty": "",
    "binary": "\x00\x01\x02",
    "one_megabyte": GOOD + "a=x:y\r\n" * 150_000,
    "json": '{"sdp": "v=0"}',
    "no_version": GOOD.replace("v=0\r\n", ""),
    "no_media": GOOD[: GOOD.index("m=audio")],
    "video_only": GOOD[: GOOD.index("m=audio")] + VIDEO,
    "audio_and_video": GOOD + VIDEO,
    "two_audio": GOOD + AUDIO,
    "rejected_stream": GOOD.replace("m=audio 3480", "m=audio 0"),
    "no_dtls": GOOD.replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
    "sdes": GOOD.replace("UDP/TLS/RTP/SAVPF", "RTP/SAVPF"),
    "no_opus": GOOD.replace("opus/48000/2", "PCMU/8000"),
    "opus_not_listed": GOOD.replace("SAVPF 111 126", "SAVPF 126"),
    "opus_at_another_rate": GOOD.replace("opus/48000/2", "opus/16000/1"),
    "sha_1_only": GOOD.replace("sha-256", "sha-1"),
    "half_a_hash": GOOD.replace(HASH, HASH[:47]),
    "no_hash": GOOD.replace("a=fingerprint", "a=fingermark"),
    "no_ufrag": GOOD.replace("a=ice-ufrag", "a=ice-frag"),
    "short_password": GOOD.replace("u/Ky8XWVrjYQX7pNzAb41eC2", "short"),
    "password_with_spaces": GOOD.replace("u/Ky8XWVrjYQX7pNzAb41eC2", "u/Ky8XWVrjY X7pNzAb41eC2"),
    "no_candidate": GOOD.replace("a=candidate", "a=candidat"),
    "only_tcp": GOOD.replace(" udp ", " tcp "),
    "only_names": re.sub(r"203\.0\.113\.7 3480|2001:db8::7 3480", "host.example 3480", GOOD),
    "port_0": GOOD.replace("3480 typ", "0 typ"),
    "inactive": GOOD.replace("a=sendrecv", "a=inactive"),
    "on_hold": GOOD.replace("a=sendrecv", "a=sendonly"),
    "wants_to_connect": GOOD.replace("a=setup:actpass", "a=setup:active"),
    "type_of_rtcp": GOOD.replace("111 126", "72 126"),
    "control_characters": GOOD.replace("a=mid:audio", "a=mid:au\x00dio"),
    "mid_with_spaces": GOOD.replace("a=mid:audio", "a=mid:au dio"),
}
ODD = {
    "upper_case_hash": GOOD.replace("sha-256", "SHA-256").replace("0A", "0a"),
    "line_feeds": GOOD.replace("\r\n", "\n"),
    "more_hashes": GOOD.replace("a=setup", "a=fingerprint:sha-1 00:11\r\na=setup"),
    "sha_1_first": GOOD.replace("a=fingerprint", "a=fingerprint:sha-1 00\r\na=fingerprint", 1),
    "unknown_attributes": GOOD + "a=nobody-knows:this\r\na=nor-this\r\n",
    "stray_feedback": GOOD + "a=rtcp-fb:99 nack pli\r\na=rtcp-fb:* goog-remb\r\n",
    "stray_format": GOOD + "a=fmtp:99 x=y\r\na=rtpmap:98 what\r\n",
    "hash_of_session": GOOD.replace(f"a=fingerprint:sha-256 {HASH}\r\n", "").replace(
        "m=audio", f"a=fingerprint:sha-256 {HASH}\r\nm=audio", 1
    ),
    "no_direction": GOOD.replace("a=sendrecv\r\n", ""),
    "no_events": GOOD.replace("a=rtpmap:126 telephone-event/8000\r\n", ""),
    "other_types": GOOD.replace("111", "109").replace("126", "101"),
    "capital_opus": GOOD.replace("opus/48000/2", "OPUS/48000/2"),
    "one_good_candidate": GOOD.replace("203.0.113.7 3480 typ", "f81d.local 3480 typ"),
    "malformed_candidate": GOOD + "a=candidate:3 1 udp\r\n",
    "passive": GOOD.replace("a=setup:actpass", "a=setup:passive"),
    "full_agent": GOOD.replace("a=ice-lite\r\n", ""),
}


@pytest.mark.parametrize("name", BAD)
def test_d_d11_a_bad_offer_is_refused_without_quoting_it(name: str) -> None:
    with pytest.raises(BadOffer) as refused:
        read_offer(BAD[name])
    assert "0A:0A" not in str(refused.value)
    assert "203.0.113.7" not in str(refused.value)


@pytest.mark.parametrize("name", ODD)
def test_d_d11_an_odd_offer_is_taken(name: str) -> None:
    offer = read_offer(ODD[name])
    assert offer.side.fingerprint == HASH
    assert offer.side.candidates
    assert read_offer(write_offer(offer)) == offer


def test_what_an_offer_says() -> None:
    offer = read_offer(GOOD)
    assert (offer.opus, offer.events, offer.mid, offer.is_lite) == (111, 126, "audio", True)
    assert offer.side.candidates == (
        Candidate("203.0.113.7", 3480, 2113937151),
        Candidate("2001:db8::7", 3480, 2113939711),
    )


def test_d7_an_answer_has_what_meta_asks_for() -> None:
    ours = Side("ufrag", "p" * 22, HASH, (Candidate("192.0.2.1", 5000, 1),))
    stream = ("a=msid:s t", "a=ssrc:7 cname:c")
    lines = write_answer(read_offer(GOOD), ours, stream).split("\r\n")
    for needed in (
        "a=setup:active",
        "a=mid:audio",
        "a=rtcp-mux",
        "a=ptime:20",
        "a=sendrecv",
        *stream,
    ):
        assert lines.count(needed) == 1
    assert [line for line in lines if "fingerprint" in line] == [f"a=fingerprint:sha-256 {HASH}"]
    assert [line for line in lines if line.startswith("m=")] == [
        "m=audio 5000 UDP/TLS/RTP/SAVPF 111 126"
    ]
    assert "a=ice-lite" not in lines
    assert "telephone-event" not in write_answer(read_offer(ODD["no_events"]), ours)


@given(st.text(max_size=300))
def test_no_text_is_more_than_refused(text: str) -> None:
    with pytest.raises(BadOffer):
        read_offer(f"v=0\r\n{text}")


@given(
    at=st.integers(0, len(GOOD)),
    length=st.integers(0, 40),
    put=st.text(st.characters(codec="utf-8"), max_size=20),
)
def test_a_spoilt_offer_is_refused_or_still_sound(at: int, length: int, put: str) -> None:
    """Whatever is taken can be written down again, and then means the same."""
    try:
        offer = read_offer(GOOD[:at] + put + GOOD[at + length :])
    except BadOffer:
        return
    assert read_offer(write_offer(offer)) == offer


def test_the_limit_is_of_bytes() -> None:
    padded = GOOD + "a=x:" + "é" * (MAX_OFFER_BYTES // 2) + "\r\n"
    assert len(padded) < MAX_OFFER_BYTES
    with pytest.raises(BadOffer, match="too long"):
        read_offer(padded)


def test_an_offer_of_ours_is_one_that_meta_takes() -> None:
    sdp = write_invitation(Side("abcd", "p" * 24, HASH, (Candidate("192.0.2.1", 5004, 1),)))
    assert check_offer(sdp) == sdp
    assert "a=rtpmap:126 telephone-event/8000" in sdp.split("\r\n")
    assert read_offer(sdp).opus == 111


@pytest.mark.parametrize("setup", ["active", "actpass"])
def test_the_other_side_begins_dtls_whatever_its_answer_says(setup: str) -> None:
    answer = read_answer(GOOD.replace("a=setup:actpass", f"a=setup:{setup}"))
    told = write_reply(answer, "0").split("\r\n")
    assert "a=setup:active" in told
    assert "a=mid:0" in told
    assert "a=ice-lite" in told


def test_an_answer_that_waits_for_us_is_of_no_use() -> None:
    with pytest.raises(BadOffer):
        read_answer(GOOD.replace("a=setup:actpass", "a=setup:passive"))
