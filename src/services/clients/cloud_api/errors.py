"""What can go wrong at Meta, by what to do about it.

WhatsAppError
├── Rejected      never send this again as it is
│   └── Blocked   nothing goes until somebody has mended the account or its token
├── Throttled     too fast: send it again after `retry_after`
└── Unavailable   Meta is down or did not answer: again later; it may have been taken (`ambiguous`)

Source: developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from utils.masking import mask

#: Too many requests of one kind or another, and how long to wait if Meta does not say.
THROTTLED = {
    4: timedelta(minutes=1),
    613: timedelta(minutes=1),
    80007: timedelta(minutes=1),
    130429: timedelta(seconds=1),
    131056: timedelta(seconds=1),
}
#: Too many messages to one person: the others are not affected.
PAIR_LIMIT = 131056

#: Refused without being taken, though not for good.
UNAVAILABLE = frozenset({1, 2, 131000, 131016, 131057, 133004})

#: Of the account, its number or its token; some come with HTTP 500.
BLOCKED = frozenset({0, 3, 10, 190, 200, 368, 131031, 131042, 131045, 133000, 133010})

#: No answer is worth more waiting than this, whatever it asks for.
MAX_RETRY_AFTER = timedelta(hours=1)

#: What to do about errors that only a person can mend.
ADVICE = {
    0: "renew WP_ACCESS_TOKEN",
    190: "renew WP_ACCESS_TOKEN",
    10: "give the token the permission whatsapp_business_messaging",
    131047: "the person wrote more than 24 hours ago: send a template",
    131042: "add a payment method in WhatsApp Manager",
    133010: "register the phone number in WhatsApp Manager",
}


class WhatsAppError(Exception):
    """Meta did not do what it was asked. Its text is masked: no number, no token."""

    def __init__(
        self,
        text: str,
        *,
        code: int | None = None,
        subcode: int | None = None,
        details: str | None = None,
        trace_id: str | None = None,
        http_status: int | None = None,
    ) -> None:
        self.code = code
        self.subcode = subcode
        self.details = mask(details) if details else None
        self.trace_id = trace_id
        self.http_status = http_status
        advice = ADVICE.get(code) if code is not None else None
        named = text if code is None or f"#{code}" in text else f"(#{code}) {text}"
        parts = [mask(named), self.details, advice, trace_id and f"trace {trace_id}"]
        super().__init__("; ".join(part for part in parts if part))


class Rejected(WhatsAppError):
    """Meta will never take this."""


class Blocked(Rejected):
    """Meta takes nothing from this account, or from this token. What was to be sent is no fault."""


class Throttled(WhatsAppError):
    """Meta takes nothing more for a while."""

    def __init__(self, text: str, *, retry_after: timedelta, **more: Any) -> None:
        super().__init__(text, **more)
        self.retry_after = retry_after


class Unavailable(WhatsAppError):
    """Meta could not be reached, or could not answer."""

    def __init__(self, text: str, *, ambiguous: bool, **more: Any) -> None:
        super().__init__(text, **more)
        #: the request may have been carried out
        self.ambiguous = ambiguous


def error_from_response(status: int, headers: Mapping[str, str], body: bytes) -> WhatsAppError:
    """The error that an answer other than 2xx means; its body may be anything."""
    error = _error_object(body)
    code = error.get("code") if isinstance(error.get("code"), int) else None
    text = str(error.get("message") or f"HTTP {status}")
    data = error.get("error_data")
    more: dict[str, Any] = {
        "code": code,
        "subcode": error.get("error_subcode"),
        "details": data.get("details") if isinstance(data, dict) else None,
        "trace_id": error.get("fbtrace_id"),
        "http_status": status,
    }
    if code in THROTTLED or status == 429:
        usual = THROTTLED.get(code or 0, timedelta(seconds=1))
        return Throttled(text, retry_after=_retry_after(headers) or usual, **more)
    if code in BLOCKED:
        return Blocked(text, **more)
    if code in UNAVAILABLE:
        return Unavailable(text, ambiguous=status >= 500, **more)
    if status >= 500:
        return Unavailable(text, ambiguous=True, **more)
    return Rejected(text, **more)


def _error_object(body: bytes) -> Mapping[str, Any]:
    try:
        error = json.loads(body)["error"]
    except (ValueError, LookupError, TypeError):
        return {}
    return error if isinstance(error, dict) else {}


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    seconds = headers.get("retry-after", "")
    if not seconds.isdecimal():
        return None
    longest = int(MAX_RETRY_AFTER.total_seconds())
    return timedelta(seconds=longest if len(seconds) > 9 else min(int(seconds), longest))
