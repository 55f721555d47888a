"""Questions that operators have answered."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One question and its answer."""

    question: str
    answer: str
    #: other ways to ask the same
    also: tuple[str, ...] = ()
    #: "en", "es"; None fits everybody
    language: str | None = None
    #: Airtable's id of its record, if operators wrote it there
    record_id: str | None = None

    @property
    def id(self) -> str:
        """Stays the same while the question does."""
        return hashlib.sha256(self.question.encode()).hexdigest()[:12]
