"""The tables of the operators' base that this feature owns: contacts, consents, messages."""

from collections.abc import Sequence
from dataclasses import replace

from domain.conversation_status import OPERATOR_STATUSES
from features.airtable.contact_columns import contact_columns
from features.airtable.settings import AirtableAccess
from flow_engine import SavedData
from flow_engine.languages import LANGUAGES
from services.operator_tables import (
    DAY,
    FILES,
    LINKED_TABLE,
    MOMENT,
    TICK,
    WHOLE,
    FieldSchema,
    Owner,
    TableSchema,
    bot_field,
    choices,
    operator_field,
    shared_field,
)
from storage.tables.consents import CONSENT_EVENTS

PHONE = "Write it with its country code, such as +57 300 1234567."
NAME = (
    "How the bot addresses this person: the full name, or without one the name in WhatsApp. Until "
    "they have registered, any name will do."
)
FULL_NAME = "The answer to the registration form, by its rules. Name shows it, too."
KEY = "Without the key, write words that the bot says: Problem names the keys that have them."
#: Columns are in the order in which they are read and worked with: Airtable keeps that in which
#: they were made.
CONTACTS = TableSchema(
    "Contacts",
    (
        bot_field("Contact"),
        operator_field("Status", "singleSelect", choices(*OPERATOR_STATUSES)),
        bot_field("Problem", "multilineText"),
        bot_field("Last message", "multilineText"),
        bot_field("Unread", "number", WHOLE),
        operator_field("Reply", "multilineText"),
        operator_field("Send reply", "checkbox", TICK),
        bot_field("Reply result", "multilineText"),
        operator_field("Call", "checkbox", TICK),
        bot_field("Call result", "multilineText"),
        FieldSchema("Name", "singleLineText", Owner.BOTH, about=NAME),
        FieldSchema("Phone", "phoneNumber", Owner.ADDER, about=PHONE),
        operator_field("Assigned to", "singleCollaborator"),
        operator_field("Tags", "multipleSelects", choices("vip")),
        operator_field("Notes", "multilineText"),
        operator_field("Role", "singleLineText"),
        bot_field(FILES, "multipleAttachments"),
        bot_field("Last inbound at", "dateTime", MOMENT),
        bot_field("Window closes at", "dateTime", MOMENT),
        operator_field("Bot paused until", "dateTime", MOMENT),
        bot_field("Bot silent until", "dateTime", MOMENT),
        bot_field("Held by"),
        shared_field("Registered at", "dateTime", MOMENT),
        FieldSchema("Full name", "singleLineText", Owner.BOTH, about=FULL_NAME),
        shared_field("Document"),
        shared_field("Birth date", "date", DAY),
        shared_field("About", "multilineText"),
        bot_field("Language", "singleSelect", choices(*LANGUAGES)),
        bot_field("Marketing consent", "singleSelect", choices("Unknown", "In", "Out")),
        bot_field("Consent at", "dateTime", MOMENT),
        bot_field("Came from", "multilineText"),
        operator_field("Erase requested", "checkbox", TICK),
        operator_field("Confirm erasure", "checkbox", TICK),
        bot_field("Erasure", "multilineText"),
        bot_field("User ID"),
        bot_field("Key"),
    ),
    key_field="Key",
)
CONSENT_LOG = TableSchema(
    "Consent log",
    (
        bot_field("Event id"),
        bot_field("Contact", "multipleRecordLinks", {LINKED_TABLE: "Contacts"}),
        bot_field("Event", "singleSelect", choices(*CONSENT_EVENTS)),
        bot_field("Detail", "multilineText"),
        bot_field("At", "dateTime", MOMENT),
        bot_field("Problem", "multilineText"),
    ),
)
TEXTS = TableSchema(
    "Texts",
    (
        FieldSchema("Key", "singleLineText", Owner.OPERATORS, about=KEY),
        operator_field("Language", "singleSelect", choices(*LANGUAGES)),
        operator_field("Text", "multilineText"),
        bot_field("Default", "multilineText"),
        bot_field("Problem", "multilineText"),
    ),
)
MESSAGES = TableSchema(
    "Messages",
    (
        bot_field("Message id"),
        bot_field("Contact", "multipleRecordLinks", {LINKED_TABLE: "Contacts"}),
        bot_field("Direction", "singleSelect", choices("in", "out")),
        bot_field("Type"),
        bot_field("Text", "multilineText"),
        bot_field("Status"),
        bot_field("Problem", "multilineText"),
        bot_field("Price"),
        bot_field("At", "dateTime", MOMENT),
    ),
)


def contacts_schema(saved: SavedData) -> TableSchema:
    """Return Contacts, with a column for each answer that only a fork asks for."""
    free = contact_columns(saved, [field.name for field in CONTACTS.fields]).free
    owners = {True: Owner.BOT, False: Owner.BOTH}
    columns = tuple(replace(one.schema, owner=owners[one.is_received]) for one in free)
    return replace(CONTACTS, fields=(*CONTACTS.fields, *columns))


def base_tables(schemas: Sequence[TableSchema], access: AirtableAccess) -> Sequence[TableSchema]:
    """Return the tables of a base: those of all features, and MESSAGES if operators read along."""
    return [*schemas, MESSAGES] if access.shows_messages else schemas
