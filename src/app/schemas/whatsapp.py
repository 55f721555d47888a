"""Requests and answers of `WhatsAppBusinessService`, and the body of webhooks."""

from app.ledger_names import ledger
from schemas.webhook_schema import WebhookMessage

BulkSendResponse = ledger("requests").BulkSendResponse
DeliveryStats = ledger("requests").DeliveryStats
SendWhatsAppMessageRequest = ledger("requests").SendWhatsAppMessageRequest
SendWhatsAppMessageResponse = ledger("requests").SendWhatsAppMessageResponse
TemplateComponent = ledger("requests").TemplateComponent
TemplateMessageRequest = ledger("requests").TemplateMessageRequest
TemplateParameter = ledger("requests").TemplateParameter
TextMessageRequest = ledger("requests").TextMessageRequest
WhatsAppWebhookPayload = WebhookMessage

__all__ = [
    "BulkSendResponse",
    "DeliveryStats",
    "SendWhatsAppMessageRequest",
    "SendWhatsAppMessageResponse",
    "TemplateComponent",
    "TemplateMessageRequest",
    "TemplateParameter",
    "TextMessageRequest",
    "WhatsAppWebhookPayload",
]
