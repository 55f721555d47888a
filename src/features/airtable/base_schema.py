"""The tables of the console: one table of their fields, and who owns each.

The bot writes what it owns and never reads it back; of what operators own it obeys every change
and writes nothing, but to answer what they did: it unticks "Send reply", empties a "Command" that
it took, and says in "Status" that a person asked for somebody or was handed back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from domain.consent import CONSENT_EVENTS
from domain.conversation_status import ConversationStatus
from features.broadcasts.state import Command, Stage

Json = dict[str, Any]

MOMENT: Json = {
    "dateFormat": {"name": "iso"},
    "timeFormat": {"name": "24hour"},
    "timeZone": "utc",
}
DAY: Json = {"dateFormat": {"name": "iso"}}
TICK: Json = {"icon": "check", "color": "greenBright"}
WHOLE: Json = {"precision": 0}
#: In the options of a link: the name of the table it leads to.
LINKED_TABLE = "linkedTable"


class Owner(Enum):
    BOT = "bot"
    OPERATORS = "operators"


@dataclass(frozen=True, slots=True)
class FieldSchema:
    """A field, as Airtable makes it."""

    name: str
    type: str
    owner: Owner
    options: Json = field(default_factory=dict)

    @property
    def is_link(self) -> bool:
        return LINKED_TABLE in self.options

    def body(self, table_ids: Mapping[str, str] | None = None) -> Json:
        """What makes the field; a link needs the ids of the tables."""
        options = self.options
        if self.is_link and table_ids is not None:
            options = {"linkedTableId": table_ids[options[LINKED_TABLE]]}
        made: Json = {"name": self.name, "type": self.type}
        return made | ({"options": options} if options else {})


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A table; its first field is the key of its records."""

    name: str
    fields: tuple[FieldSchema, ...]

    @property
    def key(self) -> str:
        return self.fields[0].name

    def body(self) -> Json:
        """Without links: the tables that they lead to may not be there yet."""
        fields = [one.body() for one in self.fields if not one.is_link]
        return {"name": self.name, "fields": fields}


def _choices(*names: str) -> Json:
    return {"choices": [{"name": name} for name in names]}


def _bot(name: str, type_: str = "singleLineText", options: Json | None = None) -> FieldSchema:
    return FieldSchema(name, type_, Owner.BOT, options or {})


def _operators(name: str, type_: str, options: Json | None = None) -> FieldSchema:
    return FieldSchema(name, type_, Owner.OPERATORS, options or {})


