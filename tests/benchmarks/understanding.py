"""How much of what people write is understood: by language, by situation, and what is confused."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from tests.benchmarks.report import Figure, Report, Section
from tests.fakes.understanding import PARTS, Judged, judge_corpus, languages


def measure(report: Report, scale: float) -> None:
    """Judge every line of the corpus, whatever the scale: it takes seconds."""
    for language in languages():
        section = Section(f"understanding_{language}", f"What people write, understood: {language}")
        report.sections.append(section)
        judged = asyncio.run(judge_corpus(language))
        for situation in dict.fromkeys(one.line.situation for one in judged):
            _add_share(
                section, situation, [one for one in judged if one.line.situation == situation]
            )
        for part in PARTS:
            name = f"part written {f'after the rules ({part})' if part else 'before the rules'}"
            _add_share(section, name, [one for one in judged if one.line.part == part])
        _add_share(section, "all", judged)
        for one in judged:
            if not one.is_right:
                line, mark = one.line, "WRONG ANSWER" if one.is_wrong_answer else "but"
                taken = " or ".join(one.taken)
                name = f"{line.situation} {line.text!r}: {line.expected}"
                section.add(Figure(name, note=f"{mark} {taken}"))


def _add_share(section: Section, name: str, judged: Sequence[Judged]) -> None:
    counts = Counter(one.is_right for one in judged)
    share = counts[True] / counts.total()
    section.add(Figure(name, note=f"{counts[True]:4} of {counts.total():4}  {share:6.1%}"))
