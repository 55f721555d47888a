"""Makes a notification of an event, and has it sent."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from features.events.job_specs import EventJob, safe_key
from features.events.parameters import shown
from features.events.reading import Flaw, ReadEvent, UnreadableEvent
from features.events.rules import EventData, EventRule
from features.notifications.api_keys import Caller, Scope
from features.notifications.phone_numbers import WrongPhone, read_phone
from features.notifications.schema import USER_ID, DryRunResult, Item, NotificationRequest
from features.notifications.service import NotificationService
from features.notifications.template_schema import TemplateContent

_USER_ID = re.compile(USER_ID)


@dataclass(frozen=True, slots=True)
class EventSender:
    """Sends what the rules of events say, through the notifications."""

    notifications: NotificationService
    zone: tzinfo
    clock: Callable[[], datetime]

    async def send(self, rule: EventRule, event: EventJob, data: EventData) -> str:
        """Store the notification of an event; return its id. Raise ApiError."""
        caller = caller_of(event.tenant)
        request = await self._request(caller, rule, event, data)
        stored = await self.notifications.accept(caller, request, None)
        return str(json.loads(stored.response)["items"][0]["id"])

    async def preview(self, event: ReadEvent, tenant: str) -> DryRunResult:
        """Return what the person would read; nothing is stored. Raise ApiError."""
        caller = caller_of(tenant)
        job = EventJob(tenant=tenant, type=event.type, id=event.id, data=dict(event.content))
        request = await self._request(caller, event.rule, job, event.data)
        return await self.notifications.preview(caller, request)

    def recipient_of(self, event: ReadEvent) -> str:
        """Return the digits of the recipient's number, or the user id. Raise UnreadableEvent."""
        written = shown(getattr(event.data, event.rule.to))
        if _USER_ID.fullmatch(written):
            return written
        try:
            return read_phone(written, self.notifications.settings.notifications_country).digits
        except WrongPhone as error:
            message = "The phone number cannot be read."
            flaw = Flaw("phone_invalid", f"data.{event.rule.to}", message, str(error))
            raise UnreadableEvent(flaw, type_=event.type) from None

    async def _request(
        self, caller: Caller, rule: EventRule, event: EventJob, data: EventData
    ) -> NotificationRequest:
        """Return the notification: its template decides how amounts and dates are written."""
        item = self._item(rule, event, data)
        template = await self.notifications.template_of(caller, item)
        filled = rule.filled(data, template.language)
        parameters = dict(filled) if template.is_named else [*filled.values()]
        content = TemplateContent(
            name=template.name, language=template.language, parameters=parameters
        )
        return NotificationRequest(items=[item.model_copy(update={"template": content})])

    def _item(self, rule: EventRule, event: EventJob, data: EventData) -> Item:
        key = TemplateContent(key=rule.template_key, language=rule.language_for(data))
        same = rule.same_as(data) or [rule.types[0], event.id]
        return Item(
            **recipient(shown(getattr(data, rule.to))),
            template=key,
            reference=reference_of(event.tenant, *same),
            send_at=rule.quiet_until(self.clock(), self.zone),
            metadata={"event": event.type, "event_id": event.id},
        )


def caller_of(tenant: str) -> Caller:
    """Return in whose name an event is sent."""
    return Caller(tenant, frozenset({Scope.SEND}), source="event")


def recipient(written: str) -> Mapping[str, str]:
    """Return the recipient as notifications name one: a phone number, or Meta's user id."""
    return {"user_id": written} if _USER_ID.fullmatch(written) else {"to": written}


def reference_of(*parts: str) -> str:
    """Return the reference of a notification, which no second one may have."""
    return safe_key("event", *parts)
