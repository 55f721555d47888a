"""What a cell of each type may hold: one table.

Source: airtable.com/developers/web/api/field-model
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from emulator.airtable.errors import invalid
from emulator.airtable.formula_values import FormulaError, number, read_moment, text

#: Records and select options that a cell may name.
Options = Mapping[str, Any]
Check = Callable[[Any, Options], bool]


def _is_text(value: Any, _options: Options) -> bool:
    return isinstance(value, str)


def _is_number(value: Any, _options: Options) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_rating(value: Any, options: Options) -> bool:
    return isinstance(value, int) and 1 <= value <= int(options.get("max", 5))


def _is_barcode(value: Any, _options: Options) -> bool:
    return isinstance(value, dict) and isinstance(value.get("text"), str)


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


TEXTS = frozenset({"singleLineText", "multilineText", "richText", "email", "url", "phoneNumber"})
TYPES: Mapping[str, Check] = {
    "singleLineText": _is_text,
    "multilineText": _is_text,
    "richText": _is_text,
    "email": _is_text,
    "url": _is_text,
    "phoneNumber": _is_text,
    "number": _is_number,
    "currency": _is_number,
    "duration": _is_number,
    "rating": _is_rating,
    "barcode": _is_barcode,
    "percent": _is_number,
    "checkbox": _is_checkbox,
    "date": _is_date,
    "dateTime": _is_moment,
    "singleSelect": _is_text,
    "multipleSelects": _is_texts,
    "multipleRecordLinks": _is_texts,
    "multipleAttachments": _is_attachments,
    "singleCollaborator": _is_collaborator,
    "multipleCollaborators": lambda value, options: (
        isinstance(value, list) and all(_is_collaborator(one, options) for one in value)
    ),
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
#: Options that a new field needs, by type.
NEEDED_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "number": ("precision",),
    "percent": ("precision",),
    "currency": ("precision", "symbol"),
    "duration": ("durationFormat",),
    "rating": ("icon", "max", "color"),
    "date": ("dateFormat",),
    "multipleRecordLinks": ("linkedTableId",),
}
#: What Airtable adds to the options of a link.
LINK_OPTIONS = {"isReversed": False, "prefersSingleRecordLink": False}
SELECTS = frozenset({"singleSelect", "multipleSelects"})


def read_value(name: str, kind: str, options: dict[str, Any], value: Any, *, typecast: bool) -> Any:
    """What a cell holds after it was given `value`; None is an empty cell."""
    if typecast:
        value = cast(kind, value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # JSON of Airtable has 31, not 31.0
    if value is None or value is False or value in ("", []):
        return None
    if not TYPES[kind](value, options):
        raise invalid(
            "INVALID_VALUE_FOR_COLUMN", f'Field "{name}" cannot accept the provided value'
        )
    if kind in SELECTS:
        _check_choices(options, value if isinstance(value, list) else [value], typecast=typecast)
    return value


def cast(kind: str, value: Any) -> Any:
    """Return a value as a field of this type would take it; as it is where it cannot be read."""
    if isinstance(value, str) and kind in CASTS:
        return CASTS[kind](value)
    if kind in TEXTS and isinstance(value, int | float) and not isinstance(value, bool):
        return text(value)
    return value


def _as_number(value: str) -> Any:
    try:
        return number(value)
    except FormulaError:
        return value


def _as_moment(value: str) -> Any:
    at = read_moment(value)
    return value if at is None else written(at.replace(tzinfo=at.tzinfo or UTC).timestamp())


def written(at: float) -> str:
    """Return seconds since 1970 as Airtable writes a time."""
    moment = datetime.fromtimestamp(at, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


#: How `typecast` reads texts, by type.
CASTS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("number", "percent", "currency", "duration", "rating"), _as_number),
    "checkbox": lambda value: value.strip().lower() in ("true", "1", "yes", "checked"),
    "date": lambda value: at.date().isoformat() if (at := read_moment(value)) else value,
    "dateTime": _as_moment,
    "multipleSelects": lambda value: [one.strip() for one in value.split(",") if one.strip()],
    "multipleRecordLinks": lambda value: [one.strip() for one in value.split(",") if one.strip()],
}


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
