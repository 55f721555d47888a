"""SDP of calls: the gate for what Meta sends. Pure; nothing here is ever logged.

Source: RFC 8866 (SDP), RFC 8829 (JSEP), developers.facebook.com/docs/whatsapp/cloud-api/calling
"""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: Longest offer, in bytes. Meta's have 2 to 4 KB.
MAX_OFFER_BYTES = 16 * 1024
#: Candidates of an offer that are tried; the rest is left out.
MAX_CANDIDATES = 16
#: Lengths of ICE credentials, in characters. Source: RFC 8839, 5.4
MIN_UFRAG_CHARS, MIN_PASSWORD_CHARS, MAX_ICE_CHARS = 4, 22, 256
#: Payload types that are free for codecs: the others could be taken for RTCP (RFC 5761).
PAYLOAD_TYPES = frozenset({*range(64), *range(96, 128)})
CLOCK_RATE = 48_000

_ICE = re.compile(r"[A-Za-z0-9+/]+", re.ASCII)
_TOKEN = re.compile(r"[!#-'*+\-.0-9A-Z^-~]{1,64}", re.ASCII)
_SHA_256 = re.compile(r"[0-9A-F]{2}(?::[0-9A-F]{2}){31}", re.ASCII)
_AUDIO = re.compile(r"m=audio (\d{1,5}) UDP/TLS/RTP/SAVPF((?: \d{1,3})+)", re.ASCII)
_RTPMAP = re.compile(r"(\d{1,3}) ([^/ ]+)/(\d{1,6})(?:/(\d))?", re.ASCII)
_NUMBER = re.compile(r"\d{1,10}", re.ASCII)


class BadOffer(ValueError):
    """An offer or an answer is of no use; the text says why, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address of the other side, reached by UDP."""

    host: str
    port: int
    priority: int
    kind: str = "host"


@dataclass(frozen=True, slots=True)
class Side:
    """What one side says about its transport."""

    ufrag: str
    password: str
    #: SHA-256 of the certificate: 32 pairs of hex digits
    fingerprint: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """A checked offer or answer of one audio stream."""

    side: Side
    is_lite: bool
    mid: str
    opus: int
    #: payload type of telephone events, at 8 kHz; None without
    events: int | None


def read_offer(text: str) -> Described:
    """Return what an offer says.

    Raises:
        BadOffer: if it is not one stream of Opus that we can both send and receive.
    """
    return _read(text, setups=("actpass", "passive"))


def read_answer(text: str) -> Described:
    """Return what an answer to an offer of ours says; "actpass" is taken for "active" in it.

    Raises:
        BadOffer: if it is not one stream of Opus that we can both send and receive.
    """
    return _read(text, setups=("active", "actpass"))


def _read(text: str, setups: Sequence[str]) -> Described:
    lines = _lines(text)
    start = next((at for at, line in enumerate(lines) if line.startswith("m=")), len(lines))
    session, media = lines[:start], lines[start:]
    if not media:
        raise BadOffer("it has no media")
    if any(line.startswith("m=") for line in media[1:]):
        raise BadOffer("it has more than one stream")
    audio = _AUDIO.fullmatch(media[0])
    if audio is None or audio[1] == "0":
        raise BadOffer("its stream is not audio over DTLS")
    listed = [int(one) for one in audio[2].split()]
    if not PAYLOAD_TYPES.issuperset(listed):
        raise BadOffer("it has a payload type that RTP forbids")
    both = [*media, *session]  # what the stream says goes before what the session says
    if {"a=inactive", "a=recvonly", "a=sendonly"}.intersection(both):
        raise BadOffer("it does not both send and receive")
    if _one(both, "setup", "actpass").lower() not in setups:
        raise BadOffer("it leaves us no role in DTLS that we can take")
    opus, events = _codecs(media, listed)
    return Described(_side(both), "a=ice-lite" in both, _mid(media), opus, events)


def _lines(text: str) -> list[str]:
    if len(text) > MAX_OFFER_BYTES or len(text.encode("utf-8", "replace")) > MAX_OFFER_BYTES:
        raise BadOffer("it is too long")
    lines = [line for line in re.split(r"\r\n|\n|\r", text) if line]
    if not lines or lines[0] != "v=0":
        raise BadOffer("it is no SDP")
    if any(len(line) < 3 or line[1] != "=" or not line.isprintable() for line in lines):
        raise BadOffer("it has a line that is none of SDP")
    return lines


def _values(lines: Sequence[str], name: str) -> Iterator[str]:
    start = f"a={name}:"
    return (line[len(start) :].strip() for line in lines if line.startswith(start))


def _one(lines: Sequence[str], name: str, default: str = "") -> str:
    return next(_values(lines, name), default)


def _mid(media: Sequence[str]) -> str:
    mid = _one(media, "mid", "audio")
    if not _TOKEN.fullmatch(mid):
        raise BadOffer("its mid is no token")
    return mid


def _codecs(media: Sequence[str], listed: Sequence[int]) -> tuple[int, int | None]:
    known: dict[str, int] = {}
    for value in _values(media, "rtpmap"):
        found = _RTPMAP.fullmatch(value)
        if found is not None and int(found[1]) in listed:
            name = f"{found[2].lower()}/{int(found[3])}/{found[4] or 1}"
            known.setdefault(name, int(found[1]))
    opus = known.get(f"opus/{CLOCK_RATE}/2")
    if opus is None:
        raise BadOffer("it has no Opus")
    return opus, known.get("telephone-event/8000/1")


def _side(lines: Sequence[str]) -> Side:
    ufrag, password = _one(lines, "ice-ufrag"), _one(lines, "ice-pwd")
    for value, least in ((ufrag, MIN_UFRAG_CHARS), (password, MIN_PASSWORD_CHARS)):
        if not (least <= len(value) <= MAX_ICE_CHARS and _ICE.fullmatch(value)):
            raise BadOffer("its ICE credentials are missing or malformed")
    candidates = _candidates(_values(lines, "candidate"))
    if not candidates:
        raise BadOffer("it has no address that UDP reaches")
    return Side(ufrag, password, _fingerprint(_values(lines, "fingerprint")), candidates)


def _fingerprint(values: Iterator[str]) -> str:
    for value in values:
        algorithm, _, digest = value.partition(" ")
        if algorithm.lower() == "sha-256" and _SHA_256.fullmatch(digest.strip().upper()):
            return digest.strip().upper()
    raise BadOffer("it has no SHA-256 fingerprint")


def _candidates(values: Iterator[str]) -> tuple[Candidate, ...]:
    found = [one for one in map(_candidate, values) if one is not None]
    return tuple(found[:MAX_CANDIDATES])


def _candidate(value: str) -> Candidate | None:
    """Return an address, or None for one that is not tried: TCP, RTCP, names, nonsense."""
    parts = value.split()
    if len(parts) < 8 or parts[1] != "1" or parts[2].lower() != "udp" or parts[6] != "typ":
        return None
    if not (_NUMBER.fullmatch(parts[3]) and _NUMBER.fullmatch(parts[5])):
        return None
    port, priority = int(parts[5]), int(parts[3])
    if not 0 < port < 65_536 or priority >= 2**32 or parts[7] not in ("host", "srflx", "relay"):
        return None
    try:
        host = ipaddress.ip_address(parts[4])
    except ValueError:
        return None
    if host.is_multicast or host.is_unspecified or "%" in parts[4]:
        return None
    return Candidate(str(host), port, priority, parts[7])
