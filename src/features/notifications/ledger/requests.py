"""Requests and answers of `WhatsAppBusinessService`, and how they become items of the API."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from features.notifications.ledger.models import WhatsAppMessageStatus, WhatsAppMessageType
from features.notifications.problems import Problem


class Part(BaseModel):
    """Part of a request; an unknown name is an error, which repeats no value."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class TemplateParameter(Part):
    """One value of a template."""

    type: str = "text"
    text: str = ""
    #: Name of the variable, where it has one.
    parameter_name: str | None = None
    #: Payload of a quick reply.
    payload: str | None = None


class TemplateComponent(Part):
    """The values of the body, of the header's text, or of a button."""

    type: str
    parameters: list[TemplateParameter] = []
    sub_type: str | None = None
    #: Place of a button, from 0.
    index: int | None = None


class TemplateMessageRequest(Part):
    """A template and what fills it: `parameters` for the body alone, or Meta's components."""

    template_name: str
    #: Without it, the only one that there is, or the one that the bot speaks to the person.
    language: str | None = None
    parameters: list[str] | dict[str, str] | None = None
    components: list[TemplateComponent] = []


class TextMessageRequest(Part):
    """Free text: only to people who wrote within 24 hours."""

    body: str = Field(min_length=1, max_length=4096)


class SendWhatsAppMessageRequest(Part):
    """One message to one person."""

    recipient_phone: str
    template: TemplateMessageRequest | None = None
    text: TextMessageRequest | None = None
    message_type: WhatsAppMessageType | None = None
    tenant_id: str | None = None
    #: The caller's own id; no second message may have it.
    notification_id: str | None = None
    metadata: dict[str, Any] | None = None


class SendWhatsAppMessageResponse(BaseModel):
    """What became of a request."""

    #: Whether the message is stored, to be sent.
    success: bool
    #: Id of its row in `whatsapp_messages`.
    message_id: str | None = None
    status: WhatsAppMessageStatus
    error_message: str | None = None
    #: Why it was refused: code, field and next step.
    errors: list[Problem] = []


class BulkSendResponse(BaseModel):
    """What became of many requests, in their order."""

    total: int
    accepted: int
    refused: int
    results: list[SendWhatsAppMessageResponse]


class DeliveryStats(BaseModel):
    """Numbers of messages by their status."""

    total: int = 0
    pending: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    #: Delivered or read, as a share of those that Meta has decided on; None before the first.
    delivery_rate: float | None = None


def item_of(request: SendWhatsAppMessageRequest) -> dict[str, Any]:
    """Return the request as an item of `POST /api/v1/notifications`."""
    item: dict[str, Any] = {"to": request.recipient_phone}
    if request.template is not None:
        item["template"] = _template(request.template)
    if request.text is not None:
        item["text"] = request.text.body
    if request.notification_id is not None:
        item["reference"] = request.notification_id
    if request.metadata is not None:
        item["metadata"] = request.metadata
    return item


def _template(asked: TemplateMessageRequest) -> dict[str, Any]:
    found: dict[str, Any] = {"name": asked.template_name}
    if asked.language is not None:
        found["language"] = asked.language
    if asked.parameters is not None:
        found["parameters"] = asked.parameters
    for one in asked.components:
        kind = one.type.lower()
        if kind == "body":
            found["parameters"] = _values(one.parameters)
        elif kind == "header" and one.parameters:
            found["header"] = {"text": one.parameters[0].text}
        elif kind == "button" and one.index is not None and one.parameters:
            [value, *_] = one.parameters
            found.setdefault("buttons", {})[str(one.index)] = value.payload or value.text
    return found


def _values(parameters: Sequence[TemplateParameter]) -> list[str] | Mapping[str, str]:
    """Return values by name where they have names, else in their order."""
    named = {one.parameter_name: one.text for one in parameters if one.parameter_name}
    return named or [one.text for one in parameters]
