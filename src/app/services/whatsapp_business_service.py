"""`WhatsAppBusinessService(session).send_message(SendWhatsAppMessageRequest(...))`."""

from app.ledger_names import ledger

WhatsAppBusinessService = ledger("service").WhatsAppBusinessService
