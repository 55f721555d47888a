"""Questions and answers in files: `faq/<any name>.<language>.md`.

## The question?

Title: what a list shows of a question of more than 24 characters
Also: other ways to ask it; one more
Exact: yes, if only these wordings ask it, since their words may be in any question
Action: what a tap on it in a list does instead of the answer: stop_messages, or a flow's name

The answer.
"""

from collections.abc import Iterator
from pathlib import Path

from features.faq.entry import FaqEntry
from schemas.cloud_api_limits import MAX_ROW_TITLE_CHARS, utf16_length
from utils.visible_text import is_blank

HEADING = "## "
#: Lines that may stand above an answer.
TITLE, ALSO, EXACT, ACTION = "title:", "also:", "exact:", "action:"


class FaqError(Exception):
    """A file cannot be used as it is; names the file and the fault."""


def load_faq(folder: Path) -> list[FaqEntry]:
    """The entries of all files of a folder, in order of their names."""
    return [entry for path in sorted(folder.glob("*.*.md")) for entry in _entries(path)]


def _entries(path: Path) -> Iterator[FaqEntry]:
    before, *parts = f"\n{path.read_text(encoding='utf-8')}".split(f"\n{HEADING}")
    if before.strip():
        raise FaqError(f"{path.name}: begin with a question, as in `## When are you open?`")
    language = path.name.split(".")[-2]
    for part in parts:
        question, _, rest = part.partition("\n")
        yield _entry(path.name, question.strip(), rest.strip().splitlines(), language)


def _entry(file: str, question: str, lines: list[str], language: str) -> FaqEntry:
    said: dict[str, str] = {}
    heads = (TITLE, ALSO, EXACT, ACTION)
    while lines and (head := lines[0].partition(":")[0].lower() + ":") in heads:
        said[head] = lines.pop(0)[len(head) :].strip()
    answer = "\n".join(lines).strip()
    if not question or is_blank(answer):
        raise FaqError(f"{file}: {question or 'a question'} has no answer")
    title = said.get(TITLE, "")
    if utf16_length(title) > MAX_ROW_TITLE_CHARS:
        raise FaqError(
            f"{file}: the title {title!r} has more than {MAX_ROW_TITLE_CHARS} characters"
        )
    also = tuple(one.strip() for one in said.get(ALSO, "").split(";") if one.strip())
    action, is_exact = said.get(ACTION, ""), EXACT in said
    return FaqEntry(
        *(question, answer, also, language),
        short_title=title,
        action=action,
        is_exact=is_exact,
    )
