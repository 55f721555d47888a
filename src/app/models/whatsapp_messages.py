"""Models of `whatsapp_messages` and `whatsapp_templates`."""

from app.ledger_names import ledger

WhatsAppMessage = ledger("models").WhatsAppMessage
WhatsAppMessageStatus = ledger("models").WhatsAppMessageStatus
WhatsAppMessageType = ledger("models").WhatsAppMessageType
WhatsAppTemplate = ledger("models").WhatsAppTemplate
WhatsAppTemplateCategory = ledger("models").WhatsAppTemplateCategory
