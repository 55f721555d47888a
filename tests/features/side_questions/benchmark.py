"""How many questions in words that nobody thought of are answered in a form, and outside of one."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from time import perf_counter

from tests.benchmarks.report import Figure, Report, Section
from tests.fakes.understanding import languages
from tests.features.side_questions.judging import HOME, NONE, PARTS, Verdict, judge, read_lines

from features.side_questions.command_actions import load
from features.side_questions.intents import read_examples
from features.side_questions.model import read_model
from features.side_questions.reader import Reader

#: How often each line is read, to measure a time.
TIMES = 5


def measure(report: Report, scale: float) -> None:
    """Ask all questions, whatever the scale: it takes some seconds."""
    section = Section("asides", "Questions in the middle of a form, and ordinary answers")
    report.sections.append(section)
    verdicts = [one for lang in languages() for part in PARTS for one in _judged(lang, part)]
    for part in PARTS:
        for language in languages():
            of_part = [
                one for one in verdicts if one.line.part == part and one.line.language == language
            ]
            _add(section, f"{part or 'first'} part, {language}", of_part)
    _add(section, "all", verdicts)
    section.add(Figure("to read a message", note=f"{_milliseconds():.2f} ms"))
    for one in verdicts:
        if not one.is_right:
            line, told = one.line, ", ".join(sorted(one.told)) or one.stage
            section.add(Figure(f"{line.situation} {line.text!r}: {line.expected}, but {told}"))


def _judged(language: str, part: str) -> Sequence[Verdict]:
    return asyncio.run(judge(language, part))


def _add(section: Section, name: str, verdicts: Sequence[Verdict]) -> None:
    counts = Counter((_kind(one), one.is_right) for one in verdicts)
    for kind in ("asked in a form", "asked elsewhere", "ordinary"):
        right, total = counts[kind, True], counts[kind, True] + counts[kind, False]
        note = f"{right:4} of {total:4}  {right / max(total, 1):6.1%}"
        section.add(Figure(f"{name}: {kind}", note=note))


def _kind(one: Verdict) -> str:
    if one.line.expected == NONE:
        return "ordinary"
    return "asked elsewhere" if one.line.situation == HOME else "asked in a form"


def _milliseconds() -> float:
    texts = load()
    reader = Reader(read_examples(texts), texts.vocabulary)
    lines = [one.text for language in languages() for one in read_lines(language)] * TIMES
    read_model()
    began = perf_counter()
    for line in lines:
        reader.read(line)
    return (perf_counter() - began) / len(lines) * 1000
