"""Questions that operators have answered."""

import hashlib
from dataclasses import dataclass

#: Longest question that is shown whole as the title of a row, in characters: Meta's limit.
MAX_TITLE_CHARS = 24


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
    def title(self) -> str:
        """Return a short name: the question, or the first other way to ask it that is short."""
        short = (one for one in (self.question, *self.also) if len(one) <= MAX_TITLE_CHARS)
        found = next(short, self.question)
        return found[:1].upper() + found[1:]

    @property
    def id(self) -> str:
        """Stays the same while the question does."""
        return hashlib.sha256(self.question.encode()).hexdigest()[:12]
