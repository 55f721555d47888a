"""The table of faults, and the decisions, name tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs/reliability.md").read_text()
DECISIONS = "".join(one.read_text() for one in sorted((ROOT / "docs/decisions").glob("*.md")))
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", TABLE + DECISIONS)


def test_every_test_that_is_named_exists() -> None:
    missing = [
        f"{file}::{name}"
        for file, name in NAMED
        if not _is_of_absent_feature(file)
        and not re.search(rf"def {name}\(", (ROOT / file).read_text())
    ]
    assert missing == []


def _is_of_absent_feature(file: str) -> bool:
    _, folder, name, *_ = file.split("/")
    return folder == "features" and not (ROOT / "src/features" / name).is_dir()


def test_every_fault_has_a_test() -> None:
    rows = [line for line in TABLE.splitlines() if line.startswith("| ")]
    faults = [row for row in rows if not row.startswith("| fault |")]
    assert len(faults) > 50
    assert [row for row in faults if "`tests/" not in row.rsplit("|", 2)[1]] == []
