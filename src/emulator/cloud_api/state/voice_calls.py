"""Signalling of voice calls: connect, accept, reject, terminate. There is no audio.

Source: developers.facebook.com/docs/whatsapp/cloud-api/calling
"""

import math
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.state.number import Number
from emulator.cloud_api.state.people import Person
from emulator.cloud_api.state.planned_statuses import contact_of
from emulator.cloud_api.state.webhooks import WebhookSender

#: Duration of a temporary permission to call.
PERMISSION = timedelta(days=7)

#: SDP of a WhatsApp client: one Opus stream, at an address that leads nowhere.
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


@dataclass(slots=True)
class VoiceCall:
    """One call, until it ends."""

    id: str
    person: Person
    direction: Literal["USER_INITIATED", "BUSINESS_INITIATED"]
    #: time of the answer, in seconds since 1970; None before
    answered_at: float | None = None


class VoiceCalls:
    """The calls of one number. `clock` gives seconds since 1970."""

    def __init__(self, number: Number, webhooks: WebhookSender, clock: Callable[[], float]) -> None:
        self._number = number
        self._webhooks = webhooks
        self._clock = clock
        self._open: dict[str, VoiceCall] = {}

    def ring(self, person: Person) -> VoiceCall:
        """A person calls the business."""
        call = self._new(person, "USER_INITIATED")
        person.wrote_at = self._clock()  # a call opens the window as a message does
        self._tell(call, event="connect", session=_session("offer", "actpass"))
        return call

    def hang_up(self, person: Person) -> None:
        """A person ends their call."""
        for call in [one for one in self._open.values() if one.person is person]:
            self._end(call)

    def note_call_permission(self, person: Person, content: Mapping[str, Any]) -> None:
        """Note the answer of a person to a call permission request, if the message is one."""
        reply = (content.get("interactive") or {}).get("call_permission_reply")
        if reply is None:
            return
        until = (
            math.inf if reply.get("is_permanent") else self._clock() + PERMISSION.total_seconds()
        )
        person.may_be_called_until = until if reply.get("response") == "accept" else 0.0

    def connect(self, person: Person, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The business calls a person, who answers at once."""
        if self._number.settings["calling"].get("status") != "ENABLED":
            raise GraphError(138000, "calling.status is not ENABLED.")
        if self._clock() >= person.may_be_called_until:
            raise GraphError(138006, "The person has not allowed to be called.")
        if any(one.person is person for one in self._open.values()):
            raise GraphError(138003, "This person is being called.")
        _check_session(asked, "offer")
        call = self._new(person, "BUSINESS_INITIATED")
        self._tell(call, event="connect", session=_session("answer", "active"))
        for status in ("RINGING", "ACCEPTED"):
            self._tell_status(call, status)
        call.answered_at = self._clock()
        return {"messaging_product": "whatsapp", "calls": [{"id": call.id}]}

    def act(self, action: object, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The business answers, rejects or ends a call."""
        call = self._open.get(str(asked.get("call_id")))
        if call is None:
            raise GraphError(131009, "call_id is not a call that goes on.")
        if action in ("pre_accept", "accept"):
            _check_session(asked, "answer")
        elif action not in ("reject", "terminate"):
            raise GraphError(100, "action: connect, pre_accept, accept, reject or terminate.")
        if action == "accept":
            call.answered_at = self._clock()
        if action in ("reject", "terminate"):
            self._end(call)
        return {"messaging_product": "whatsapp", "success": True}

    def permission(self, person: Person) -> dict[str, Any]:
        """Whether the business may call a person."""
        until, now = person.may_be_called_until, self._clock()
        status = (
            "permanent" if until == math.inf else "temporary" if until > now else "no_permission"
        )
        permission = {"status": status}
        if status == "temporary":
            permission["expiration_time"] = str(int(until))
        return {
            "messaging_product": "whatsapp",
            "permission": permission,
            "actions": [
                {"action_name": name, "can_perform_action": can}
                for name, can in (
                    ("send_call_permission_request", status != "permanent"),
                    ("start_call", status != "no_permission"),
                )
            ],
        }

    def _new(self, person: Person, direction: Any) -> VoiceCall:
        call = VoiceCall(f"wacid.{secrets.token_urlsafe(24)}", person, direction)
        self._open[call.id] = call
        return call

    def _end(self, call: VoiceCall) -> None:
        del self._open[call.id]
        more: dict[str, Any] = {"status": "FAILED"}
        if call.answered_at is not None:
            start, end = int(call.answered_at), int(self._clock())
            more = {
                "status": "COMPLETED",
                "start_time": str(start),
                "end_time": str(end),
                "duration": end - start,
            }
        self._tell(call, event="terminate", **more)

    def _tell(self, call: VoiceCall, **more: Any) -> None:
        sides = [("from", call.person.wa_id), ("to", self._number.digits)]
        if call.direction == "BUSINESS_INITIATED":
            sides = [("from", self._number.digits), ("to", call.person.wa_id)]
        shown = dict(sides)
        person_side = "from" if call.direction == "USER_INITIATED" else "to"
        shown[f"{person_side}_user_id"] = call.person.user_id
        if call.person.hides_phone:
            del shown[person_side]
        one = {
            "id": call.id,
            **shown,
            "timestamp": str(int(self._clock())),
            "direction": call.direction,
            **more,
        }
        value = {"contacts": [contact_of(call.person)], "calls": [one]}
        self._webhooks.send(call.person.wa_id, value, field="calls")

    def _tell_status(self, call: VoiceCall, status: str) -> None:
        one = {
            "id": call.id,
            "type": "call",
            "status": status,
            "timestamp": str(int(self._clock())),
            "recipient_user_id": call.person.user_id,
        }
        if not call.person.hides_phone:
            one["recipient_id"] = call.person.wa_id
        self._webhooks.send(call.person.wa_id, {"statuses": [one]}, field="calls")


def _session(sdp_type: str, setup: str) -> dict[str, str]:
    return {"sdp_type": sdp_type, "sdp": SDP.format(setup=setup)}


def _check_session(asked: Mapping[str, Any], sdp_type: str) -> None:
    session = asked.get("session")
    if not isinstance(session, dict) or session.get("sdp_type") != sdp_type:
        raise GraphError(100, f"session with sdp_type {sdp_type} is required.")
    sdp = str(session.get("sdp", ""))
    if "a=fingerprint:sha-256 " not in sdp:
        raise GraphError(100, "No fingerprint found in SDP.", "No fingerprint found in SDP")
    if sdp_type == "answer" and "a=setup:active" not in sdp:
        raise GraphError(100, "The answer must say a=setup:active.")
