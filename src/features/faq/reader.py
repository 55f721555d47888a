"""Questions and answers in files: `faq/<any name>.<language>.md`.

## The question?

Also: other ways to ask it; one more

The answer.
"""

from collections.abc import Iterator
from pathlib import Path

from features.faq.entry import FaqEntry
from utils.visible_text import is_blank

HEADING, ALSO = "## ", "also:"


class FaqError(Exception):
    """A file cannot be used as it is; names the file and the fault."""


def load_faq(folder: Path) -> list[FaqEntry]:
    """The entries of all files of a folder, in order of their names."""
    return [entry for path in sorted(folder.glob("*.*.md")) for entry in _entries(path)]


def _entries(path: Path) -> Iterator[FaqEntry]:
    before, *parts = f"\n{path.read_text(encoding='utf-8')}".split(f"\n{HEADING}")
    if before.strip():
        raise FaqError(f"{path.name}: begin with a question, as in `## When are you open?`")
    for part in parts:
        question, _, rest = part.partition("\n")
        lines = rest.strip().splitlines()
        also: tuple[str, ...] = ()
        if lines and lines[0].lower().startswith(ALSO):
            also = tuple(one.strip() for one in lines.pop(0)[len(ALSO) :].split(";"))
        answer = "\n".join(lines).strip()
        if not question.strip() or is_blank(answer):
            raise FaqError(f"{path.name}: {question.strip() or 'a question'} has no answer")
        language = path.name.split(".")[-2]
        yield FaqEntry(question.strip(), answer, also=also, language=language)
