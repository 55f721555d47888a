"""Why the rules of a form refuse a value, in plain words for operators.

The kinds are pydantic's: https://docs.pydantic.dev/latest/errors/validation_errors
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

#: By the kind of the error, or the beginning of its name; what is in brackets is its context.
_REASONS: Mapping[str, str] = {
    "missing": "it is empty",
    "greater_than_equal": "it has to be {ge} or more",
    "greater_than": "it has to be more than {gt}",
    "less_than_equal": "it has to be {le} or less",
    "less_than": "it has to be less than {lt}",
    "multiple_of": "it has to be a multiple of {multiple_of}",
    "int_": "it is not a whole number",
    "float_": "it is not a number",
    "finite_number": "it is not a number",
    "decimal_max_places": "it has more than {decimal_places} decimal places",
    "decimal_max_digits": "it has more than {max_digits} digits",
    "decimal_": "it is not a number",
    "bool_": "it is neither yes nor no",
    "literal_error": "it is none of: {expected}",
    "enum": "it is none of: {expected}",
    "date_past": "it has to be a day in the past",
    "date_future": "it has to be a day in the future",
    "date_": "it is not a date",
    "datetime_": "it is not a time",
    "time_": "it is not a time",
    "url_": "it is not a web address",
    "string_too_short": "it has to have {min_length} characters or more",
    "string_too_long": "it has to have {max_length} characters or fewer",
    "string_pattern_mismatch": "it is not written as the form expects",
    "string_": "it is not a text",
    "too_short": "too few are chosen: {min_length} or more are needed",
    "too_long": "too many are chosen: {max_length} are the most",
    "list_": "it is not a list",
}
_OTHER = "it does not fit the form"
#: What pydantic says of each wrong mail address, whatever is wrong with it.
_WRONG_MAIL = "value is not a valid email address"
NOT_MAIL = "it is not a mail address"


def reason_of(error: ValueError) -> str:
    """Return why a value is refused; a fork's own rule gives its own words."""
    if not isinstance(error, ValidationError):
        return str(error).rstrip(".")
    first = error.errors(include_url=False)[0]
    kind, context = first["type"], dict(first.get("ctx") or {})
    if kind in ("value_error", "assertion_error"):
        words = str(context.get("error") or context.get("reason") or first["msg"])
        is_mail = str(first["msg"]).startswith(_WRONG_MAIL)
        return NOT_MAIL if is_mail else words.rstrip(".") or _OTHER
    return _filled(_named(kind), {name: _plain(value) for name, value in context.items()})


def _named(kind: str) -> str:
    starts = (start for start in _REASONS if start.endswith("_") and kind.startswith(start))
    return _REASONS.get(kind) or _REASONS.get(next(starts, "")) or _OTHER


def _filled(reason: str, context: Mapping[str, Any]) -> str:
    try:
        return reason.format_map(context)
    except KeyError:  # a kind of a later version
        return _OTHER


def _plain(value: object) -> str:
    """Return a value as people write it: pydantic quotes choices, "'a', 'b' or 'c'"."""
    return str(value).replace("'", "")
