"""JSON objects of Meta, read whatever they hold: what does not fit is set aside, and not lost."""

import copy
from collections.abc import Sequence
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

#: Prefix for the name of a field whose value does not fit its model; the value is kept.
UNFIT = "unfit:"


class Wire(BaseModel):
    """A JSON object from Meta. No key is required, and unknown keys are kept."""

    model_config = ConfigDict(extra="allow", populate_by_name=True, hide_input_in_errors=True)

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        """Validate any JSON object; never raise.

        A value that does not fit must neither hide the messages beside it nor make Meta redeliver
        the body for a week. It moves to a name with the prefix "unfit:", and is dumped with the
        model.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            return cls.read(_set_aside(copy.deepcopy(data), error))

    def received(self) -> dict[str, Any]:
        """Return the object as it was received, with unknown keys."""
        return self.model_dump(by_alias=True, exclude_unset=True)

    def __getitem__(self, key: str) -> Any:
        """Return a value by its key in Meta's JSON, as of a dict; raise KeyError without one."""
        field = "from_" if key == "from" else key
        if field in type(self).model_fields and field in self.model_fields_set:
            return getattr(self, field)
        return (self.model_extra or {})[key]

    def __contains__(self, key: object) -> bool:
        """Return whether Meta's JSON has a key."""
        return key in (self.model_extra or {}) or (
            ("from_" if key == "from" else key) in self.model_fields_set
        )

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value by its key in Meta's JSON, or the default without one."""
        try:
            return self[key]
        except KeyError:
            return default


def _set_aside(data: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    for each in reversed(found):  # the last item of a list first: indexes stay valid
        *path, last = each["loc"]
        _rename(data, path, last)
    return data


def _rename(data: Any, path: Sequence[int | str], last: int | str) -> None:
    parents = [data]
    for step in path:
        parents.append(parents[-1][step])
    if isinstance(last, str):
        parents[-1][f"{UNFIT}{last}"] = parents[-1].pop(last)
        return
    aside = f"{UNFIT}{path[-1]}"
    if not isinstance(parents[-2].get(aside), list):
        parents[-2][aside] = []
    parents[-2][aside].append(parents[-1].pop(last))
