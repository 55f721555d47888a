"""Questions that the bot could not answer, and answers that operators write for everybody."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Questions that mean the same, in the words of several people."""

    #: one id for each person and wording
    ids: tuple[str, ...]
    #: the most frequent first
    wordings: tuple[str, ...]
    language: str
    #: (key of the person, time) of each question, the latest first
    asked: tuple[tuple[str, datetime], ...]

    @property
    def last_at(self) -> datetime:
        """Return when it was asked last."""
        return self.asked[0][1]

    @property
    def people(self) -> int:
        """Return how many people asked."""
        return len({key for key, _ in self.asked})


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """An answer that operators wrote, and that the bot gives from now on."""

    question: str
    answer: str
    language: str
    #: other wordings of the question
    also: tuple[str, ...] = ()
    author: str = ""
    #: whether it is edited elsewhere by now: in Airtable, say
    is_elsewhere: bool = False


class OpenQuestions(ABC):
    """A feature that keeps what it could not answer, and takes answers of operators."""

    @abstractmethod
    async def open_questions(self) -> Sequence[QuestionGroup]:
        """Return the questions that have no answer, those of most people first."""

    @abstractmethod
    async def settle_questions(self, ids: Collection[str], answer: WrittenAnswer | None) -> None:
        """Keep an answer, if any, and show these questions no more."""

    @abstractmethod
    async def written_answers(self) -> Sequence[WrittenAnswer]:
        """Return the answers that operators wrote here, the latest first."""

    @abstractmethod
    async def remove_answer(self, question: str) -> None:
        """Forget an answer that operators wrote here."""
