"""Queries of the ledger."""

from app.ledger_names import ledger

WhatsAppMessageRepository = ledger("repositories").WhatsAppMessageRepository
WhatsAppTemplateRepository = ledger("repositories").WhatsAppTemplateRepository
