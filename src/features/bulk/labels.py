"""What statistics group messages by: a label, whose number is made of its parts."""

import hashlib
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Insert, bindparam

from features.bulk.tables import label
from storage.engine.compiled import CompiledStatement
from storage.engine.database import insert_for
from storage.engine.write import Write
from storage.tables.deliveries import Label


class Labels(NamedTuple):
    """The parts of a label."""

    tenant: str
    #: Meta's id of the phone number that sends.
    number: str
    #: Who sends: "api", "broadcast".
    source: str
    template: str | None
    language: str | None
    #: Meta's category of the template.
    category: str | None

    @property
    def id(self) -> int:
        """Return the same number for the same parts, in all processes: 63 bits of a hash."""
        written = "\0".join(one or "" for one in self)
        return int.from_bytes(hashlib.sha256(written.encode()).digest()[:8]) >> 1

    def at(self, when: datetime) -> Label:
        """Return what a message is counted as, and at what time."""
        return Label(self.id, when)

    def write(self) -> Write:
        """Add the label, if it is new."""
        return Write(_add, [{"row_key": self.id, **self._asdict()}])


@CompiledStatement
def _add(dialect: str) -> Insert:
    parts: dict[str, Any] = {name: bindparam(name) for name in Labels._fields}
    new = insert_for(dialect, label).values(id=bindparam("row_key"), **parts)
    return new.on_conflict_do_nothing()
