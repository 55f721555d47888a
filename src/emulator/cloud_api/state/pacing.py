"""Messages that Meta holds until it knows how people like a new template.

Source: developers.facebook.com/docs/whatsapp/message-templates/guidelines (template pacing)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emulator.cloud_api.state.people import Person
from emulator.cloud_api.state.template import Template
from emulator.json import JsonObject

#: Error code of a message that was held, and is dropped since people dislike the template.
DROPPED = 132015
#: What Meta says of a message that it holds.
HELD = "held_for_quality_assessment"


@dataclass(frozen=True, slots=True)
class Sending:
    """A message that was accepted, and whose statuses are still to be reported."""

    person: Person
    wamid: str
    message: JsonObject
    #: of the template, if it is one
    category: str | None
    #: id of the number that it is sent from
    number: str


@dataclass(slots=True)
class Pacing:
    """Holds the messages of templates with "paced" in their names."""

    #: Held messages, by the id of their template.
    _held: dict[str, list[Sending]] = field(default_factory=dict)

    def holds(self, template: Template | None) -> bool:
        """Return whether messages of a template wait."""
        return template is not None and "paced" in template.name

    def hold(self, template: Template, sending: Sending) -> Mapping[str, Any]:
        """Keep a message; return what the answer to the bot says besides."""
        self._held.setdefault(template.id, []).append(sending)
        return {"message_status": HELD}

    def forget(self, person: Person) -> None:
        """Drop what is held for a person."""
        for template_id, held in self._held.items():
            self._held[template_id] = [one for one in held if one.person is not person]

    def release(self, template: Template) -> Sequence[Sending]:
        """Return what was held of a template, and hold it no longer."""
        return self._held.pop(template.id, ())
