"""docs/map.md names every folder and feature, with about as many lines as they have."""

import re
from pathlib import Path

from app.cli.project_map import FOLDERS, OF_FEATURES, page
from app.composition.features import find_features

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/map.md").read_text()
NUMBER = re.compile(
    r"(?<=\| )[\d,]+(?= \|)|(?<=The core has )[\d,]+|(?<=Of them, )[\d,]+"
    r"|(?<=language, and )[\d,]+|(?<=The other )[\d,]+|(?<=in )\d+(?= files)"
)
#: Share by which numbers of lines may differ, so that not each change of code changes the page.
TOLERANCE = 0.1


def rows(text: str) -> list[str]:
    """Lines whose features are there: those of a deleted feature do not count."""
    absent = r"\| `(\w+)` \|"
    there = {feature.name for feature in find_features()}
    return [
        line
        for line in text.splitlines()
        if not (found := re.match(absent, line)) or found[1] in there
    ]


def test_the_page_is_that_of_watch_py_map() -> None:
    generated, written = rows(page(ROOT, find_features())), rows(PAGE)
    if find_features():
        assert [NUMBER.sub("n", line) for line in written] == [
            NUMBER.sub("n", line) for line in generated
        ]
    for ours, theirs in zip(written, generated, strict=False):
        for old, new in zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=False):
            was, is_now = (int(number.replace(",", "")) for number in (old, new))
            if not ours.startswith("| `features/`"):
                assert abs(was - is_now) <= max(20, TOLERANCE * is_now), ours


def test_every_folder_of_the_source_has_a_row() -> None:
    source = ROOT / "src"
    there = {path.name for path in source.iterdir() if any(path.glob("*.py"))}
    assert {name.partition("/")[0] for name in FOLDERS} - {*OF_FEATURES} == there - {*OF_FEATURES}
