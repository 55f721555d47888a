"""How many questions in people's own words find their answer in the FAQ."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.report import Figure, Report, Section

from features import faq
from features.faq.reader import load_faq
from features.faq.search import FaqIndex

QUESTIONS = Path(__file__).with_name("questions.toml")
FAQ = Path(faq.__path__[0]) / "texts/entries"
NOTHING = "nothing"


def questions() -> Iterator[tuple[str, str, str]]:
    """Yield (language, what was asked, the question that has the answer, or NOTHING)."""
    for language, groups in tomllib.loads(QUESTIONS.read_text(encoding="utf-8")).items():
        for expected, group in groups.items():
            for asked in group["asked"]:
                yield language, asked, expected


def judge(knowledge: FaqIndex, language: str, asked: str, expected: str) -> str:
    """Return answered, offered (among those to choose from), wrong, or missed."""
    found = knowledge.find(asked, language)
    if found.answer is not None:
        return "answered" if found.answer.question == expected else "wrong"
    if expected == NOTHING:
        return "offered" if found.suggestions else "answered"
    return "offered" if expected in {one.question for one in found.suggestions} else "missed"


def measure(report: Report, scale: float) -> None:
    """Ask all questions, whatever the scale: it takes a second."""
    section = Section("knowledge", "Questions in people's own words, answered from the FAQ")
    report.sections.append(section)
    knowledge = FaqIndex(load_faq(FAQ))
    verdicts: list[tuple[str, str]] = []
    for language, asked, expected in questions():
        verdict = judge(knowledge, language, asked, expected)
        verdicts.append((verdict, f"{language} {asked!r}: {expected}"))
    counts = Counter(verdict for verdict, _ in verdicts)
    for verdict in ("answered", "offered", "missed", "wrong"):
        share = counts[verdict] / counts.total()
        note = f"{counts[verdict]:3} of {counts.total()}  {share:5.0%}"
        section.add(Figure(verdict, note=note))
    for verdict, question in verdicts:
        if verdict in ("wrong", "missed"):
            section.add(Figure(f"{verdict}: {question}"))
