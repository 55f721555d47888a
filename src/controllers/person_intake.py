"""What webhooks tell about one person, besides messages of theirs: jobs of their conversation.

They are stored with the messages, so that they keep their order: the owner answers from the phone,
and what the person writes next finds the bot silent.
"""

from collections.abc import Iterator
from datetime import datetime

from domain.delivery import DeliveryStatus, StatusReport
from domain.inbound import Sender
from jobs.spec import EmptyBody
from schemas.echoes import ECHOES, HANDOVERS, STANDBY, read_echoes, read_handover
from schemas.reading import identifier
from schemas.webhook_schema import Status, Value
from services.conversations.job_specs import (
    ECHO,
    HANDOVER,
    STOP_OFFERS,
    EchoJob,
    HandoverJob,
    StopOffersJob,
)
from services.conversations.person_items import PersonItem
from services.conversations.send_refusals import OFFERS_STOPPED, STOPPED_IN_WHATSAPP
from services.sending.closed_window import OUTSIDE_WINDOW, REFUSED_LATER


def items_about_people(phone_number_id: str, field: str, value: Value) -> Iterator[PersonItem]:
    """Yield the echoes and the handovers of a change."""
    more = value.model_extra or {}
    for echo in read_echoes(more[ECHOES]) if ECHOES in more else ():
        body = EchoJob(
            message_id=echo.message_id,
            kind=echo.kind,
            text=echo.text,
            sent_at=_seconds(echo.sent_at),
            is_by_agent=field == STANDBY,
        )
        key = f"echo:{phone_number_id}:{echo.message_id}"
        yield PersonItem(echo.recipient, phone_number_id, ECHO, body, key)
    handover = read_handover(more) if field == HANDOVERS else None
    if handover is not None:
        told = HandoverJob(
            is_ours=handover.is_ours,
            role=handover.role,
            note=handover.note,
            at=_seconds(handover.at),
        )
        person = handover.person.user_id or handover.person.wa_id
        key = f"handover:{phone_number_id}:{person}:{told.at}:{told.is_ours}"
        yield PersonItem(handover.person, phone_number_id, HANDOVER, told, key)


def item_of_failure(
    phone_number_id: str, status: Status, report: StatusReport
) -> PersonItem | None:
    """Return what follows for the person from a failed message; None if nothing does."""
    sender = Sender(identifier(status.recipient_user_id), identifier(status.recipient_id))
    if report.status is not DeliveryStatus.FAILED or not (sender.user_id or sender.wa_id):
        return None
    key = f"failed:{report.error_code}:{report.wamid}"
    if report.error_code == OFFERS_STOPPED:
        body = StopOffersJob(detail=STOPPED_IN_WHATSAPP)
        return PersonItem(sender, phone_number_id, STOP_OFFERS, body, key)
    if report.error_code == OUTSIDE_WINDOW:
        return PersonItem(sender, phone_number_id, REFUSED_LATER, EmptyBody(), key)
    return None


def standby_value(value: Value) -> Value:
    """Return the content of a standby webhook in the shape of others; Meta may put it inside."""
    inner = (value.model_extra or {}).get(STANDBY)
    if not isinstance(inner, dict):
        return value
    received = value.received()
    del received[STANDBY]
    return Value.read({**received, **inner})


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()