CONTACTS = TableSchema(
    "Contacts",
    (
        _bot("Contact"),
        _bot("Name"),
        _bot("Phone", "phoneNumber"),
        _bot("User ID"),
        _operators("Status", "singleSelect", _choices(*ConversationStatus)),
        _bot("Last message", "multilineText"),
        _bot("Unread", "number", WHOLE),
        _operators("Reply", "multilineText"),
        _operators("Send reply", "checkbox", TICK),
        _bot("Reply result", "multilineText"),
        _bot("Last inbound at", "dateTime", MOMENT),
        _bot("Window closes at", "dateTime", MOMENT),
        _operators("Bot paused until", "dateTime", MOMENT),
        _bot("Bot silent until", "dateTime", MOMENT),
        _operators("Assigned to", "singleCollaborator"),
        _operators("Tags", "multipleSelects", _choices("vip")),
        _operators("Role", "singleLineText"),
        _operators("Notes", "multilineText"),
        _bot("Problem", "multilineText"),
        _bot("Language", "singleSelect", _choices("en", "es")),
        _bot("Registered at", "dateTime", MOMENT),
        _bot("Full name"),
        _bot("Document"),
        _bot("Birth date", "date", DAY),
        _bot("About", "multilineText"),
        _bot("Marketing consent", "singleSelect", _choices("Unknown", "In", "Out")),
        _bot("Consent at", "dateTime", MOMENT),
        _operators("Erase requested", "checkbox", TICK),
    ),
)
TICKETS = TableSchema(
    "Tickets",
    (
        _bot("Ticket"),
        _bot("Contact", "multipleRecordLinks", {LINKED_TABLE: "Contacts"}),
        _bot("Asked", "multilineText"),
        _bot("Opened at", "dateTime", MOMENT),
        _bot("Closed at", "dateTime", MOMENT),
        _operators("Done", "checkbox", TICK),
        _operators("Assigned to", "singleCollaborator"),
        _operators("Summary", "multilineText"),
    ),
)
HOURS = TableSchema(
    "Hours",
    (
        _operators("Day or date", "singleLineText"),
        _operators("Opens", "singleLineText"),
        _operators("Closes", "singleLineText"),
        _operators("Closed", "checkbox", TICK),
    ),
)
FAQ = TableSchema(
    "FAQ",
    (
        _operators("Question", "singleLineText"),
        _operators("Also asked as", "multilineText"),
        _operators("Answer", "multilineText"),
        _operators("Language", "singleSelect", _choices("en", "es")),
        _operators("Active", "checkbox", TICK),
        _bot("Hits", "number", WHOLE),
        _bot("Last hit at", "dateTime", MOMENT),
    ),
)
UNANSWERED = TableSchema(
    "Unanswered",
    (
        _bot("Id"),
        _bot("Contact", "multipleRecordLinks", {LINKED_TABLE: "Contacts"}),
        _bot("Question", "multilineText"),
        _bot("Language", "singleSelect", _choices("en", "es")),
        _bot("Asked at", "dateTime", MOMENT),
    ),
)
CONSENT_LOG = TableSchema(
    "Consent log",
    (
        _bot("Event id"),
        _bot("Contact", "multipleRecordLinks", {LINKED_TABLE: "Contacts"}),
        _bot("Event", "singleSelect", _choices(*CONSENT_EVENTS)),
        _bot("Detail", "multilineText"),
        _bot("At", "dateTime", MOMENT),
    ),
)
TEMPLATES = TableSchema(
    "Templates",
    (
        _bot("Key"),
        _bot("Status"),
        _bot("Category"),
        _bot("Body", "multilineText"),
        _bot("Variables", "multilineText"),
        _bot("Rejected reason"),
    ),
)
BROADCASTS = TableSchema(
    "Broadcasts",
    (
        _operators("Name", "singleLineText"),
        _operators("Template", "multipleRecordLinks", {LINKED_TABLE: "Templates"}),
        _operators("Include tags", "multipleSelects", _choices("vip")),
        _operators("Exclude tags", "multipleSelects", _choices("vip")),
        _operators("Variables", "multilineText"),
        _operators("Send at", "dateTime", MOMENT),
        _operators("Approved", "checkbox", TICK),
        _operators("Command", "singleSelect", _choices(*Command)),
        _bot("State", "singleSelect", _choices(*Stage)),
        _bot("Audience", "number", WHOLE),
        _bot("Skipped", "number", WHOLE),
        _bot("Queued", "number", WHOLE),
        _bot("Sent", "number", WHOLE),
        _bot("Delivered", "number", WHOLE),
        _bot("Read", "number", WHOLE),
        _bot("Failed", "number", WHOLE),
        _bot("Progress", "percent", WHOLE),
        _bot("Report", "multilineText"),
    ),
)
MESSAGES = TableSchema(
    "Messages",
    (
        _bot("Message id"),
        _bot("Contact", "multipleRecordLinks", {LINKED_TABLE: "Contacts"}),
        _bot("Direction", "singleSelect", _choices("in", "out")),
        _bot("Type"),
        _bot("Text", "multilineText"),
        _bot("Status"),
        _bot("Error", "multilineText"),
        _bot("At", "dateTime", MOMENT),
    ),
)
ALWAYS = (CONTACTS, TICKETS, HOURS, FAQ, UNANSWERED, CONSENT_LOG, TEMPLATES, BROADCASTS)


def tables_of(*, with_messages: bool) -> tuple[TableSchema, ...]:
    """The tables that a base has to have."""
    return (*ALWAYS, MESSAGES) if with_messages else ALWAYS
