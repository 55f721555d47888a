"""Where a conversation stands: what its lane stores between two turns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from flow_engine import FlowState

Value = TypeVar("Value")


class ConversationState(BaseModel):
    """The state that the core knows. Features keep theirs beside it, each in a `StateSlot`."""

    model_config = ConfigDict(frozen=True, extra="allow")

    #: Where the person stands in a form; None: in none.
    flow: FlowState | None = None
    #: Name of the menu that was shown last, whose choices may also be typed.
    menu: str | None = None

    @classmethod
    def read(cls, stored: object) -> "ConversationState":
        """Read what a lane stores; a part that cannot be read counts as not stored."""
        try:
            return cls.model_validate(stored)
        except ValidationError as error:
            wrong = {place for each in error.errors() for place in each["loc"][:1]}
            kept = stored if isinstance(stored, Mapping) and wrong else {}
            return cls.model_validate({key: kept[key] for key in kept if key not in wrong})

    def unreadable_parts(self, stored: Mapping[str, Any]) -> set[str]:
        """Return the names of the parts of `stored` that could not be read from it."""
        unread = stored.keys() - self.model_fields_set
        return unread | {slot.name for slot in _slots.values() if not slot.is_readable(self)}

    def changed(self, changes: Mapping[str, object]) -> "ConversationState":
        """Return a copy with some parts replaced; None removes the part of a feature."""
        return self.model_copy(update=dict(changes))

    def stored(self) -> Mapping[str, Any]:
        """Return the JSON object that the lane stores, without what is empty."""
        kept = self.model_dump(mode="json", exclude_defaults=True)
        return {name: value for name, value in kept.items() if value not in (None, {})}


@dataclass(frozen=True, slots=True)
class StateSlot(Generic[Value]):
    """One named part of the stored state, of one type.

    `default` is what a conversation has that never stored any.
    """

    name: str
    adapter: TypeAdapter[Value]
    default: Value

    def __post_init__(self) -> None:
        _slots[self.name] = self

    def read(self, state: ConversationState) -> Value:
        """Return the stored value, or the default; also in place of one that cannot be read."""
        try:
            return self._parse(state)
        except ValidationError:
            return self.default

    def is_readable(self, state: ConversationState) -> bool:
        """Return whether the stored value can be read, if there is any."""
        try:
            self._parse(state)
        except ValidationError:
            return False
        return True

    def _parse(self, state: ConversationState) -> Value:
        stored = (state.model_extra or {}).get(self.name)
        return self.default if stored is None else self.adapter.validate_python(stored)

    def change(self, value: Value) -> Mapping[str, object]:
        """Return the change of the state that stores `value`."""
        if value == self.default:
            return {self.name: None}
        return {self.name: self.adapter.dump_python(value, mode="json", exclude_defaults=True)}


#: All slots, by name.
_slots: dict[str, StateSlot[Any]] = {}
