"""The business account that is played: takes messages, tells of them, keeps media."""

import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.clock import MovableClock
from emulator.cloud_api.config import Config
from emulator.cloud_api.errors import REMEDIES, GraphError
from emulator.cloud_api.exchanges import Exchanges
from emulator.cloud_api.limits import SpeedLimits
from emulator.cloud_api.people import People, Person
from emulator.cloud_api.rules import check_message
from emulator.cloud_api.templates import Templates
from emulator.cloud_api.webhooks import Webhooks
from emulator.feed import Feed

#: Messages and files that are remembered.
KEPT_MESSAGES = 50_000
KEPT_MEDIA = 500
#: of a status
UNDELIVERABLE = {
    "code": 131026,
    "title": "Message undeliverable",
    "message": "Message undeliverable",
    "error_data": {"details": "Message Undeliverable."},
}


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
        self.feed = Feed()
        self.people = People(self._publish)
        self.media: OrderedDict[str, Media] = OrderedDict()
        self.clock = MovableClock(clock)
        self.exchanges = webhooks.exchanges = Exchanges(self.clock)
        self.templates = Templates(self.clock)
        self.webhooks = webhooks
        self.dice = webhooks.dice
        self._speed = SpeedLimits(
            per_second=config.messages_per_second, pairs=config.limit_pairs, clock=self.clock
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
        if kind == "template":
            self.templates.check_send(message["template"])
        self._require_open_window(person, kind)
        self._speed.admit(person.wa_id)
        wamid = self.new_id(person)
        person.add(self._entry("bot", wamid, kind, message))
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
        wamid = self.new_id(person)
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
        person.wrote_at = self.clock()
        entry = person.add(self._entry("person", wamid, kind, message))
        if not person.is_blocked:
            self.webhooks.send(person.wa_id, {"contacts": [profile], "messages": [message]})
        return entry

    def number(self) -> dict[str, Any]:
        """Our phone number, as Meta describes it."""
        return {
            "id": self.config.phone_number_id,
            "display_phone_number": self.config.display_phone_number,
            "verified_name": "Emulated business",
            "code_verification_status": "VERIFIED",
            "quality_rating": "GREEN",
            "platform_type": "CLOUD_API",
            "throughput": {"level": "STANDARD"},
        }

    def renewed(self, body: Any) -> Any:
        """A webhook with new ids in place of those of its messages, as if they were sent again."""
        text = json.dumps(body)
        for wamid in {one["id"] for one in _messages(body)}:
            if person := self._owners.get(wamid):
                text = text.replace(json.dumps(wamid), json.dumps(self.new_id(person)))
        return json.loads(text)

    def owner_of(self, wamid: str) -> Person | None:
        return self._owners.get(wamid)

    def keep_media(self, content: bytes, mime_type: str) -> str:
        media_id = str(secrets.randbelow(9 * 10**15) + 10**15)
        self.media[media_id] = Media(content, mime_type)
        while len(self.media) > KEPT_MEDIA:
            self.media.popitem(last=False)
        return media_id

    def _entry(
        self, side: str, wamid: str, kind: str, message: Mapping[str, Any]
    ) -> dict[str, Any]:
        entry = {"from": side, "id": wamid, "type": kind, kind: message.get(kind)}
        entry["at"] = self.clock()
        return entry | ({"context": message["context"]} if message.get("context") else {})

    def _require_open_window(self, person: Person, kind: str) -> None:
        if kind == "template" or not self.config.window_seconds:
            return
        if person.wrote_at is None or self.clock() - person.wrote_at > self.config.window_seconds:
            raise GraphError(
                131047,
                "Message failed to send because more than 24 hours have passed since the "
                "customer last replied to this number.",
            )

    def show_refusal(self, message: Mapping[str, Any], refusal: GraphError) -> None:
        """Let the conversation show what the bot failed to send, and why."""
        if person := self.people.known(message.get("to"), message.get("recipient")):
            shown = {
                "code": refusal.code,
                "message": refusal.message,
                "details": refusal.details,
                "remedy": REMEDIES[refusal.code],
            }
            person.add({"from": "bot", "type": "refused", "refused": shown, "at": self.clock()})

    def _publish(self, person: Person, entry: dict[str, Any]) -> None:
        self.feed.publish({"wa_id": person.wa_id, "name": person.name, "entry": entry})

    def _report(self, person: Person, wamid: str, message: Mapping[str, Any]) -> None:
        statuses = ["sent"] if message.get("type") == "reaction" else ["sent", "delivered", "read"]
        if fails := self.dice.hits("failed_later"):
            statuses = ["sent", "failed"]
        common: dict[str, Any] = {"id": wamid, "recipient_user_id": person.user_id}
        if not person.hides_phone:
            common["recipient_id"] = person.wa_id
        if data := message.get("biz_opaque_callback_data"):
            common["biz_opaque_callback_data"] = data
        for status in statuses:
            one = {**common, "status": status, "timestamp": str(int(self.clock()))}
            if fails and status == "failed":
                one["errors"] = [UNDELIVERABLE]
            self.webhooks.send(person.wa_id, {"statuses": [one]})

    def new_id(self, person: Person) -> str:
        wamid = f"wamid.{secrets.token_urlsafe(24)}"
        self._owners[wamid] = person
        while len(self._owners) > KEPT_MESSAGES:
            self._owners.popitem(last=False)
        return wamid


def _messages(body: Any) -> Iterator[dict[str, Any]]:
    for entry in body["entry"]:
        for change in entry["changes"]:
            yield from change["value"].get("messages", [])
