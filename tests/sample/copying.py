"""Makes the copies of the sample, and finds what differs from them."""

import re
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tests.sample.folders import make_folder
from tests.sample.merging import WORDS, merged_folder

SAMPLE = Path(__file__).parent
ROOT = SAMPLE.parents[1]
_TABLE = re.compile(r"^\[(\w+)", re.MULTILINE)
_DEFINES = re.compile(r"^\w+ = (Flow|Menu)\(", re.MULTILINE)


def copies(root: Path = ROOT) -> Mapping[str, bytes]:
    """Return the files that the sample has if it is what ships, by their paths in it."""
    source = root / "src"
    flows = (path for path in source.glob("flows/**/*.py") if _DEFINES.search(path.read_text()))
    names = (path.parent.name for path in source.glob("features/*/feature.py"))
    found = {str(path.relative_to(source)): path.read_bytes() for path in flows}
    found["flows/__init__.py"] = (source / "flows/__init__.py").read_bytes()
    found |= {f"texts/{one.name}": _without_words(one) for one in source.glob("texts/*.toml")}
    found |= {f"texts/files/{one.name}": one.read_bytes() for one in source.glob("texts/files/*")}
    found["features.txt"] = "".join(f"{name}\n" for name in sorted(names)).encode()
    return found


def differing(root: Path = ROOT) -> list[str]:
    """Return the paths of the files that are not what ships."""
    wanted, there = copies(root), {str(path.relative_to(SAMPLE)): path for path in _copied()}
    both = sorted({*wanted, *there})
    return [
        name for name in both if name not in there or there[name].read_bytes() != wanted.get(name)
    ]


def copy_again() -> list[str]:
    """Make the sample what ships; return the paths of the files that changed."""
    wanted, changed = copies(), differing()
    for name in changed:
        file = SAMPLE / name
        if name in wanted:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(wanted[name])
        else:
            file.unlink()
    return changed


def put_back(root: Path) -> None:
    """Have a copy of a fork ship the sample again, without the features of the fork."""
    if not differing(root):
        return
    flows, texts = root / "src/flows", root / "src/texts"
    merged = merged_folder(SAMPLE / "texts", texts)
    for file in [one for one in flows.rglob("*.py") if _DEFINES.search(one.read_text())]:
        file.unlink()
    shutil.copytree(SAMPLE / "flows", flows, dirs_exist_ok=True)
    shutil.copytree(merged, texts, dirs_exist_ok=True)
    known = (SAMPLE / "features.txt").read_text(encoding="utf-8").split()
    for feature in (root / "src/features").glob("*/feature.py"):
        if feature.parent.name not in known:
            shutil.rmtree(feature.parent)


@cache
def sample_source() -> Path:
    """Return the folder that processes run: `src`, or in a fork a copy of it with the sample."""
    if not differing():
        return ROOT / "src"
    folder = make_folder("sample-source")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src", folder / "src", ignore=ignored)
    put_back(folder)
    return folder / "src"


def _copied() -> list[Path]:
    folders = ("flows/**/*.py", "texts/*.toml", "texts/files/*", "features.txt")
    return [path for folder in folders for path in SAMPLE.glob(folder)]


def _without_words(file: Path) -> bytes:
    """Return texts without the table of the words that people type."""
    text = file.read_text(encoding="utf-8")
    starts = [(found.start(), found[1]) for found in _TABLE.finditer(text)]
    ends = [start for start, _ in starts[1:]] + [len(text)]
    return "".join(
        text[start:end] for (start, name), end in zip(starts, ends, strict=True) if name != WORDS
    ).encode()
