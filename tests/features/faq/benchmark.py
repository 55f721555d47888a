"""How well questions in people's own words find their answers.

PYTHONPATH=src:. python -m tests.features.faq.benchmark
"""

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from features import faq
from features.faq.reader import load_faq
from features.faq.search import FaqIndex

QUESTIONS = Path(__file__).with_name("questions.toml")
FAQ = Path(faq.__path__[0]) / "entries"
NOTHING = "nothing"


def questions() -> Iterator[tuple[str, str, str]]:
    """(language, what was asked, the question that has the answer, or NOTHING)."""
    for language, groups in tomllib.loads(QUESTIONS.read_text(encoding="utf-8")).items():
        for expected, group in groups.items():
            for asked in group["asked"]:
                yield language, asked, expected


def judge(knowledge: FaqIndex, language: str, asked: str, expected: str) -> str:
    """answered, offered (among those to choose from), wrong, or missed."""
    found = knowledge.find(asked, language)
    if found.answer is not None:
        return "answered" if found.answer.question == expected else "wrong"
    if expected == NOTHING:
        return "offered" if found.suggestions else "answered"
    return "offered" if expected in {one.question for one in found.suggestions} else "missed"


def main() -> None:
    knowledge = FaqIndex(load_faq(FAQ))
    counts: Counter[str] = Counter()
    for language, asked, expected in questions():
        verdict = judge(knowledge, language, asked, expected)
        counts[verdict] += 1
        if verdict in ("wrong", "missed"):
            print(f"{verdict:7} {language} {asked!r}: {expected}")
    total = counts.total()
    for verdict in ("answered", "offered", "missed", "wrong"):
        print(f"{verdict:9} {counts[verdict]:3} of {total}  {counts[verdict] / total:5.0%}")


if __name__ == "__main__":
    main()
