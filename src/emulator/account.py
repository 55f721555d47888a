"""The business account that is played: takes messages, tells of them, keeps media."""

import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.config import Config
from emulator.errors import GraphError
from emulator.limits import SpeedLimits
from emulator.people import People, Person
from emulator.rules import check_message
from emulator.webhooks import Webhooks

#: Graph calls and messages that are remembered.
KEPT_CALLS = 500
KEPT_MESSAGES = 50_000


@dataclass(frozen=True, slots=True)
class Media:
    """An uploaded file."""

    content: bytes
    mime_type: str


class Account:
    """State of the emulator. `clock` gives seconds since 1970."""

    def __init__(
        self, config: Config, webhooks: Webhooks, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.config = config
        self.people = People()
        self.media: dict[str, Media] = {}
        self.calls: deque[dict[str, Any]] = deque(maxlen=KEPT_CALLS)
        self.clock = clock
        self.webhooks = webhooks
        self._speed = SpeedLimits(
            per_second=config.messages_per_second, pairs=config.limit_pairs, clock=clock
        )
        #: who a message of either side belongs to
        self._owners: OrderedDict[str, Person] = OrderedDict()

    def send(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """The bot sends a message; returns Meta's answer, or raises its refusal."""
        check_message(message)
        person = self.people.find(to=message.get("to"), recipient=message.get("recipient"))
        if person is None:
            raise GraphError(131009, "recipient is not a user id that this business knows.")
        kind = message.get("type", "text")
        media_id = message[kind].get("id") if isinstance(message[kind], dict) else None
        if media_id is not None and kind != "interactive" and media_id not in self.media:
            raise GraphError(131009, f"Media {media_id} is not known.")
        self._speed.admit(person.wa_id)
        wamid = self._new_id(person)
        person.add({"from": "bot", "id": wamid, "type": kind, kind: message[kind]})
        self._report(person, wamid, message)
        sent_to = message.get("to") or message.get("recipient")
        contact = {"input": sent_to, "user_id": person.user_id}
        if message.get("to"):
            contact = {"input": sent_to, "wa_id": person.wa_id}
        return {
            "messaging_product": "whatsapp",
            "contacts": [contact],
            "messages": [{"id": wamid}],
        }

    def mark_read(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """The bot has read a message; perhaps it is typing an answer."""
        person = self._owners.get(str(message.get("message_id")))
        if person is None:
            raise GraphError(131009, "message_id is not a message.")
        mark = "typing" if "typing_indicator" in message else "read"
        person.add({"from": "bot", "type": mark, "message_id": message["message_id"]})
        return {"success": True}

    def say(self, person: Person, content: Mapping[str, Any]) -> dict[str, Any]:
        """A person sends a message to the bot: its `type` and the object of that name."""
        wamid = self._new_id(person)
        kind = content["type"]
        profile = {"profile": {"name": person.name}, "user_id": person.user_id}
        message = {
            "id": wamid,
            "from_user_id": person.user_id,
            "timestamp": str(int(self.clock())),
            **content,
        }
        if not person.hides_phone:
            profile |= {"wa_id": person.wa_id}
            message |= {"from": person.wa_id}
        entry = person.add({"from": "person", "id": wamid, "type": kind, kind: content.get(kind)})
        self.webhooks.send(person.wa_id, {"contacts": [profile], "messages": [message]})
        return entry

    def keep_media(self, content: bytes, mime_type: str) -> str:
        media_id = str(secrets.randbelow(9 * 10**15) + 10**15)
        self.media[media_id] = Media(content, mime_type)
        return media_id

    def _report(self, person: Person, wamid: str, message: Mapping[str, Any]) -> None:
        statuses = ("sent",) if message.get("type") == "reaction" else ("sent", "delivered", "read")
        common = {"id": wamid, "recipient_user_id": person.user_id}
        if not person.hides_phone:
            common["recipient_id"] = person.wa_id
        if data := message.get("biz_opaque_callback_data"):
            common["biz_opaque_callback_data"] = data
        for status in statuses:
            one = {**common, "status": status, "timestamp": str(int(self.clock()))}
            self.webhooks.send(person.wa_id, {"statuses": [one]})

    def _new_id(self, person: Person) -> str:
        wamid = f"wamid.{secrets.token_urlsafe(24)}"
        self._owners[wamid] = person
        while len(self._owners) > KEPT_MESSAGES:
            self._owners.popitem(last=False)
        return wamid
