"""`WhatsAppService().send_message(to_phone=..., message=..., ...)`: True once it is stored."""

from app.ledger_names import ledger

WhatsAppService = ledger("service").WhatsAppService
