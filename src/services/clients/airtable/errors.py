"""Refusals and troubles of Airtable, as what can be done about them.

Source: airtable.com/developers/web/api/errors
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

#: Airtable takes nothing for 30 seconds after more than 5 requests in one.
RATE_LIMIT_PENALTY = timedelta(seconds=33)
OVER_QUOTA = "PUBLIC_API_BILLING_LIMIT_EXCEEDED"
UNKNOWN_FIELD = "UNKNOWN_FIELD_NAME"


class AirtableError(Exception):
    """Airtable did not do what it was asked to. `kind` is its own word for why."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}" if message else kind)
        self.kind = kind


class WrongToken(AirtableError):
    """401: renew AIRTABLE_API_KEY."""


class Forbidden(AirtableError):
    """403: the token lacks a scope or the base, or there is no such table."""


class NotFound(AirtableError):
    """404: there is no such record, webhook or base."""


class WrongValue(AirtableError):
    """422: a field or a value is not what the base has."""

    @property
    def is_about_fields(self) -> bool:
        """The base has changed: it is nothing about this record."""
        return self.kind == UNKNOWN_FIELD


class TooFast(AirtableError):
    """429: ask nothing for `after`."""

    after = RATE_LIMIT_PENALTY


class OverQuota(AirtableError):
    """429: the calls of this month are used up."""


class Unreachable(AirtableError):
    """No answer, or one that says that Airtable is in trouble (5xx)."""


BY_STATUS: Mapping[int, type[AirtableError]] = {
    401: WrongToken,
    403: Forbidden,
    404: NotFound,
    422: WrongValue,
    429: TooFast,
}


def of(error: requests.RequestException) -> AirtableError:
    """What an exception of pyairtable means."""
    if error.response is None:
        return Unreachable("UNREACHABLE", type(error).__name__)
    kind, message = _words(error.response)
    if kind == OVER_QUOTA:
        return OverQuota(kind, message)
    return BY_STATUS.get(error.response.status_code, Unreachable)(kind, message)


def next_month(now: datetime) -> datetime:
    """When a quota that is used up is renewed: at the first of the next month, UTC."""
    first = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


def _words(response: requests.Response) -> tuple[str, str]:
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
