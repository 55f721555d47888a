"""The tables about people whose rows are copied to Airtable."""

from domain.consent import ConsentEvent
from features.airtable.tables.messages import ShownMessage, message
from features.airtable.tables.sync_tracking import SyncTable
from features.faq.unanswered import Unanswered, unanswered
from features.handoff.tickets import Ticket, ticket
from storage.tables.consents import consent

ticket_sync = SyncTable(ticket, Ticket, order=ticket.c.opened_at)
consent_sync = SyncTable(consent, ConsentEvent, order=consent.c.at)
unanswered_sync = SyncTable(unanswered, Unanswered, order=unanswered.c.asked_at)
message_sync = SyncTable(message, ShownMessage, order=message.c.at)
