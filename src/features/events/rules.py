"""The rule of an event: which template goes to whom when it comes; each in `src/events`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from pydantic import BaseModel, ConfigDict

from features.events.parameters import Parameter, formatted, money, plain, shown
from features.events.rule_checks import rule_faults
from flow_engine.faults import FlowDefinitionError, SourceLine, calling_line

__all__ = ["EventData", "EventRule", "EventRuleError", "Parameter", "formatted", "money"]


class EventRuleError(FlowDefinitionError):
    """A rule that cannot be used as it is written; lists all faults."""


class EventData(BaseModel):
    """What an event tells. Fields that a subclass does not name are ignored."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        coerce_numbers_to_str=True,
        str_strip_whitespace=True,
        hide_input_in_errors=True,
    )


@dataclass(frozen=True, slots=True)
class EventRule:
    """When an event of one of these types comes, a template goes out.

    `to`, `entity`, `once_per` and `language` name fields of `data`.
    """

    #: Types of the event, as callers write them; also the routing keys, unless `routing_keys` are.
    types: tuple[str, ...]
    #: Model of what the event tells.
    data: type[EventData]
    #: Field with the phone number, in any writing, or with Meta's user id.
    to: str
    #: Name of the template, or name and language: `po_notification`, `po_notification:es`.
    template_key: str
    #: What fills the body: names of fields, or `money`, `formatted` and `Parameter`, in order.
    parameters: tuple[str | Parameter, ...] = ()
    #: Field whose events are handled in the order in which they came; by default the recipient's.
    entity: str = ""
    #: Fields that make a message the same: it is sent once within 90 days.
    once_per: tuple[str, ...] = ()
    #: Field that names the language of the template, or the language itself.
    language: str = ""
    #: From when until when nothing is sent, such as ("21:00", "08:00"): it waits for the end.
    quiet_hours: tuple[str, str] | None = None
    #: Returns False for an event of which nobody is told.
    when: Callable[[Any], bool] | None = None
    #: Routing keys of RabbitMQ, where they differ from the types.
    routing_keys: tuple[str, ...] = ()
    defined_at: SourceLine = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "defined_at", calling_line())
        if faults := list(rule_faults(self, self.defined_at)):
            raise EventRuleError(faults)

    @property
    def keys(self) -> tuple[str, ...]:
        """The routing keys of RabbitMQ."""
        return self.routing_keys or self.types

    def entity_of(self, data: EventData) -> str:
        """Return what the event is about: the events of one entity keep their order."""
        return shown(getattr(data, self.entity or self.to))

    def language_for(self, data: EventData) -> str | None:
        """Return the language that the rule asks for; None leaves it to the person's."""
        if self.language in self.data.model_fields:
            return shown(getattr(data, self.language)) or None
        return self.language or None

    def filled(self, data: EventData, language: str) -> Mapping[str, str]:
        """Return what fills the template, by name, in the order of the rule."""
        parameters = [plain(one) if isinstance(one, str) else one for one in self.parameters]
        return {one.name: one.fill(data, language) for one in parameters}

    def same_as(self, data: EventData) -> Sequence[str] | None:
        """Return what makes two messages the same; None if the id of the event alone does."""
        if not self.once_per:
            return None
        return [self.types[0], *(shown(getattr(data, one)) for one in self.once_per)]

    def quiet_until(self, now: datetime, zone: tzinfo) -> datetime | None:
        """Return the end of the quiet hours; None outside of them."""
        if self.quiet_hours is None:
            return None
        begin, end = (time.fromisoformat(one) for one in self.quiet_hours)
        local = now.astimezone(zone)
        clock = local.time()
        is_over_night = begin > end
        is_quiet = clock >= begin or clock < end if is_over_night else begin <= clock < end
        if not is_quiet:
            return None
        ends = datetime.combine(local.date(), end, zone)
        return ends if ends > local else datetime.combine(local.date() + timedelta(1), end, zone)
