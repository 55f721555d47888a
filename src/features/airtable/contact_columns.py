"""The columns of Contacts that operators correct: the answers of people, and their registration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from domain.user import USER_FIELDS, User
from features.airtable.columns import Column, cells_of, columns_of, title_of
from features.airtable.corrections import SharedColumn, cell_of_moment
from features.airtable.timestamps import parse_iso_datetime
from flow_engine import SavedData, SavedField
from utils.visible_text import is_blank

#: Answers with a column of their own beside the free ones, by the name of their field.
TITLES = {
    "full_name": "Full name",
    "birth_date": "Birth date",
    "about": "About",
}
_DOCUMENT = ("id_type", "id_number")
#: Columns that show an answer under another title, with the title under which it is logged.
LOGGED_AS = {"Name": "Full name"}


@dataclass(frozen=True, slots=True)
class AnswerColumn:
    """A column with one answer, checked by the rules of the form that asks for it."""

    title: str
    field: SavedField | None
    name: str

    def parse_cell(self, cell: Any) -> Mapping[str, Any]:
        if self.field is None:
            raise ValueError("no form asks for it any more")
        value = self.field.parse_cell(cell)
        is_day = self.name == "birth_date" and isinstance(value, str)
        return {self.name: date.fromisoformat(str(value)) if is_day else value}


@dataclass(frozen=True, slots=True)
class NameColumn:
    """How the bot addresses a person: until they have registered, any name will do."""

    full_name: AnswerColumn
    is_registered: bool = False
    title: str = "Name"

    def parse_cell(self, cell: Any) -> Mapping[str, Any]:
        try:
            return self.full_name.parse_cell(cell)
        except ValueError:
            name = " ".join(str(cell or "").split())
            if self.is_registered or is_blank(name):
                raise
            return {"full_name": name}


@dataclass(frozen=True, slots=True)
class DocumentColumn:
    """The kind and the number of a document, in one cell: "PASSPORT AB123456"."""

    kind: SavedField | None
    number: SavedField | None
    title: str = "Document"

    def parse_cell(self, cell: Any) -> Mapping[str, Any]:
        kind, _, number = str(cell or "").strip().partition(" ")
        if self.kind is None or self.number is None:
            raise ValueError("no form asks for it any more")
        if not number:
            raise ValueError("write its kind and its number, such as PASSPORT AB123456")
        names = {str(one).casefold(): one for one in self.kind.schema.get("enum", ())}
        named = names.get(kind.casefold(), kind)
        return {"id_type": self.kind.parse(named), "id_number": self.number.parse(number)}


@dataclass(frozen=True, slots=True)
class RegistrationColumn:
    """The time of the registration: operators register people, too."""

    title: str = "Registered at"

    def parse_cell(self, cell: Any) -> Mapping[str, Any]:
        moment = parse_iso_datetime(cell)
        if cell and moment is None:
            raise ValueError("this is no time")
        return {"registered_at": moment}


@dataclass(frozen=True, eq=False)
class ContactColumns:
    """What operators may correct in Contacts, given what the flows save."""

    free: tuple[Column, ...]
    name: NameColumn
    others: tuple[SharedColumn, ...]

    def shared_of(self, user: User) -> tuple[SharedColumn, ...]:
        """Return the columns that operators may correct of a person."""
        return (replace(self.name, is_registered=user.is_registered), *self.others)


def contact_columns(saved: SavedData, taken: Sequence[str]) -> ContactColumns:
    """Return the columns; `taken` are the names of the columns that every base has."""
    fields = {field.name: field for field in saved.profile}
    free = columns_of([one for one in saved.profile if one.name not in USER_FIELDS], taken)
    answers = [AnswerColumn(title, fields.get(name), name) for name, title in TITLES.items()]
    name = NameColumn(answers[0])
    document = DocumentColumn(fields.get("id_type"), fields.get("id_number"))
    typed = (column for column in free if not column.is_received)
    return ContactColumns(free, name, (*answers, document, RegistrationColumn(), *typed))


def shared_cells(user: User, free: Sequence[Column]) -> dict[str, Any]:
    """Return the cells that operators may correct."""
    return {
        "Name": user.full_name or user.profile_name,
        "Full name": user.full_name,
        "Document": " ".join(filter(None, (user.id_type, user.id_number))) or None,
        "Birth date": user.birth_date.isoformat() if user.birth_date else None,
        "About": user.about,
        "Registered at": cell_of_moment(user.registered_at),
        **cells_of(free, user.profile),
    }


def answers_of(user: User) -> dict[str, Any]:
    """Return the answers of a person by their names; those that were not given are left out."""
    own = {name: getattr(user, name) for name in (*TITLES, *_DOCUMENT)}
    return {name: value for name, value in {**own, **user.profile}.items() if value is not None}


def title_of_answer(name: str) -> str:
    """Return the column of an answer, for the change log."""
    return TITLES.get(name) or ("Document" if name in _DOCUMENT else title_of(name))
