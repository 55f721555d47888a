"""What people chose in WhatsApp itself: to get no more offers from a business.

Source: developers.facebook.com/docs/whatsapp/cloud-api/webhooks/reference/user_preferences
"""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from domain.inbound import Sender
from schemas.reading import identifier

FIELD = "user_preferences"
MARKETING, STOP = "marketing_messages", "stop"


class _Preference(BaseModel):
    wa_id: Any = None
    user_id: Any = None
    category: str
    value: str


def opted_out_senders(value: Any) -> Iterator[Sender]:
    """Return the people of a `user_preferences` event who want no offers; of others, nobody."""
    found = value.get(FIELD) if isinstance(value, dict) else None
    for one in found if isinstance(found, list) else ():
        try:
            told = _Preference.model_validate(one)
        except ValidationError:
            continue
        sender = Sender(identifier(told.user_id), identifier(told.wa_id))
        is_somebody = sender.user_id or sender.wa_id
        if told.category == MARKETING and told.value == STOP and is_somebody:
            yield sender
