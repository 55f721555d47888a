"""Approved purchase orders under the names of a notification service: `app.consumers`."""

import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from loguru import logger
from prometheus_client import CollectorRegistry

from features.events.intake import EventIntake
from features.events.metrics import EventMetrics
from features.events.reading import Hints, UnreadableEvent, parse, read
from features.events.registry import find_rules
from features.events.sending import EventSender
from features.notifications.api_keys import ONE_TENANT
from features.notifications.ledger.connection import connected
from features.notifications.service import NotificationService

PO_APPROVED = "po.approved"


class POEventConsumer:
    """Takes events of purchase orders from code, in place of RabbitMQ and HTTP."""

    async def send_po_approved_whatsapp(self, event_data: Mapping[str, Any]) -> bool:
        """Store an event, to be sent by the bot. False if it cannot be read: the log says why.

        `event_data` is a whole event or its data. An event that was stored before is True, too.
        """
        return await send_po_approved_whatsapp(event_data)


async def send_po_approved_whatsapp(event_data: Mapping[str, Any]) -> bool:
    """Store an event, to be sent by the bot. False if it cannot be read: the log says why."""
    async with connected() as parts:
        sender = EventSender(NotificationService.of(parts), UTC, parts.clock)
        metrics = EventMetrics(CollectorRegistry())
        intake = EventIntake(parts.queue, sender, metrics, parts.clock)
        try:
            envelope = parse(json.dumps(event_data, default=str).encode())
            event = read(find_rules(), envelope, Hints((PO_APPROVED,)))
            await intake.store_one(intake.prepared(ONE_TENANT, event))
        except UnreadableEvent as error:
            logger.warning("WhatsApp event refused: {}", error)
            return False
        return True
