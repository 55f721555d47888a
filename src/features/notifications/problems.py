"""What is wrong with a request, as other systems read it: one envelope for all errors."""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from utils.storable_text import StorableText


class Code(StrEnum):
    """Codes of this API; those of templates come besides. `docs/notifications.md` explains each."""

    API_OFF = "api_off"
    KEY_MISSING = "key_missing"
    KEY_WRONG = "key_wrong"
    SCOPE_MISSING = "scope_missing"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    OVERLOADED = "overloaded"
    NOT_FOUND = "not_found"
    BODY_TOO_LARGE = "body_too_large"
    TOO_MANY_ITEMS = "too_many_items"
    JSON_INVALID = "json_invalid"
    FIELD_MISSING = "field_missing"
    FIELD_UNKNOWN = "field_unknown"
    FIELD_INVALID = "field_invalid"
    IDEMPOTENCY_KEY_MISSING = "idempotency_key_missing"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    SENDER_UNKNOWN = "sender_unknown"
    RECIPIENT_MISSING = "recipient_missing"
    PHONE_INVALID = "phone_invalid"
    PHONE_NEEDED = "phone_needed"
    CONTENT_MISSING = "content_missing"
    CONTENT_TWICE = "content_twice"
    METADATA_TOO_LARGE = "metadata_too_large"
    TEMPLATE_UNKNOWN = "template_unknown"
    LANGUAGE_UNKNOWN = "language_unknown"
    CATEGORY_CHANGED = "category_changed"
    WINDOW_CLOSED = "window_closed"
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    ERASED = "erased"
    MARKETING_CONSENT_MISSING = "marketing_consent_missing"
    MARKETING_TOO_SOON = "marketing_too_soon"
    REFERENCE_SEEN = "reference_seen"
    SEND_AT_TOO_LATE = "send_at_too_late"
    EXPIRES_TOO_EARLY = "expires_too_early"
    BUDGET_SPENT = "budget_spent"
    TOO_LATE = "too_late"
    NOT_RETRYABLE = "not_retryable"
    HELD_TOO_LONG = "held_too_long"
    NOT_PAUSED = "not_paused"
    TOO_MANY_REQUESTS = "too_many_requests"
    NOT_SENT = "not_sent"
    REFUSED_BY_META = "refused_by_meta"


class Problem(BaseModel):
    """One reason why something was not done. No text repeats a phone number or a value."""

    model_config = ConfigDict(frozen=True)

    code: str = Field(description="Stable name of the reason; docs/notifications.md lists them.")
    field: StorableText = Field(
        "", description="Part of the request, such as `items[0].template.parameters.total`."
    )
    message: StorableText = Field(description="What happened.")
    fix: str = Field("", description="The next step.")
    meta_code: int | None = Field(None, description="Meta's error code, if Meta refused.")

    def inside(self, place: str) -> "Problem":
        """Return the same problem of a part of something larger."""
        return self.model_copy(update={"field": ".".join(filter(None, (place, self.field)))})


class ErrorResponse(BaseModel):
    """The body of every answer that is not a success."""

    errors: list[Problem]


class ApiError(Exception):
    """A request cannot be done."""

    def __init__(
        self, status: int, *problems: Problem, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__("; ".join(one.code for one in problems))
        self.status = status
        self.problems: Sequence[Problem] = problems
        self.headers = headers or {}

    def response(self) -> ErrorResponse:
        """Return the body that says so."""
        return ErrorResponse(errors=list(self.problems))


def not_found() -> Problem:
    """Return the problem of an id that is nobody's, or another tenant's."""
    return Problem(code=Code.NOT_FOUND, message="There is nothing of this id.", fix="Check the id.")


def not_paused() -> Problem:
    """Return the problem of something that is to be resumed, and goes on already."""
    return Problem(
        code=Code.NOT_PAUSED,
        message="Nothing of this id is paused.",
        fix="GET /api/v1/notifications/pauses lists what is.",
    )
