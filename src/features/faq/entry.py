"""Questions that operators have answered."""

from dataclasses import dataclass

from schemas.cloud_api_limits import MAX_ROW_TITLE_CHARS, utf16_length
from utils.digest import digest


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
    #: What a row of a list shows of a long question; without it, the first words.
    short_title: str = ""
    #: What a tap on it in a list does instead: a question of the bot, or the name of a flow.
    action: str = ""
    #: Whether it is found only in its own wordings: their words may be in any question.
    is_exact: bool = False

    @property
    def title(self) -> str:
        """Return what a row of a list shows: at most `MAX_ROW_TITLE_CHARS`, in whole words."""
        return self.short_title or whole_words(self.question, MAX_ROW_TITLE_CHARS)

    @property
    def id(self) -> str:
        """Stays the same while the question does."""
        return digest(self.question, 12)


def whole_words(text: str, limit: int) -> str:
    """Return the first words of a text that fit into `limit` UTF-16 units; at least a part of one.

    Nothing marks the cut: the whole text stands beside it.
    """
    words = text.split()
    while len(words) > 1 and utf16_length(" ".join(words)) > limit:
        words.pop()
    shown = " ".join(words)
    while utf16_length(shown) > limit:
        shown = shown[:-1]
    return shown if len(words) == len(text.split()) else shown.rstrip(" ,;:.")
