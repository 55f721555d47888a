"""The glossary names every package, and only modules that exist."""

import re
from collections.abc import Iterator
from pathlib import Path

from app.cli.project_map import OF_FEATURES

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"
GLOSSARY = (ROOT / "docs/glossary.md").read_text()
PARENTS = ("", "services", "storage", "features")
PACKAGE_ROW = re.compile(r"^\| `([\w/]+)` \|", re.MULTILINE)
TERM_ROW = re.compile(r"^\| ([^`|]+) \| ([^|]+) \| `([\w/.]+)` \|$", re.MULTILINE)
#: Folders that a fork may delete, with what is in them.
FEATURES = "features"


def packages() -> Iterator[str]:
    for parent in PARENTS:
        folder = SOURCE / parent
        if folder.is_dir():
            for path in folder.iterdir():
                if path.is_dir() and any(path.rglob("*.py")):
                    yield path.relative_to(SOURCE).as_posix()


def test_every_package_is_in_the_glossary() -> None:
    assert set(packages()) - set(PACKAGE_ROW.findall(GLOSSARY)) == set()


def test_the_glossary_names_only_what_exists() -> None:
    named = [*PACKAGE_ROW.findall(GLOSSARY), *(place for _, _, place in TERM_ROW.findall(GLOSSARY))]
    expected = [place for place in named if not place.startswith((FEATURES, *OF_FEATURES))]
    assert [place for place in expected if not (SOURCE / place).exists()] == []
    for feature in [path for path in named if path.startswith(FEATURES)]:
        folder = "/".join(feature.split("/")[:2])
        if (SOURCE / folder).is_dir():
            assert (SOURCE / feature).exists(), feature


def test_every_term_has_one_sentence_and_appears_once() -> None:
    terms = [(term, meaning) for term, meaning, _ in TERM_ROW.findall(GLOSSARY) if term != "term"]
    assert len(terms) > 60
    assert len({term for term, _ in terms}) == len(terms)
    assert [meaning for _, meaning in terms if not meaning.endswith(".")] == []
    assert [meaning for _, meaning in terms if ". " in meaning] == []
