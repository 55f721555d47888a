"""Errors of the Cloud API, as a tree by what the caller should do.

WhatsAppError
├── Rejected      do not send this message again as it is
│   └── Blocked   send nothing until the account or its token is fixed
├── Throttled     send it again after `retry_after`
└── Unavailable   send it again later; if `ambiguous`, it may have been sent already

Source: developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from utils.masking import mask

#: Error codes of rate limits, and how long to wait if Meta does not say.
THROTTLED = {
    4: timedelta(minutes=1),
    613: timedelta(minutes=1),
    80007: timedelta(minutes=1),
    130429: timedelta(seconds=1),
    131056: timedelta(seconds=1),
}
#: Error code of the limit for messages to one person; other people are not affected.
PAIR_LIMIT = 131056

#: Error codes of temporary failures: the request was not carried out.
UNAVAILABLE = frozenset({1, 2, 131000, 131016, 131057, 133004})

#: Error codes that concern the account, its number or its token; some come with HTTP 500.
BLOCKED = frozenset({0, 3, 10, 190, 200, 368, 131031, 131042, 131045, 133000, 133010})

#: Longest pause that is accepted from Meta; a longer one is cut to this.
MAX_RETRY_AFTER = timedelta(hours=1)

#: Next step for errors that only a person can fix, by error code.
ADVICE = {
    0: "renew WP_ACCESS_TOKEN",
    190: "renew WP_ACCESS_TOKEN",
    10: "give the token the permission whatsapp_business_messaging",
    131047: "the person wrote more than 24 hours ago: send a template",
    131030: (
        "add the number to the allowed recipients of your test number (WhatsApp > API Setup). "
        "Numbers of Argentina and Mexico may be there without the 9 or the 1 after the country "
        "code, or with 15 after the area code"
    ),
    131042: "add a payment method in WhatsApp Manager",
    133010: "register the phone number in WhatsApp Manager",
}


class WhatsAppError(Exception):
    """Meta did not carry out a request. The text is masked: it has no phone number and no token."""

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
        prefix = "" if code is None else f"(#{code}) "  # a long code looks like a phone number
        named = f"{prefix}{mask(text.removeprefix(prefix))}"
        parts = [named, self.details, advice, trace_id and f"trace {trace_id}"]
        super().__init__("; ".join(part for part in parts if part))


class Rejected(WhatsAppError):
    """Meta refused the request for good."""


class Blocked(Rejected):
    """Meta refuses everything from this account or token. The message itself may be valid."""


class Throttled(WhatsAppError):
    """Meta asks for a pause of `retry_after` before the next request."""

    def __init__(self, text: str, *, retry_after: timedelta, **more: Any) -> None:
        super().__init__(text, **more)
        self.retry_after = retry_after


class Unavailable(WhatsAppError):
    """Meta was not reached, or gave no usable answer."""

    def __init__(self, text: str, *, ambiguous: bool, **more: Any) -> None:
        super().__init__(text, **more)
        #: True if the request may have been carried out.
        self.ambiguous = ambiguous


def error_from_response(status: int, headers: Mapping[str, str], body: bytes) -> WhatsAppError:
    """Return the error that an answer other than 2xx stands for. Its body may be anything."""
    error = _error_object(body)
    code = error.get("code") if isinstance(error.get("code"), int) else None
    text = str(error.get("message") or f"HTTP {status}")
    data = error.get("error_data")
    more: dict[str, Any] = {
        "code": code,
        "subcode": error.get("error_subcode"),
        "details": (data.get("details") if isinstance(data, dict) else None)
        or error.get("error_user_msg"),
        "trace_id": error.get("fbtrace_id"),
        "http_status": status,
    }
    if code in THROTTLED or status == 429:
        usual = THROTTLED.get(code or 0, timedelta(seconds=1))
        return Throttled(text, retry_after=_retry_after(headers) or usual, **more)
    if code in BLOCKED:
        return Blocked(text, **more)
    if code in UNAVAILABLE or status >= 500:
        return Unavailable(text, ambiguous=status >= 500, **more)
    if status < 400:  # a redirect: of whatever stands in between, for Meta sends none
        return Unavailable(text, ambiguous=False, **more)
    return Rejected(text, **more)


def _error_object(body: bytes) -> Mapping[str, Any]:
    try:
        error = json.loads(body)["error"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return {}
    return error if isinstance(error, dict) else {}


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    seconds = headers.get("retry-after", "")
    if not seconds.isdecimal():
        return None
    longest = int(MAX_RETRY_AFTER.total_seconds())
    return timedelta(seconds=longest if len(seconds) > 9 else min(int(seconds), longest))
