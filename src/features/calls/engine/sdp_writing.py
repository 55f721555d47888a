"""SDP of calls, as we write it: offers, answers, and what aiortc is told of the other side. Pure.

Source: RFC 8866 (SDP), RFC 8829 (JSEP), developers.facebook.com/docs/whatsapp/cloud-api/calling
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import replace

from features.calls.engine.sdp import Candidate, Described, Side

#: Payload types in offers of ours: those that Meta uses, too.
OPUS_TYPE, EVENTS_TYPE = 111, 126


def write_offer(offer: Described) -> str:
    """Return an offer that says what was checked, and nothing else."""
    lite = ("a=ice-lite",) if offer.is_lite else ()
    return _written(offer, offer.side, lite, "actpass")


def write_answer(offer: Described, ours: Side, stream: Sequence[str] = ()) -> str:
    """Return our answer to an offer: we connect, and send and receive Opus.

    `stream` are the lines that name our stream: `a=msid` and `a=ssrc`.
    """
    return _written(offer, ours, (), "active", stream)


def write_invitation(ours: Side, stream: Sequence[str] = ()) -> str:
    """Return an offer of ours, of Opus and keys."""
    offer = Described(ours, is_lite=False, mid="audio", opus=OPUS_TYPE, events=EVENTS_TYPE)
    return _written(offer, ours, (), "actpass", stream)


def write_reply(answer: Described, mid: str) -> str:
    """Return an answer that says what was checked: the other side begins DTLS."""
    lite = ("a=ice-lite",) if answer.is_lite else ()
    return _written(replace(answer, mid=mid), answer.side, lite, "active")


def _written(
    offer: Described, side: Side, session: Sequence[str], setup: str, stream: Sequence[str] = ()
) -> str:
    types = [offer.opus] if offer.events is None else [offer.opus, offer.events]
    events = [] if offer.events is None else [
        f"a=rtpmap:{offer.events} telephone-event/8000",
        f"a=fmtp:{offer.events} 0-15",
    ]  # fmt: skip
    first = side.candidates[0]
    lines = [
        "v=0",
        "o=- 0 0 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        *session,
        f"a=group:BUNDLE {offer.mid}",
        f"m=audio {first.port} UDP/TLS/RTP/SAVPF {' '.join(map(str, types))}",
        f"c=IN IP{_version(first.host)} {first.host}",
        *(_candidate_line(at, one) for at, one in enumerate(side.candidates, 1)),
        "a=end-of-candidates",
        f"a=ice-ufrag:{side.ufrag}",
        f"a=ice-pwd:{side.password}",
        f"a=fingerprint:sha-256 {side.fingerprint}",
        f"a=setup:{setup}",
        f"a=mid:{offer.mid}",
        "a=sendrecv",
        "a=rtcp-mux",
        f"a=rtpmap:{offer.opus} opus/48000/2",
        f"a=fmtp:{offer.opus} minptime=10;useinbandfec=1",
        *events,
        "a=ptime:20",
        *stream,
    ]
    return "\r\n".join([*lines, ""])


def _candidate_line(number: int, one: Candidate) -> str:
    related = "" if one.kind == "host" else " raddr 0.0.0.0 rport 9"
    place = f"{one.host} {one.port}"
    return f"a=candidate:{number} 1 udp {one.priority} {place} typ {one.kind}{related}"


def _version(host: str) -> int:
    return ipaddress.ip_address(host).version
