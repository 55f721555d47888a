"""Groups questions that mean the same: they share most of the words that say something."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from features.faq.stems import STEMMERS, small_words, stems
from features.faq.unanswered import UnansweredQuestion
from flow_engine.words import normalise
from services.open_questions import QuestionGroup

#: Share of the words of the longer question that both have, to mean the same.
ALIKE = 0.6


@dataclass(slots=True)
class _Group:
    words: frozenset[str]
    language: str
    rows: list[UnansweredQuestion] = field(default_factory=list)

    def is_like(self, words: frozenset[str], language: str) -> bool:
        if language != self.language:
            return False
        return len(words & self.words) >= ALIKE * max(len(words), len(self.words))

    def shown(self) -> QuestionGroup:
        wordings = Counter(normalise(one.question) for one in self.rows)
        first = {normalise(one.question): one.question for one in reversed(self.rows)}
        return QuestionGroup(
            ids=tuple(one.id for one in self.rows),
            wordings=tuple(first[words] for words, _ in wordings.most_common()),
            language=self.language,
            asked=tuple((one.user_key, one.asked_at) for one in self.rows),
        )


def _language_of(one: UnansweredQuestion) -> str:
    """Return the language that has most small words of a question: people write in another one."""
    found = {code: small_words(one.question, code) for code in STEMMERS}
    best = max(found, key=found.__getitem__, default=one.language)
    return best if found.get(best, 0) > found.get(one.language, 0) else one.language


def group(questions: Iterable[UnansweredQuestion]) -> Sequence[QuestionGroup]:
    """Return questions, given the latest first, in groups, those of most people first."""
    groups: list[_Group] = []
    for one in questions:
        language = _language_of(one)
        # what has only small words, such as "who are you", is compared as it is
        found = stems(one.question, language) or normalise(one.question).split()
        words = frozenset(found)
        like = next((each for each in groups if each.is_like(words, language)), None)
        if like is None:
            like = _Group(words, language)
            groups.append(like)
        like.rows.append(one)
    shown = [one.shown() for one in groups]
    return sorted(shown, key=lambda one: (one.people, one.last_at), reverse=True)
