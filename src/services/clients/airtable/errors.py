"""Errors of Airtable, by what the caller should do.

Source: airtable.com/developers/web/api/errors
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import requests

#: Pause after a refused request: Airtable refuses everything for 30 seconds.
RATE_LIMIT_PENALTY = timedelta(seconds=33)
#: Airtable's word for a used-up monthly quota.
OVER_QUOTA = "PUBLIC_API_BILLING_LIMIT_EXCEEDED"
#: Airtable's word for a field that the table does not have.
UNKNOWN_FIELD = "UNKNOWN_FIELD_NAME"
#: Airtable's words for a record that is not there (any more).
GONE_RECORDS = ("NOT_FOUND", "ROW_DOES_NOT_EXIST", "MODEL_ID_NOT_FOUND", "INVALID_RECORDS")


class AirtableError(Exception):
    """Airtable did not carry out a request. `kind` is Airtable's own word for the reason."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}" if message else kind)
        self.kind = kind

    @property
    def is_about_record(self) -> bool:
        """Return whether a record is not there: somebody deleted it, or a link of it."""
        return self.kind in GONE_RECORDS


class WrongToken(AirtableError):
    """401: renew AIRTABLE_API_KEY."""


class Forbidden(AirtableError):
    """403: the token lacks a scope or access to the base, or the table does not exist."""


class NotFound(AirtableError):
    """404: the record, webhook or base does not exist."""


class WrongValue(AirtableError):
    """422: a field or a value does not fit the base."""

    @property
    def is_about_fields(self) -> bool:
        """Return whether the table lacks a field: the schema changed, the record may be right."""
        return self.kind == UNKNOWN_FIELD


class TooFast(AirtableError):
    """429: send no request for `after`."""

    after = RATE_LIMIT_PENALTY


class OverQuota(AirtableError):
    """429: the monthly quota of calls is used up."""


class Unreachable(AirtableError):
    """Airtable gave no answer, or failed by itself (5xx)."""


BY_STATUS: Mapping[int, type[AirtableError]] = {
    401: WrongToken,
    403: Forbidden,
    404: NotFound,
    413: WrongValue,
    422: WrongValue,
    429: TooFast,
}


def of(error: "requests.RequestException") -> AirtableError:
    """Return the error that an exception of pyairtable stands for."""
    if error.response is None:
        return Unreachable("UNREACHABLE", type(error).__name__)
    kind, message = _words(error.response)
    if kind == OVER_QUOTA:
        return OverQuota(kind, message)
    return BY_STATUS.get(error.response.status_code, Unreachable)(kind, message)


def _words(response: "requests.Response") -> tuple[str, str]:
    try:
        body: Any = response.json()
    except ValueError:
        body = None
    found = body.get("error") if isinstance(body, dict) else None
    if isinstance(body, dict) and isinstance(body.get("errors"), list) and body["errors"]:
        found = body["errors"][0]
        return str(found.get("error")), str(found.get("message", ""))
    if isinstance(found, dict):
        return str(found.get("type")), str(found.get("message", ""))
    return str(found or f"HTTP {response.status_code}"), ""
