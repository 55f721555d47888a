"""A copy of the project that a test may change, and the code blocks of a page that changes it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.sample.copying import put_back

ROOT = Path(__file__).parents[2]
#: Files and folders that the bot and its tests in a copy need.
COPIED = (
    "src",
    "tests/fakes",
    "tests/sample",
    "tests/conftest.py",
    "tests/acceptance/stories",
    "tests/acceptance/stage.py",
    "tests/acceptance/test_stories.py",
    "tests/storage/test_migrations.py",
    "pyproject.toml",
    ".env-example",
    "watch.py",
)

_BLOCK = re.compile(
    r"^(?P<end>At the end of )?`(?P<path>[\w./-]+)`:\n\n```(?P<kind>\w+)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


class BlockError(Exception):
    """A block of a page does not fit the project."""


@dataclass(frozen=True, slots=True)
class Block:
    """Code of a page, and the file that it belongs to."""

    path: str
    code: str
    is_diff: bool = False
    is_added_to_end: bool = False

    @property
    def is_test(self) -> bool:
        return self.path.startswith("tests/")

    def apply(self, folder: Path) -> None:
        """Write the file, or change it. Raise BlockError if it does not fit."""
        file = folder / self.path
        if not self.is_diff and not self.is_added_to_end:
            if file.exists():
                raise BlockError(f"{self.path} exists already")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self.code)
            return
        text = file.read_text()
        file.write_text(_patched(text, self) if self.is_diff else f"{text}\n{self.code}")


def blocks_of(page: str) -> list[Block]:
    """Return the blocks of a page that stand below the name of a file."""
    return [
        Block(found["path"], found["code"], found["kind"] == "diff", found["end"] is not None)
        for found in _BLOCK.finditer(page)
    ]


def _patched(text: str, block: Block) -> str:
    for hunk in re.split(r"^@@.*\n", block.code, flags=re.MULTILINE):
        lines = hunk.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        if not before:  # lines that are only added: where the hunk before them ends
            raise BlockError(f"{block.path}: a part of the change has no line to find it by")
        if text.count(before) != 1:
            raise BlockError(f"{block.path}: found {text.count(before)} times:\n{before}")
        text = text.replace(before, after)
    return text


class ForkedProject:
    """A copy of the project in a folder, with the flows and the texts of the sample."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in COPIED:
            source, target = ROOT / name, folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copy2(source, target)
        put_back(folder)
        self._as_copied = self._read()

    def changed_files(self) -> set[str]:
        """Return the files that are new or different, by their paths in the project."""
        now = self._read()
        names = now.keys() | self._as_copied.keys()
        return {name for name in names if now.get(name) != self._as_copied.get(name)}

    def restore(self) -> None:
        """Undo every change."""
        for name in self.changed_files():
            (self.folder / name).unlink(missing_ok=True)
            if name in self._as_copied:
                (self.folder / name).write_bytes(self._as_copied[name])
        folders = [path for path in self.folder.rglob("*") if path.is_dir()]
        for folder in sorted(folders, reverse=True):  # the inner ones first
            if not any(path.is_file() for path in folder.rglob("[!.]*") if path.suffix != ".pyc"):
                shutil.rmtree(folder, ignore_errors=True)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run Python with the code of the copy."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**kept, "PYTHONPATH": str(self.folder / "src")},
            capture_output=True,
            text=True,
            check=False,
        )

    def run_tests(self, *paths: str) -> "subprocess.CompletedProcess[str]":
        """Run pytest on files of the copy."""
        return self.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *paths)

    def _read(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self._files()
            if path.is_file()
        }

    def _files(self) -> Iterator[Path]:
        for path in self.folder.rglob("*"):
            if "__pycache__" not in path.parts and ".mypy_cache" not in path.parts:
                yield path


def apply(blocks: Sequence[Block], project: ForkedProject) -> None:
    """Apply the blocks in their order."""
    for block in blocks:
        block.apply(project.folder)
