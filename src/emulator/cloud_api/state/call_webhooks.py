"""What the business is told of calls.

Source: developers.facebook.com/docs/whatsapp/cloud-api/calling
"""

from collections.abc import Callable
from typing import Any

from emulator.cloud_api.state.number import Number
from emulator.cloud_api.state.planned_statuses import contact_of
from emulator.cloud_api.state.voice_call import VoiceCall
from emulator.cloud_api.state.webhooks import WebhookSender


class CallWebhooks:
    """Sends the webhooks of the field `calls`. `clock` gives seconds since 1970."""

    def __init__(self, number: Number, webhooks: WebhookSender, clock: Callable[[], float]) -> None:
        self._number = number
        self._webhooks = webhooks
        self._clock = clock

    def tell(self, call: VoiceCall, **more: Any) -> None:
        """Send an event of a call."""
        sides = [("from", call.person.wa_id), ("to", self._number.digits)]
        if not call.is_by_person:
            sides = [("from", self._number.digits), ("to", call.person.wa_id)]
        shown = dict(sides)
        person_side = "from" if call.is_by_person else "to"
        shown[f"{person_side}_user_id"] = call.person.user_id
        if call.person.hides_phone:
            del shown[person_side]
        head = {"id": call.id, **shown, "timestamp": self._now(), "direction": call.direction}
        value = {"contacts": [contact_of(call.person)], "calls": [{**head, **more}]}
        self._webhooks.send(call.person.wa_id, value, field="calls")

    def tell_status(self, call: VoiceCall, status: str) -> None:
        """Send a status of a call that the business started."""
        one = {
            "id": call.id,
            "type": "call",
            "status": status,
            "timestamp": self._now(),
            "recipient_user_id": call.person.user_id,
        }
        if not call.person.hides_phone:
            one["recipient_id"] = call.person.wa_id
        if call.opaque is not None:
            one["biz_opaque_callback_data"] = call.opaque
        self._webhooks.send(call.person.wa_id, {"statuses": [one]}, field="calls")

    def _now(self) -> str:
        return str(int(self._clock()))
