"""Messages that Meta holds until it knows how people like a new template.

Source: developers.facebook.com/docs/whatsapp/message-templates/guidelines (template pacing)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.cloud_api.state.template import Template

#: Error code of a message that was held, and is dropped since people dislike the template.
DROPPED = 132015
#: What Meta says of a message that it holds.
HELD = "held_for_quality_assessment"


@dataclass(slots=True)
class Pacing:
    """Holds the messages of templates with "paced" in their names."""

    #: Reports the statuses of a held message; with an error code, that it failed.
    _held: dict[str, list[Callable[[int], None]]] = field(default_factory=dict)

    def holds(self, template: Template | None) -> bool:
        """Return whether messages of a template wait."""
        return template is not None and "paced" in template.name

    def hold(self, template: Template, report: Callable[[int], None]) -> Mapping[str, Any]:
        """Keep a message; return what the answer to the bot says besides."""
        self._held.setdefault(template.id, []).append(report)
        return {"message_status": HELD}

    def decide(self, template: Template, event: str) -> None:
        """Deliver what was held once the template is APPROVED anew; drop it if it is PAUSED."""
        for report in self._held.pop(template.id, ()):
            report(0 if event == "APPROVED" else DROPPED)
