"""SDP of calls: offers of a browser as Meta's look, and what Meta asks of answers.

Source: developers.facebook.com/docs/whatsapp/cloud-api/calling
"""

import re
from collections.abc import Iterator, Sequence

from emulator.cloud_api.rules.errors import GraphError

#: The name of the stream in Meta's offers.
MID = "audio"
#: Longest SDP, in characters.
MAX_CHARS = 16_384
#: Codecs that Meta offers, in this order.
CODECS = ("opus/48000/2", "telephone-event/8000")
LOOPBACK = "127.0.0.1"
#: Attributes of browsers that Meta's offers do not have.
LEFT_OUT = ("ice-options", "extmap-allow-mixed", "rtcp-rsize", "msid-semantic", "mid", "group")

_RTPMAP = re.compile(r"a=rtpmap:(\d+) (\S+)")
_FORMAT = re.compile(r"a=(?:rtpmap|fmtp|rtcp-fb):(\S+)")


def offer_of_meta(sdp: str) -> str:
    """Return the offer of a browser as Meta passes offers on.

    The browser is a full agent in truth. It also offers, and so is controlling; told that it is
    lite, the bot becomes controlling too, and the browser yields.

    Raises:
        ValueError: if it is no offer of one audio stream with Opus.
    """
    lines = _lines(sdp)
    start = next((at for at, line in enumerate(lines) if line.startswith("m=")), len(lines))
    session, media = lines[:start], lines[start:]
    if sum(line.startswith("m=") for line in media) != 1 or not media[0].startswith("m=audio "):
        raise ValueError("the offer of a call has one stream, of audio")
    types = _types(media)
    words = media[0].split()
    kept = [line for line in map(_reachable, media[1:]) if line and _is_kept(line, types)]
    if not any(line.startswith("a=candidate:") for line in kept):
        raise ValueError("the offer has no address; wait until they are gathered")
    head = [line for line in session if _is_kept(line, types) and line != "a=ice-lite"]
    made = [*head, f"a=group:BUNDLE {MID}", "a=ice-lite", " ".join([*words[:3], *types])]
    return "\r\n".join([*made, *kept, f"a=mid:{MID}", ""])


def answer_for_browser(sdp: str, offer: str) -> str:
    """Return an answer with the name that the browser gave its stream."""
    mid = next((line[6:] for line in _lines(offer) if line.startswith("a=mid:")), MID)
    renamed = (re.sub(rf"^(a=mid:|a=group:BUNDLE ){MID}$", rf"\g<1>{mid}", line)
               for line in _lines(sdp))  # fmt: skip
    return "\r\n".join([*renamed, ""])


def check_answer(sdp: object) -> str:
    """Return an answer that Meta takes.

    Raises:
        GraphError: 100, and what is wrong with it.
    """
    if not isinstance(sdp, str) or not sdp.startswith("v=0"):
        raise GraphError(100, "session.sdp is no SDP.")
    for problem in _problems(sdp, "active"):
        raise GraphError(100, problem, problem)
    return sdp


def check_offer(sdp: str) -> str:
    """Return an offer of the business that Meta takes.

    Raises:
        GraphError: 100, and what is wrong with it.
    """
    for problem in _problems(sdp, "actpass"):
        raise GraphError(100, problem, problem)
    return sdp


def _problems(sdp: str, setup: str) -> Iterator[str]:
    lines = _lines(sdp)
    media = [line for line in lines if line.startswith("m=")]
    hashes = [line for line in lines if line.startswith("a=fingerprint:")]
    if len(sdp) > MAX_CHARS:
        yield "The SDP is too long."
    if sdp.count("\n") != sdp.count("\r\n") or not sdp.endswith("\r\n"):
        yield "Lines of an SDP end with CRLF."
    if len(media) != 1 or not re.match(r"m=audio [1-9]\d* UDP/TLS/RTP/SAVPF \d", media[0]):
        yield "The SDP has one stream, of audio over DTLS."
    if not any(line.startswith("a=fingerprint:sha-256 ") for line in hashes):
        yield "No fingerprint found in SDP"
    if len(hashes) > 1:
        yield "Only a sha-256 fingerprint is supported."
    if f"a=setup:{setup}" not in lines:
        yield f"The SDP must say a=setup:{setup}."
    if not any(re.match(r"a=rtpmap:\d+ opus/48000/2$", line) for line in lines):
        yield "The SDP must have opus/48000/2."
    if not any(line.startswith("a=candidate:") for line in lines):
        yield "The SDP has no candidate: there is no trickle ICE."
    for needed in ("a=ice-ufrag:", "a=ice-pwd:"):
        if not any(line.startswith(needed) for line in lines):
            yield f"The SDP has no {needed[2:-1]}."


def _lines(sdp: str) -> list[str]:
    return [line for line in sdp.replace("\r", "").split("\n") if line]


def _types(media: Sequence[str]) -> list[str]:
    """Return the payload types of Meta's codecs."""
    known = {found[2].lower(): found[1] for line in media if (found := _RTPMAP.fullmatch(line))}
    if CODECS[0] not in known:
        raise ValueError("the offer has no Opus")
    return [known[name] for name in CODECS if name in known]


def _is_kept(line: str, types: Sequence[str]) -> bool:
    if line.startswith(tuple(f"a={name}" for name in LEFT_OUT)):
        return line.startswith("a=msid:")
    if line.startswith("a=rtcp-fb:"):
        return line.endswith("transport-cc") and line.split()[0][10:] in types
    found = _FORMAT.match(line)
    return found is None or found[1] in types


def _reachable(line: str) -> str | None:
    """Leave out TCP; a name that only the browser's network can resolve becomes loopback."""
    if not line.startswith("a=candidate:"):
        return line
    words = line.split()
    if len(words) < 8 or words[2].lower() != "udp":
        return None
    if words[4].endswith(".local"):
        words[4] = LOOPBACK
    return " ".join(words)
