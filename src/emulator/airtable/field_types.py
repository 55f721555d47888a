"""What a cell of each type may hold: one table.

Source: airtable.com/developers/web/api/field-model
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from emulator.airtable.errors import invalid

#: Records and select options that a cell may name.
Options = Mapping[str, Any]
Check = Callable[[Any, Options], bool]


def _is_text(value: Any, _options: Options) -> bool:
    return isinstance(value, str)


def _is_number(value: Any, _options: Options) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_checkbox(value: Any, _options: Options) -> bool:
    return isinstance(value, bool)


def _is_date(value: Any, _options: Options) -> bool:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True


def _is_moment(value: Any, _options: Options) -> bool:
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True


def _is_texts(value: Any, _options: Options) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_attachments(value: Any, _options: Options) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict) and bool(one.get("url") or one.get("id")) for one in value
    )


def _is_collaborator(value: Any, _options: Options) -> bool:
    return isinstance(value, dict) and bool(value.get("id") or value.get("email"))


TYPES: Mapping[str, Check] = {
    "singleLineText": _is_text,
    "multilineText": _is_text,
    "richText": _is_text,
    "email": _is_text,
    "url": _is_text,
    "phoneNumber": _is_text,
    "number": _is_number,
    "percent": _is_number,
    "checkbox": _is_checkbox,
    "date": _is_date,
    "dateTime": _is_moment,
    "singleSelect": _is_text,
    "multipleSelects": _is_texts,
    "multipleRecordLinks": _is_texts,
    "multipleAttachments": _is_attachments,
    "singleCollaborator": _is_collaborator,
}
#: Field types that only a person can add.
NOT_BY_API = frozenset(
    {
        "autoNumber",
        "button",
        "count",
        "createdBy",
        "createdTime",
        "externalSyncSource",
        "formula",
        "lastModifiedBy",
        "lastModifiedTime",
        "lookup",
        "rollup",
    }
)
SELECTS = frozenset({"singleSelect", "multipleSelects"})


def read_value(name: str, kind: str, options: dict[str, Any], value: Any, *, typecast: bool) -> Any:
    """What a cell holds after it was given `value`; None is an empty cell."""
    if value is None or value is False or value in ("", []):
        return None
    if typecast and kind in ("number", "percent") and isinstance(value, str):
        value = float(value)
    if not TYPES[kind](value, options):
        raise invalid(
            "INVALID_VALUE_FOR_COLUMN", f'Field "{name}" cannot accept the provided value'
        )
    if kind in SELECTS:
        _check_choices(options, value if isinstance(value, list) else [value], typecast=typecast)
    return value


def _check_choices(options: dict[str, Any], chosen: list[str], *, typecast: bool) -> None:
    choices = options.setdefault("choices", [])
    for one in chosen:
        if one in [choice["name"] for choice in choices]:
            continue
        if not typecast:
            raise invalid(
                "INVALID_MULTIPLE_CHOICE_OPTIONS",
                f'Insufficient permissions to create new select option ""{one}""',
            )
        choices.append({"id": f"sel{len(choices):014}", "name": one})
