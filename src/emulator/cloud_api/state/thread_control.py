"""Who answers a person besides the bot: the owner from the phone, and Meta's own agent.

Source of the shapes: the webhook references smb_message_echoes, standby and messaging_handovers of
the WhatsApp Business Platform, 2026.
"""

from collections.abc import Callable
from typing import Any

from emulator.cloud_api.config import Config
from emulator.cloud_api.state.people import Person
from emulator.cloud_api.state.webhooks import WebhookSender
from emulator.json import JsonObject

#: What the emulated agent answers to everything.
AGENT_TEXT = "Meta's agent here. I will look into it."


class ThreadControl:
    """Plays those who share the number with the bot."""

    def __init__(
        self,
        config: Config,
        webhooks: WebhookSender,
        new_id: Callable[[Person], str],
        clock: Callable[[], float],
    ) -> None:
        self._config = config
        self._webhooks = webhooks
        self._new_id = new_id
        self._clock = clock

    def owner_says(self, person: Person, text: str) -> None:
        """The owner answers from the WhatsApp Business app."""
        echo = {**self._sent(person, "owner", text), "from": self._config.display_phone_number}
        self._webhooks.send(person.wa_id, {"message_echoes": [echo]}, field="smb_message_echoes")

    def hand_to_agent(self, person: Person) -> None:
        """Meta's agent takes the conversation from the bot."""
        person.is_with_agent = True
        told = {"previous_owner_role": "escalation", "new_owner_role": "ai_agent"}
        self._hand_over(person, "control_taken", told)

    def hand_to_bot(self, person: Person) -> None:
        """Meta's agent passes the conversation to the bot."""
        person.is_with_agent = False
        told = {
            "previous_owner_role": "ai_agent",
            "new_owner_role": "escalation",
            "metadata": "The person asks for a human.",
        }
        self._hand_over(person, "control_passed", told)

    def deliver(self, person: Person, value: JsonObject) -> None:
        """Send what a person wrote to whoever holds the conversation."""
        if not person.is_with_agent:
            self._webhooks.send(person.wa_id, value)
            return
        self._webhooks.send(person.wa_id, {"standby": value}, field="standby")
        sent = self._sent(person, "agent", AGENT_TEXT)
        inner = {key: sent[key] for key in ("to", "to_user_id", "type", "text") if key in sent}
        echo = {"id": sent["id"], "timestamp": sent["timestamp"], "message": inner}
        standby = {"standby": {"message_echoes": [echo]}}
        self._webhooks.send(person.wa_id, standby, field="standby")

    def _sent(self, person: Person, side: str, text: str) -> dict[str, Any]:
        """Show a text on the phone; return the echo of it."""
        wamid, now = self._new_id(person), self._clock()
        content: dict[str, Any] = {"type": "text", "text": {"body": text}}
        person.add({"from": side, "id": wamid, "at": now, **content})
        echo = {"id": wamid, "timestamp": str(int(now)), "to_user_id": person.user_id, **content}
        return echo if person.hides_phone else {**echo, "to": person.wa_id}

    def _hand_over(self, person: Person, kind: str, told: JsonObject) -> None:
        sender: JsonObject = {"user_id": person.user_id}
        if not person.hides_phone:
            sender["phone_number"] = person.wa_id
        value = {
            "messaging_product": "whatsapp",
            "recipient": {
                "display_phone_number": self._config.display_phone_number,
                "phone_number_id": self._config.phone_number_id,
            },
            "sender": sender,
            "timestamp": str(int(self._clock())),
            "type": kind,
            kind: told,
        }
        self._webhooks.send(person.wa_id, value, field="messaging_handovers")
