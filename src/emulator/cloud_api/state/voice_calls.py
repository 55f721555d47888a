"""Signalling of voice calls, as strict as Meta's. Audio goes directly between phone and bot.

Source: developers.facebook.com/docs/whatsapp/cloud-api/calling
"""

import secrets
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from emulator.cloud_api.rules.call_actions import opaque_of, sdp_of
from emulator.cloud_api.rules.call_sdp import (
    answer_for_browser,
    check_answer,
    check_offer,
    offer_of_meta,
)
from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.state.call_permissions import CallPermissions
from emulator.cloud_api.state.call_webhooks import CallWebhooks
from emulator.cloud_api.state.number import Number
from emulator.cloud_api.state.people import Person
from emulator.cloud_api.state.voice_call import (
    SDP,
    CallState,
    Direction,
    Outcome,
    VoiceCall,
)
from emulator.cloud_api.state.webhooks import WebhookSender

#: Time in which a call has to be answered, in seconds.
RING_SECONDS = 60.0
#: Calls of one number at the same time.
MAX_OPEN_CALLS = 1_000
#: Ended calls that are remembered.
MAX_ENDED_CALLS = 1_000

SUCCESS = {"messaging_product": "whatsapp", "success": True}


class VoiceCalls:
    """The calls of one number. `clock` gives seconds since 1970."""

    NOT_KEPT: ClassVar = frozenset(
        {"_number", "_hooks", "_clock", "_publish", "violations", "has_phones"}
    )

    def __init__(
        self,
        number: Number,
        webhooks: WebhookSender,
        clock: Callable[[], float],
        publish: Callable[[dict[str, Any]], None] = lambda event: None,
    ) -> None:
        self._number = number
        self._hooks = CallWebhooks(number, webhooks, clock)
        self._clock = clock
        self._publish = publish
        self.permissions = CallPermissions(clock)
        self._open: dict[str, VoiceCall] = {}
        self._ended: deque[VoiceCall] = deque(maxlen=MAX_ENDED_CALLS)
        #: what a phone noticed that a real one would not forgive
        self.violations: list[str] = []
        #: whether somebody holds the phones, and answers calls of the business
        self.has_phones = False

    # ---- what the person does

    def ring(
        self, person: Person, sdp: str | None = None, payloads: Mapping[str, str] | None = None
    ) -> VoiceCall:
        """A person calls the business; without SDP, from a phone without audio.

        Raises:
            ValueError: if this call cannot be made.
        """
        if self._number.settings["calling"].get("status") != "ENABLED":
            raise ValueError("This business takes no calls: calling.status is not ENABLED.")
        if self._call_of(person) is not None or len(self._open) >= MAX_OPEN_CALLS:
            raise ValueError("The line is busy: end the other call first.")
        shown = SDP.format(setup="actpass") if sdp is None else offer_of_meta(sdp)
        call = self._new(person, "USER_INITIATED")
        call.offer, call.payloads = sdp, dict(payloads or {})
        person.wrote_at = self._clock()  # a call opens the window as a message does
        self._show(call)
        if not person.is_blocked:
            session = {"sdp_type": "offer", "sdp": shown}
            self._hooks.tell(call, event="connect", session=session, **call.payloads)
        return call

    def join(self, call: VoiceCall, sdp: str) -> None:
        """The phone of the person who is called connects; now it rings."""
        if call.is_by_person or call.state is not CallState.CALLING:
            raise ValueError("The call is not one that waits for this phone.")
        self._begin_ringing(call, offer_of_meta(sdp))

    def answer(self, call: VoiceCall) -> None:
        """A person answers the call of the business."""
        if call.is_by_person or call.state is not CallState.RINGING:
            raise ValueError("The call does not ring.")
        self._hooks.tell_status(call, "ACCEPTED")
        self._begin_talk(call)

    def leave(self, call: VoiceCall) -> None:
        """A person hangs up, or declines."""
        if not call.is_by_person and call.state is not CallState.TALKING:
            self._hooks.tell_status(call, "REJECTED")
            self._end(call, Outcome.DECLINED)
            return
        self._end(call, Outcome.MISSED)

    def hang_up(self, person: Person) -> None:
        """A person ends their call, if there is one."""
        if (call := self._call_of(person)) is not None:
            self.leave(call)

    def resume(self) -> None:
        """End the calls of an earlier run: nobody holds their phones any more."""
        for call in [*self._open.values()]:
            self.leave(call)

    def end_unanswered(self) -> None:
        """End the calls that have been ringing too long."""
        for call in list(self._open.values()):
            is_ringing = call.answered_at is None
            if is_ringing and self._clock() - call.began_at >= RING_SECONDS:
                self._end(call, Outcome.MISSED)

    def find(self, call_id: str) -> VoiceCall:
        """Return a call, also one that has ended; ValueError for an unknown one."""
        found = self._open.get(call_id) or next(
            (one for one in self._ended if one.id == call_id), None
        )
        if found is None:
            raise ValueError("There is no such call.")
        return found

    # ---- what the business does

    def connect(self, person: Person, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The business calls a person. A phone that nobody holds answers at once."""
        if self._number.settings["calling"].get("status") != "ENABLED":
            raise GraphError(138000, "calling.status is not ENABLED.")
        self.permissions.require_call(person)
        if self._call_of(person) is not None:
            raise GraphError(138003, "This person is being called.")
        if len(self._open) >= MAX_OPEN_CALLS:
            raise GraphError(138002, f"The number has {MAX_OPEN_CALLS} calls already.")
        offer = check_offer(sdp_of(asked, "offer"))
        call = self._new(person, "BUSINESS_INITIATED")
        call.offer, call.opaque, call.state = offer, opaque_of(asked), CallState.CALLING
        if self.has_phones:
            self._show(call, sdp=offer)
        else:
            self._begin_ringing(call, SDP.format(setup="active"))
            self.answer(call)
        return {"messaging_product": "whatsapp", "calls": [{"id": call.id}]}

    def act(self, action: object, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The business prepares, answers, rejects or ends a call."""
        if action not in ("pre_accept", "accept", "reject", "terminate"):
            raise GraphError(100, "action: connect, pre_accept, accept, reject or terminate.")
        call = self._open.get(str(asked.get("call_id")))
        if call is None:
            raise GraphError(131009, "call_id is not a call that goes on.")
        if action == "terminate":
            self._end(call, Outcome.DECLINED if call.is_by_person else Outcome.MISSED)
            return SUCCESS
        if not call.is_by_person:
            raise GraphError(100, f"{action} is for calls that people start.")
        if call.state is CallState.TALKING:
            raise GraphError(131009, "The call is answered already.")
        if action == "reject":
            self._end(call, Outcome.DECLINED)
        else:
            self._take(call, str(action), asked)
        return SUCCESS

    def shown(self, call: VoiceCall) -> dict[str, Any]:
        """Return a call as phones see it."""
        told = {
            "id": call.id,
            "wa_id": call.person.wa_id,
            "direction": call.direction,
            "state": call.state,
            "answered_at": call.answered_at,
            "outcome": call.outcome,
            "seconds": call.seconds,
        }
        if call.is_by_person and call.answer is not None and call.offer is not None:
            told["sdp"] = answer_for_browser(call.answer, call.offer)
        if not call.is_by_person and call.state is CallState.CALLING:
            told["sdp"] = call.offer
        return told

    def _take(self, call: VoiceCall, action: str, asked: Mapping[str, Any]) -> None:
        answer = check_answer(sdp_of(asked, "answer"))
        if call.answer not in (None, answer):
            raise GraphError(100, "The SDP differs from the one of pre_accept.")
        call.answer = answer
        if action == "pre_accept":
            call.state = CallState.PREPARED
            self._show(call)
        else:
            call.opaque = opaque_of(asked)
            self._begin_talk(call)

    def _begin_ringing(self, call: VoiceCall, answer: str) -> None:
        self._hooks.tell(call, event="connect", session={"sdp_type": "answer", "sdp": answer})
        self._hooks.tell_status(call, "RINGING")
        call.state = CallState.RINGING
        self._show(call)

    def _begin_talk(self, call: VoiceCall) -> None:
        call.answered_at, call.state = self._clock(), CallState.TALKING
        self.permissions.note_call(call.person, is_by_person=call.is_by_person)
        self._show(call)

    def _call_of(self, person: Person) -> VoiceCall | None:
        return next((one for one in self._open.values() if one.person is person), None)

    def _new(self, person: Person, direction: Direction) -> VoiceCall:
        call = VoiceCall(f"wacid.{secrets.token_urlsafe(24)}", person, direction, self._clock())
        self._open[call.id] = call
        return call

    def _end(self, call: VoiceCall, unanswered: Outcome) -> None:
        del self._open[call.id]
        self._ended.append(call)
        call.ended_at, call.state = self._clock(), CallState.ENDED
        call.outcome = unanswered if call.answered_at is None else Outcome.COMPLETED
        more: dict[str, Any] = {"status": "FAILED", **call.payloads}
        if call.answered_at is not None:
            start, end = str(int(call.answered_at)), str(int(call.ended_at))
            told = {"start_time": start, "end_time": end, "duration": call.seconds}
            more |= {"status": "COMPLETED", **told}
        if call.opaque is not None:
            more["biz_opaque_callback_data"] = call.opaque
        self._note_permission(call)
        call.person.add(call.entry())
        self._show(call)
        self._hooks.tell(call, event="terminate", **more)

    def _note_permission(self, call: VoiceCall) -> None:
        """A call of a person may allow one back; calls in vain end the permission."""
        calling = self._number.settings["calling"]
        if call.is_by_person and calling.get("callback_permission_status") == "ENABLED":
            self.permissions.grant_callback(call.person, call.id)
        elif not call.is_by_person and call.answered_at is None:
            self.permissions.note_unanswered(call.person)

    def _show(self, call: VoiceCall, **more: Any) -> None:
        self._publish({"call": {**self.shown(call), **more}})
