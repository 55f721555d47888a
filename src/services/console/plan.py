"""The tables of the console: one table of their fields, and who owns each.

The bot writes what it owns and never reads it back; of what operators own it obeys every change
and writes nothing, but for the two fields of `ANSWERED`, which it answers.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from domain.desk import Handling

Json = dict[str, Any]

MOMENT: Json = {
    "dateFormat": {"name": "iso"},
    "timeFormat": {"name": "24hour"},
    "timeZone": "utc",
}
DAY: Json = {"dateFormat": {"name": "iso"}}
TICK: Json = {"icon": "check", "color": "greenBright"}
WHOLE: Json = {"precision": 0}


class Owner(Enum):
    BOT = "bot"
    OPERATORS = "operators"


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """A field, as Airtable makes it."""

    name: str
    type: str
    owner: Owner
    options: Json = field(default_factory=dict)

    def body(self) -> Json:
        made: Json = {"name": self.name, "type": self.type}
        return made | ({"options": self.options} if self.options else {})


@dataclass(frozen=True, slots=True)
class TablePlan:
    """A table; its first field is the key of its records."""

    name: str
    fields: tuple[FieldPlan, ...]

    @property
    def key(self) -> str:
        return self.fields[0].name

    def body(self) -> Json:
        return {"name": self.name, "fields": [one.body() for one in self.fields]}


def _choices(*names: str) -> Json:
    return {"choices": [{"name": name} for name in names]}


def _bot(name: str, type_: str = "singleLineText", options: Json | None = None) -> FieldPlan:
    return FieldPlan(name, type_, Owner.BOT, options or {})


def _operators(name: str, type_: str, options: Json | None = None) -> FieldPlan:
    return FieldPlan(name, type_, Owner.OPERATORS, options or {})


CONTACTS = TablePlan(
    "Contacts",
    (
        _bot("Contact"),
        _bot("Name"),
        _bot("Phone", "phoneNumber"),
        _bot("User ID"),
        _operators("Status", "singleSelect", _choices(*Handling)),
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
TABLES = (CONTACTS,)

#: Fields of operators that the bot changes, to answer what they did there: it unticks a reply
#: that it took, and says in the status that a person asked for somebody or was handed back.
ANSWERED = ("Send reply", "Status")
