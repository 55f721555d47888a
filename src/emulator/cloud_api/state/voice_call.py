"""One voice call: who, which way, and how far it has come."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from emulator.cloud_api.state.people import Person

Direction = Literal["USER_INITIATED", "BUSINESS_INITIATED"]

#: SDP of a phone that nobody holds: one Opus stream, at an address that leads nowhere.
SDP = "\r\n".join(
    (
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE audio",
        "a=ice-lite",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 126",
        "c=IN IP4 192.0.2.1",
        "a=candidate:1 1 udp 2113937151 192.0.2.1 9 typ host",
        "a=ice-ufrag:emulated",
        "a=ice-pwd:emulatedemulatedemulated",
        "a=fingerprint:sha-256 " + ":".join(["00"] * 32),
        "a=setup:{setup}",
        "a=mid:audio",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1",
        "a=rtpmap:126 telephone-event/8000",
        "",
    )
)


class CallState(StrEnum):
    """How far a call has come, as the phone shows it."""

    #: the business calls, and the phone has not rung yet
    CALLING = "calling"
    RINGING = "ringing"
    #: the bot has prepared its side: audio can connect
    PREPARED = "prepared"
    TALKING = "talking"
    ENDED = "ended"


class Outcome(StrEnum):
    """How a call ended, as the chat shows it."""

    COMPLETED = "completed"
    #: nobody answered in time, or the caller hung up before
    MISSED = "missed"
    #: the side that was called said no
    DECLINED = "declined"


@dataclass(slots=True)
class VoiceCall:
    """One call, until it ends."""

    id: str
    person: Person
    direction: Direction
    #: in seconds since 1970
    began_at: float
    state: CallState = CallState.RINGING
    answered_at: float | None = None
    ended_at: float | None = None
    outcome: Outcome | None = None
    #: offer of the phone in its own words; of the business, if it calls
    offer: str | None = None
    #: answer of the other side
    answer: str | None = None
    #: what the business wants back in the last webhook
    opaque: str | None = None
    #: what brought the person here: of a button or of a link
    payloads: dict[str, str] = field(default_factory=dict)
    #: keys that the person pressed, as the phone reports them
    keys: str = ""

    @property
    def is_by_person(self) -> bool:
        return self.direction == "USER_INITIATED"

    @property
    def seconds(self) -> int | None:
        """How long both talked."""
        if self.answered_at is None or self.ended_at is None:
            return None
        return int(self.ended_at) - int(self.answered_at)

    def entry(self) -> dict[str, Any]:
        """Return what the chat shows of an ended call."""
        told: dict[str, Any] = {
            "outcome": self.outcome,
            "seconds": self.seconds,
            "direction": self.direction,
        }
        told |= {"keys": self.keys} if self.keys else {}
        side = "person" if self.is_by_person else "bot"
        return {"from": side, "type": "call", "call": told, "at": self.ended_at}
