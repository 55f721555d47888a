"""What other systems send: CloudEvents 1.0 as JSON, or a plain object with an id and data."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

#: Largest event, in bytes.
MAX_EVENT_BYTES = 256 * 1024
MAX_ID_CHARS = 200
MAX_SOURCE_CHARS = 500

_MOMENT = TypeAdapter(datetime)


def _moment(value: object) -> datetime | None:
    """Return a time, or None for one that cannot be read: nothing depends on it but a metric."""
    try:
        return _MOMENT.validate_python(value)
    except ValueError:
        return None


class Envelope(BaseModel):
    """An event. Without `data`, the fields beside the envelope's own are the data."""

    model_config = ConfigDict(
        frozen=True, extra="allow", coerce_numbers_to_str=True, hide_input_in_errors=True
    )

    id: str | None = Field(
        None,
        validation_alias=AliasChoices("id", "event_id"),
        min_length=1,
        max_length=MAX_ID_CHARS,
        description="Your own id of the event: one that comes again is stored once.",
    )
    type: str | None = Field(
        None,
        validation_alias=AliasChoices("type", "event_type"),
        max_length=MAX_ID_CHARS,
        description="What happened, such as `po.approved`.",
    )
    source: str | None = Field(
        None,
        max_length=MAX_SOURCE_CHARS,
        description="The system that tells it, if several have ids of their own.",
    )
    tenant_id: str | None = Field(
        None, max_length=MAX_ID_CHARS, description="Whose event it is: see EVENTS_TENANT_ID."
    )
    time: Annotated[datetime | None, BeforeValidator(_moment)] = Field(
        None,
        validation_alias=AliasChoices("time", "timestamp"),
        description="When it happened.",
    )
    data: dict[str, Any] | None = Field(None, description="What happened, in fields of the type.")

    @property
    def content(self) -> dict[str, Any]:
        """What the event tells."""
        if self.data is not None:
            return self.data
        own = {} if self.tenant_id is None else {"tenant_id": self.tenant_id}
        return own | (self.model_extra or {})
