"""The business account: receives messages, sends webhooks, keeps conversations."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar

from emulator.clock import MovableClock
from emulator.cloud_api.config import Config
from emulator.cloud_api.rules.error_codes import CODES
from emulator.cloud_api.rules.errors import GraphError
from emulator.cloud_api.rules.messages import check_message, files_of
from emulator.cloud_api.state.access_token import AccessToken
from emulator.cloud_api.state.bot_orders import BotOrders
from emulator.cloud_api.state.bot_status import BotStatus
from emulator.cloud_api.state.callback_overrides import CallbackOverrides
from emulator.cloud_api.state.files import Files
from emulator.cloud_api.state.lines import Line, Lines
from emulator.cloud_api.state.links import Links
from emulator.cloud_api.state.message_ids import MessageIds
from emulator.cloud_api.state.number import Number
from emulator.cloud_api.state.pacing import DROPPED, Pacing, Sending
from emulator.cloud_api.state.people import People, Person
from emulator.cloud_api.state.planned_statuses import (
    as_addressed,
    contact_of,
    plan_statuses,
    refusal_entry,
    status_update,
)
from emulator.cloud_api.state.send_eligibility import SendAttempt, require_eligible
from emulator.cloud_api.state.taps import context_of
from emulator.cloud_api.state.template import Template
from emulator.cloud_api.state.template_view import rendered
from emulator.cloud_api.state.templates import Templates
from emulator.cloud_api.state.thread_control import ThreadControl
from emulator.cloud_api.state.traffic_log import TrafficLog
from emulator.cloud_api.state.voice_calls import VoiceCalls
from emulator.cloud_api.state.webhooks import WebhookSender
from emulator.feed import Feed
from emulator.json import JsonObject


class Account:
    """State of the emulator. `clock` gives seconds since 1970."""

    NOT_KEPT: ClassVar = frozenset(
        {
            "config",
            "feed",
            "access_token",
            "bot",
            "fault_injector",
            "threads",
            "lines",
            "ids",
            "on_forgotten",
            "requests",
        }
    )

    def __init__(
        self, config: Config, webhooks: WebhookSender, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.config = config
        self.feed = Feed()
        self.people = People(self._publish)
        self.ids = MessageIds()
        self.clock = webhooks.clock = MovableClock(clock)
        #: map of the bot's flows, as it sent it last
        self.flow_map: JsonObject = {}
        self.orders = BotOrders(self.clock)
        #: called with the identifiers of people whom bot and emulator have forgotten
        self.on_forgotten: Callable[[Collection[str]], None] = lambda _identifiers: None
        self.access_token = AccessToken(config, self.clock)
        self.files = Files(config.base_url, self.clock)
        self.traffic_log = webhooks.traffic_log = TrafficLog(self.clock)
        self.templates = Templates(self.clock)
        self.pacing = Pacing()
        self.number = Number(config)
        self.links = Links()
        #: what the app subscribed to, by object
        self.subscriptions: dict[str, Mapping[str, Any]] = {}
        #: whether the app gets the webhooks of the business account
        self.is_subscribed = True
        self.webhooks = webhooks
        self.callbacks = CallbackOverrides(webhooks)
        self.bot = webhooks.bot = BotStatus(self.feed.publish)
        self.calls = VoiceCalls(self.number, webhooks, self.clock, self.feed.publish)
        self.calls.permissions.reply = self.say
        self.fault_injector = webhooks.fault_injector
        self.threads = ThreadControl(config, webhooks, self.ids.new, self.clock)
        self.lines = Lines(config, self.clock)
        #: number of requests that may have changed something
        self.requests = 0

    def send(self, message: JsonObject, line: Line | None = None) -> JsonObject:
        """The bot sends a message; returns Meta's answer, or raises its refusal.

        `line` is the number that it sends from: the first one by default.
        """
        line = line or self.lines.first
        check_message(message)
        self.number.require_registered()
        person = self.person_of(message)
        kind = message.get("type", "text")
        self._require_files(kind, message[kind])
        template = self.templates.check_send(message[kind]) if kind == "template" else None
        category = template.category if template else None
        require_eligible(SendAttempt(message, person, self.config, self.clock(), category, line))
        asks = template is not None and template.asks_for_calls
        self.calls.permissions.ask(person, message, is_template=asks)
        line.speed.admit(person.wa_id)
        if template is None:
            person.is_with_agent = False  # a service message takes the conversation over
        wamid = self.ids.new(person)
        entry = self._entry("bot", wamid, kind, message) | line.mark
        if template is not None:
            given = message["template"].get("components") or []
            entry["shown"] = rendered(template.components, given)
        person.add(entry)
        answer: dict[str, Any] = {"id": wamid}
        sending = Sending(person, wamid, message, category, line.phone_number_id)
        if template is not None and self.pacing.holds(template):
            answer |= self.pacing.hold(template, sending)
        else:
            self._report(sending)
        return {
            "messaging_product": "whatsapp",
            "contacts": [as_addressed(person, message)],
            "messages": [answer],
        }

    def person_of(self, message: Mapping[str, Any]) -> Person:
        """Who a message, or a call, is for."""
        person = self.people.find(to=message.get("to"), recipient=message.get("recipient"))
        if person is None:
            raise GraphError(131009, "recipient is not a user id that this business knows.")
        return person

    def mark_read(self, message: Mapping[str, Any], line: Line | None = None) -> dict[str, Any]:
        """The bot has read a message; perhaps it is typing an answer."""
        person = self.ids.owner(str(message.get("message_id")))
        if person is None:
            raise GraphError(131009, "message_id is not a message.")
        mark = "typing" if "typing_indicator" in message else "read"
        where = (line or self.lines.first).mark
        person.add({"from": "bot", "type": mark, "message_id": message["message_id"], **where})
        return {"success": True}

    def say(
        self, person: Person, content: Mapping[str, Any], *, to: str | None = None
    ) -> dict[str, Any]:
        """A person sends a message to the bot: its `type` and the object of that name.

        `to` is the id of the number that they write to: the first one by default; ValueError if
        the account has none of this id.
        """
        line = self.lines.of(to)
        if line is None:
            known = ", ".join(one.phone_number_id for one in self.lines)
            raise ValueError(f"The account has no number {to}. It has {known}.")
        wamid = self.ids.new(person)
        kind = content["type"]
        content = self.calls.permissions.completed(content)
        content = {**content, **context_of(person, dict(content), line)}
        message = {
            "id": wamid,
            "from_user_id": person.user_id,
            "timestamp": str(int(self.clock())),
            **content,
        }
        if not person.hides_phone:
            message["from"] = person.wa_id
        line.note_written(person, self.clock())
        self.calls.permissions.note_reply(person, content)
        entry = person.add(self._entry("person", wamid, kind, message) | line.mark)
        if not person.is_blocked:
            line.speed.count()
            value = {"contacts": [contact_of(person)], "messages": [message]}
            self.threads.deliver(person, {"metadata": line.metadata, **value})
        return entry

    def show_refusal(self, message: Mapping[str, Any], refusal: GraphError) -> None:
        """Let the conversation show what the bot failed to send, and why."""
        if person := self.people.known(message.get("to"), message.get("recipient")):
            at, details = self.clock(), refusal.details
            person.add(refusal_entry(refusal.code, refusal.message, details=details, at=at))

    def change_template(self, template: Template, field: str, value: str) -> None:
        """Meta changes a template of itself, and tells it."""
        self.webhooks.send(template.id, template.change(field, value), field=field)
        if field == "message_template_status_update":
            for held in self.pacing.release(template):
                self._report(held, 0 if value == "APPROVED" else DROPPED)

    def tell_reviews(self) -> None:
        """A webhook for each template whose review has ended since the last time."""
        for template in self.templates.newly_reviewed():
            send, template_id = self.webhooks.send, template.id
            if template.is_edited:
                send(template_id, template.content(), field="message_template_components_update")
                template.is_edited = False
            send(template_id, template.review(), field="message_template_status_update")

    def changes(self) -> object:
        """Return a value that differs once something may have changed."""
        return self.requests, self.feed.last, self.traffic_log.feed.last

    def resume(self) -> None:
        """Go on from the state of an earlier run, once an event loop runs."""
        self.people.resume()
        self.ids.learn(self.people)
        self.callbacks.resume()
        self.webhooks.resume()
        self.calls.resume()

    def close(self) -> None:
        """End what waits for news: pages that are open, and terminals."""
        self.feed.close()
        self.traffic_log.feed.close()
        self.people.wake()

    def _require_files(self, kind: str, content: Any) -> None:
        for file_id in files_of(kind, content):
            if file_id not in self.files:
                raise GraphError(131009, f"Media {file_id} is not known.")

    def _entry(
        self, side: str, wamid: str, kind: str, message: Mapping[str, Any]
    ) -> dict[str, Any]:
        entry = {"from": side, "id": wamid, "type": kind, kind: message.get(kind)}
        entry["at"] = self.clock()
        return entry | ({"context": message["context"]} if message.get("context") else {})

    def _publish(self, person: Person, entry: dict[str, Any]) -> None:
        known = {name: getattr(person, name) for name in ("wa_id", "name", "is_in_story")}
        self.feed.publish({**known, "entry": entry})

    def _report(self, sending: Sending, dropped: int = 0) -> None:
        """Report the statuses of a message; `dropped` is the error code of one that failed."""
        person, wamid, message = sending.person, sending.wamid, sending.message
        line = self.lines.of(sending.number) or self.lines.first
        data = message.get("biz_opaque_callback_data")
        charged, now = (sending.category or "service").lower(), str(int(self.clock()))
        statuses, code = plan_statuses(person, message.get("type", "text"), self.fault_injector)
        if dropped:
            statuses, code = ["failed"], dropped
        for status in statuses:
            update = status_update(
                person, wamid, status, now, data=data, category=charged, code=code
            )
            self.webhooks.send(person.wa_id, {"metadata": line.metadata, **update})
            if status == "failed":
                text = f"Accepted, then failed: (#{code}) {CODES[code].text}"
                person.add(refusal_entry(code, text, at=self.clock()))
