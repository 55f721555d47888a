"""Checks that each language is complete: what the program knows of it, and the texts in it."""

from collections.abc import Iterator
from pathlib import Path

import flow_engine.languages
from flow_engine import Fault
from flow_engine.faults import SourceLine
from flow_engine.languages import LANGUAGES, PROBLEMS, LanguageProblem
from texts.catalogue import Texts
from texts.toml_files import key_lines


def language_faults(texts: Texts) -> Iterator[Fault]:
    """Yield files of languages that cannot be read, and languages that have one file of two."""
    yield from map(_fault, PROBLEMS)
    unreadable = {problem.path.stem for problem in PROBLEMS}
    for code in sorted(texts.languages - LANGUAGES.keys() - unreadable):
        file = _shown(Path(flow_engine.languages.FOLDER, f"{code}.toml"))
        yield Fault(f"there are texts in {code}, but {file} is missing: {_advice(code)}")
    for code in sorted(LANGUAGES.keys() - texts.languages):
        file = _shown(Path(texts.folders[0], f"{code}.toml")) if texts.folders else f"{code}.toml"
        where = SourceLine(str(Path(flow_engine.languages.FOLDER, f"{code}.toml")), None)
        yield Fault(f"{file}, the texts in this language, is missing: {_advice(code)}", where)


def _advice(code: str) -> str:
    return f"write it with `python3 watch.py new language {code}`"


def _fault(problem: LanguageProblem) -> Fault:
    line = None
    if problem.key:
        lines = key_lines(problem.path.read_text(encoding="utf-8"))
        line = lines.get(problem.key)
    text = f"{problem.key}: {problem.text}" if problem.key else problem.text
    return Fault(text, SourceLine(str(problem.path), line))


def _shown(path: Path) -> str:
    return str(SourceLine(str(path), None))
