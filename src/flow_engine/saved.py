"""What flows save, for whoever shows it: forms as records, and the answers of profiles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from flow_engine.effects import Say, StartFlow
from flow_engine.field_types import is_optional


@dataclass(frozen=True, slots=True)
class StatusAction:
    """What happens when an operator gives a record a status.

    A `Say` is told the fields of the record as parameters. WhatsApp lets only a template through
    once 24 hours have passed since the person wrote: `template` is the name of an approved one,
    and `parameters` are the fields that fill in its {{1}}, {{2}} and so on.
    """

    effect: Say | StartFlow
    template: str | None = None
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class SavedField:
    """One answer that a flow saves, with the type that its form gives it."""

    name: str
    #: type of the form's field, with its constraints
    annotation: Any
    #: kept from the assistant
    is_private: bool = False

    @cached_property
    def schema(self) -> Mapping[str, Any]:
        """Return the JSON schema of the type; empty if it has none."""
        try:
            return self._adapter.json_schema()
        except Exception:  # noqa: BLE001  types of a fork may have none, in any way
            return {}

    def parse(self, value: object) -> object:
        """Read a value by the rules of the form; pydantic's ValidationError if it breaks them."""
        text = _as_typed(value)
        return self._adapter.dump_python(self._adapter.validate_python(text), mode="json")

    def parse_cell(self, cell: object) -> object:
        """Read a cell of a table; an empty one is no answer, where the form allows that."""
        if cell is None and is_optional(self.annotation):
            return None
        value = self.parse("" if cell is None else cell)
        return None if value == "" else value

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.annotation)


@dataclass(frozen=True, eq=False)
class SavedForm:
    """What flows save under one name: `SaveRecord("bookings", ...)`."""

    name: str
    fields: tuple[SavedField, ...]
    #: by the status that operators set
    on_status: Mapping[str, StatusAction] = field(default_factory=dict)
    #: sources of the fields whose options are loaded
    sources: Mapping[str, str] = field(default_factory=dict)

    def field(self, name: str) -> SavedField | None:
        return next((one for one in self.fields if one.name == name), None)

    def option_key(self, answers: Mapping[str, object]) -> str | None:
        """Return the loaded option that answers take: its source and its id; None if none."""
        taken = (
            f"{source}:{answers[name]}" for name, source in self.sources.items() if name in answers
        )
        return next(taken, None)


@dataclass(frozen=True, eq=False)
class SavedData:
    """Everything that the flows save."""

    forms: tuple[SavedForm, ...] = ()
    #: answers that `SaveProfile` keeps, those with a column in `users` too
    profile: tuple[SavedField, ...] = ()
    #: sources of options that the flows name, such as "airtable:Slots"
    sources: tuple[str, ...] = ()

    def form(self, name: str) -> SavedForm | None:
        return next((one for one in self.forms if one.name == name), None)


def _as_typed(value: object) -> object:
    """Return a value as a person would type it: forms read texts."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() if isinstance(value, str | int | float) else value
